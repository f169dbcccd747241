// @ts-check
// Adobe's own SDK, unmodified, against the emulator: directly and through the gateway. It shows that the emulator also accepts a
// client that is not from this project. The SDK sends no Cache-Control, which Campaign tolerates.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { createGateway } from "campaign-workflow/gateway";
import { npm, run } from "../../scripts/lib/process.mjs";

const folder = fileURLToPath(new URL("adobe-sdk/", import.meta.url));
const organization = "acme-mkt-stage";
const credentials = { apiKey: "local-key", accessToken: "local-token" };

/** @typedef {{ url: string, emulator: CampaignEmulator, close: () => Promise<void> }} Served */

before(
  async () => {
    if (existsSync(`${folder}node_modules/.package-lock.json`)) return;
    const [command, args] = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund");
    await run(command, args, { cwd: folder });
  },
  { timeout: 180_000 },
);

/** @returns {Promise<Served>} */
const serveCampaign = () => serveEmulator({ organization, applyDelayMs: 0 });

/** @returns {Promise<Served>} */
async function serveGateway() {
  const campaign = await serveCampaign();
  const authorize = (/** @type {Request} */ request) => request.headers.get("authorization") === "Bearer local-token";
  const gateway = createGateway({ organization, ...credentials, baseUrl: campaign.url, basePath: "/api", authorize });
  const server = createServer(getRequestListener(gateway.fetch));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await campaign.close();
  };
  return { url: `http://127.0.0.1:${port}/api`, emulator: campaign.emulator, close };
}

/** @param {string} url @returns {Promise<any>} the SDK, redirected from Adobe's host to this URL */
async function connect(url) {
  const sdk = createRequire(`${folder}package.json`)("@adobe/aio-lib-campaign-standard");
  const client = await sdk.init(organization, credentials.apiKey, credentials.accessToken);
  client.sdk.spec.servers = [
    { url: `${url}/{ORGANIZATION}/campaign`, variables: { ORGANIZATION: { default: organization } } },
  ];
  return client;
}

/** @param {string} name @param {() => Promise<Served>} serve @param {string | null} problem the deviation that the log reports for a command */
function describeServer(name, serve, problem) {
  describe(name, () => {
    /** @type {Served} */
    let served;
    /** @type {any} */
    let client;
    before(async () => {
      served = await serve();
      client = await connect(served.url);
    });
    after(() => served?.close());

    test("reads a workflow", async () => {
      const { status, body } = await client.getWorkflow("WKF106");
      assert.equal(status, 200);
      assert.ok(
        body.activities.activity.signal1.trigger.href.startsWith(`${served.url}/`),
        "the trigger has the same origin",
      );
    });

    test("sends the four commands", async () => {
      for (const command of ["start", "pause", "resume", "stop"]) {
        const response = await client.controlWorkflow("WKF101", command);
        assert.ok(response.status >= 200 && response.status < 300, `${command}: ${response.status}`);
      }
      const log = (await served.emulator.log()).slice(-4);
      const commands = ["start", "pause", "resume", "stop"];
      assert.deepEqual(
        log.map(({ command, executed, problem }) => [command, executed, problem]),
        commands.map((command) => [command, true, problem]),
      );
    });

    test("triggers a signal", async () => {
      const { body } = await client.getWorkflow("WKF106");
      await client.triggerSignalActivity(body.activities.activity.signal1.trigger.href, {
        source: "sdk",
        parameters: { count: 3 },
      });
      const triggered = (await served.emulator.log()).at(-1);
      assert.deepEqual(
        [triggered?.executed, JSON.parse(triggered?.body ?? "")],
        [true, { source: "sdk", parameters: { count: 3 } }],
      );
    });

    test("gets the text of a signal that comes too soon", async () => {
      const { body } = await client.getWorkflow("WKF106");
      const again = client.triggerSignalActivity(body.activities.activity.signal1.trigger.href, { source: "sdk" });
      await again.then(
        () => {},
        (/** @type {unknown} */ error) => assert.match(String(error), /400/),
      );
      assert.equal((await served.emulator.log()).at(-1)?.executed, false);
    });

    test("gets a 404 for a workflow that does not exist", async () => {
      const error = await client.getWorkflow("WKF9").then(
        () => assert.fail("it exists"),
        (/** @type {unknown} */ error) => error,
      );
      assert.match(String(error), /404/);
    });
  });
}

// The gateway always sends the documented headers.
describeServer("Adobe's SDK and the emulator", serveCampaign, "Cache-Control is not no-cache");
describeServer("Adobe's SDK through the gateway", serveGateway, null);

test("is refused by a strict emulator", async () => {
  const strict = await serveEmulator({ emulator: new CampaignEmulator({ organization, strict: true }) });
  try {
    const error = await (await connect(strict.url)).controlWorkflow("WKF101", "start").then(
      () => assert.fail("it was accepted"),
      (/** @type {unknown} */ error) => error,
    );
    assert.match(String(error), /400/);
    assert.deepEqual(
      (await strict.emulator.log()).map(({ executed }) => executed),
      [false],
    );
  } finally {
    await strict.close();
  }
});
