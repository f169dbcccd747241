// @ts-check
// Starts an example and calls it, with Campaign's log as the witness.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { sendWorkflowCommand } from "campaign-workflow";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { startProgram } from "../support/program.mjs";

const organization = "acme-mkt-stage";

/**
 * A caller who leaves while Campaign takes its time to call the token expired: the gateway goes on, with a fresh one.
 *
 * @param {string} baseUrl @param {import("campaign-workflow/emulator").CampaignEmulator} emulator
 */
async function leaves(baseUrl, emulator) {
  await emulator.clearLog();
  await emulator.addFault({ kind: "token-expired", delayMs: 500 });
  const seen = async (/** @type {number} */ requests) => {
    for (const end = Date.now() + 10_000; (await emulator.log()).length < requests; ) {
      assert.ok(Date.now() < end, `${requests} requests in time`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const leaving = new AbortController();
  const call = {
    organization,
    workflowId: "WKF104",
    command: /** @type {const} */ ("start"),
    baseUrl,
    accessToken: "a-caller",
  };
  const left = sendWorkflowCommand({ ...call, signal: leaving.signal }).catch((error) => error);
  await seen(1);
  leaving.abort();
  assert.equal((await left).code, "aborted");
  await seen(2);
  assert.deepEqual(
    (await emulator.log()).map(({ status }) => status),
    [401, 200],
  );
}

/** @param {string} command @param {string[]} args @param {string} cwd */
export async function callExample(command, args, cwd) {
  const ims = createServer((_, response) =>
    response.end(JSON.stringify({ access_token: "local-token", expires_in: 86_399 })),
  );
  await new Promise((resolve) => ims.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (ims.address());
  const campaign = await serveEmulator({ organization });
  const env = {
    CAMPAIGN_ORGANIZATION: organization,
    CAMPAIGN_URL: campaign.url,
    WORKFLOWS: "WKF101 WKF104",
    PORT: "0",
    IMS_CLIENT_ID: "local-key",
    IMS_CLIENT_SECRET: "example-secret",
    IMS_SCOPE: "openid,AdobeID",
    IMS_TOKEN_URL: `http://127.0.0.1:${port}/`,
    CALLER_KEY: "a-caller",
  };
  const program = await startProgram(command, args, {
    cwd,
    env,
    timeoutMs: 30_000,
    ready: (output) => /http:\/\/127\.0\.0\.1:\d+/.test(output),
  });
  try {
    const baseUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(program.output())?.[0] ?? assert.fail();
    const call = { organization, workflowId: "WKF101", command: /** @type {const} */ ("start"), baseUrl };
    const receipt = await sendWorkflowCommand({ ...call, accessToken: "a-caller" });
    assert.equal(receipt.status, 200);
    for (const [change, status] of /** @type {[object, number][]} */ ([
      [{ accessToken: "another" }, 403],
      [{}, 403],
      [{ workflowId: "WKF102", accessToken: "a-caller" }, 404],
    ])) {
      const error = await sendWorkflowCommand({ ...call, ...change }).then(
        () => assert.fail(),
        (error) => error,
      );
      assert.deepEqual([error.status, error.outcome], [status, "not-executed"]);
    }
    const log = await campaign.emulator.log();
    assert.deepEqual(
      log.map(({ workflowId, command, problem, executed }) => [workflowId, command, problem, executed]),
      [["WKF101", "start", null, true]],
    );
    await leaves(baseUrl, campaign.emulator);
    assert.ok(!program.output().includes("example-secret"));
  } finally {
    await program.stop();
    await campaign.close();
    ims.close();
    ims.closeAllConnections();
  }
}
