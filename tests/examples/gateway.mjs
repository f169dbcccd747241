// @ts-check
// Starts the gateway of an example and sends commands through it with the shipped client. The witness is Campaign's log.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { sendWorkflowCommand } from "campaign-workflow";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { runProgram, startProgram } from "../support/program.mjs";

/** @typedef {import("campaign-workflow/emulator").CampaignEmulator} CampaignEmulator */
/** @typedef {{ command: string, args: string[], cwd: string }} Program */

const organization = "acme-mkt-stage";
const workflowId = "WKF101";
const key = "key-of-the-callers-5d0c";
const clientSecret = "client-secret-77ab";

/** The variables that the examples' README lists as required. */
const required = {
  CAMPAIGN_ORGANIZATION: organization,
  IMS_CLIENT_ID: "local-key",
  IMS_CLIENT_SECRET: clientSecret,
  IMS_SCOPE: "openid,AdobeID",
  CALLER_KEY: key,
};

/**
 * What each of the three gateways promises.
 *
 * @param {string} command @param {string[]} args @param {string} cwd
 */
export async function callExample(command, args, cwd) {
  const program = { command, args, cwd };
  await refusesToStart(program);
  const ims = await startIms();
  const campaign = await serveEmulator({ organization });
  const { url: CAMPAIGN_URL, emulator } = campaign;
  const env = { ...required, CAMPAIGN_URL, IMS_TOKEN_URL: ims.url, WORKFLOWS: "WKF101 WKF104", PORT: "0" };
  const isListening = (/** @type {string} */ output) => /http:\/\/127\.0\.0\.1:\d+/.test(output);
  const started = await startProgram(command, args, { cwd, env, timeoutMs: 60_000, ready: isListening });
  try {
    const baseUrl = /http:\/\/127\.0\.0\.1:\d+/.exec(started.output())?.[0] ?? assert.fail();
    await passesCommandsOn(baseUrl, emulator);
    await goesOnWithoutItsCaller(baseUrl, emulator);
    assert.ok(started.output().includes('"outcome":"accepted"'), "the commands are logged");
    for (const secret of [key, clientSecret]) assert.ok(!started.output().includes(secret));
  } finally {
    await started.stop();
    await Promise.all([campaign.close(), ims.close()]);
  }
}

/** Adobe's identity service: gives the token that the emulator accepts. */
async function startIms() {
  const server = createServer((_, response) =>
    response.end(JSON.stringify({ access_token: "local-token", expires_in: 86_399 })),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => (server.close(), server.closeAllConnections()) };
}

/** Without its secrets, and with one that can be guessed. @param {Program} program */
async function refusesToStart({ command, args, cwd }) {
  const startWith = (/** @type {Record<string, string>} */ env) =>
    runProgram(command, args, { cwd, env: { ...required, PORT: "0", ...env }, timeoutMs: 60_000 });
  await assert.rejects(
    startWith({ IMS_CLIENT_SECRET: "", CALLER_KEY: "" }),
    /ended with 1:.*can't start\. Set the environment variables IMS_CLIENT_SECRET, CALLER_KEY\./s,
  );
  await assert.rejects(startWith({ CALLER_KEY: "a".repeat(15) }), /ended with 1:.*CALLER_KEY needs 16 characters/s);
}

/** Those of callers who have the key, for workflows that are listed. @param {string} baseUrl @param {CampaignEmulator} emulator */
async function passesCommandsOn(baseUrl, emulator) {
  const request = { organization, workflowId, command: /** @type {const} */ ("start"), baseUrl };
  for (const [change, status] of /** @type {[object, number][]} */ ([
    [{ accessToken: "another-key-of-callers" }, 403],
    [{ accessToken: `${key}x` }, 403],
    [{}, 403],
    [{ workflowId: "WKF102", accessToken: key }, 404],
  ])) {
    const error = await sendWorkflowCommand({ ...request, ...change }).then(
      () => assert.fail(`accepted: ${JSON.stringify(change)}`),
      (error) => error,
    );
    assert.deepEqual([error.status, error.outcome], [status, "not-executed"]);
  }
  assert.deepEqual(await emulator.log(), []);
  const receipt = await sendWorkflowCommand({ ...request, accessToken: key });
  assert.equal(receipt.status, 200);
  const log = await emulator.log();
  assert.deepEqual(
    log.map(({ workflowId, command, problem, executed }) => [workflowId, command, problem, executed]),
    [[workflowId, "start", null, true]],
  );
}

/**
 * The caller leaves while Campaign delays its answer that the token has expired: the gateway still gets a new token and sends the
 * command again.
 *
 * @param {string} baseUrl @param {CampaignEmulator} emulator
 */
async function goesOnWithoutItsCaller(baseUrl, emulator) {
  await emulator.clearLog();
  await emulator.addFault({ kind: "token-expired", delayMs: 500 });
  const logHas = async (/** @type {number} */ requests) => {
    for (const end = Date.now() + 10_000; (await emulator.log()).length < requests; ) {
      assert.ok(Date.now() < end, `${requests} requests in time`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const leaving = new AbortController();
  const left = sendWorkflowCommand({
    organization,
    workflowId: "WKF104",
    command: "start",
    baseUrl,
    accessToken: key,
    signal: leaving.signal,
  }).catch((error) => error);
  await logHas(1);
  leaving.abort();
  assert.equal((await left).code, "aborted");
  await logHas(2);
  assert.deepEqual(
    (await emulator.log()).map(({ status }) => status),
    [401, 200],
  );
}
