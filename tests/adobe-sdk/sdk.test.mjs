// @ts-check
// A client that nobody of this project wrote: Adobe's own SDK, unmodified, against the local Campaign. It sends no Cache-Control,
// which Adobe itself lets pass.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { npm, run } from "../../scripts/lib/process.mjs";

const folder = fileURLToPath(new URL("installed/", import.meta.url));
const organization = "acme-mkt-stage";

/** @type {Awaited<ReturnType<typeof serveEmulator>>} */
let campaign;
/** @type {any} */
let client;

before(async () => {
  if (!existsSync(`${folder}node_modules/.package-lock.json`)) {
    const [command, args] = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund");
    await run(command, args, { cwd: folder });
  }
  campaign = await serveEmulator({ organization, applyDelayMs: 0 });
  client = await connect(campaign.url);
}, { timeout: 180_000 });
after(() => campaign?.close());

/** @param {string} url */
async function connect(url) {
  const sdk = createRequire(`${folder}package.json`)("@adobe/aio-lib-campaign-standard");
  const client = await sdk.init(organization, "local-key", "local-token");
  // It knows no other host than Adobe's.
  client.sdk.spec.servers = [{ url: `${url}/{ORGANIZATION}/campaign`, variables: { ORGANIZATION: { default: organization } } }];
  return client;
}

test("reads a workflow", async () => {
  const { status, body } = await client.getWorkflow("WKF106");
  assert.equal(status, 200);
  assert.ok(body.activities.activity.signal1.trigger.href.startsWith(campaign.url));
});

test("sends the four commands, and the log notes what is not as documented", async () => {
  for (const command of ["start", "pause", "resume", "stop"]) {
    const response = await client.controlWorkflow("WKF101", command);
    assert.ok(response.status >= 200 && response.status < 300, `${command}: ${response.status}`);
  }
  const log = (await campaign.emulator.log()).slice(-4);
  assert.deepEqual(log.map(({ command, executed, problem }) => [command, executed, problem]), [
    ["start", true, "Cache-Control is not no-cache"],
    ["pause", true, "Cache-Control is not no-cache"],
    ["resume", true, "Cache-Control is not no-cache"],
    ["stop", true, "Cache-Control is not no-cache"],
  ]);
});

test("triggers a signal", async () => {
  const { body } = await client.getWorkflow("WKF106");
  await client.triggerSignalActivity(body.activities.activity.signal1.trigger.href, { source: "sdk", parameters: { count: 3 } });
  assert.equal((await campaign.emulator.log()).at(-1)?.executed, true);
});

test("gets the documented 404 for a workflow that does not exist", async () => {
  const error = await client.getWorkflow("WKF9").then(() => assert.fail("it exists"), (/** @type {unknown} */ error) => error);
  assert.match(String(error), /404/);
});

test("is refused where the emulator is strict", async () => {
  const strict = await serveEmulator({ emulator: new CampaignEmulator({ organization, strict: true }) });
  try {
    const error = await (await connect(strict.url)).controlWorkflow("WKF101", "start").then(() => assert.fail("it passed"), (/** @type {unknown} */ error) => error);
    assert.match(String(error), /400/);
    assert.deepEqual((await strict.emulator.log()).map(({ executed }) => executed), [false]);
  } finally {
    await strict.close();
  }
});
