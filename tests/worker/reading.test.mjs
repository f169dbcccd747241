// @ts-check
// Reading, waiting, confirming and signals through the Worker, compared with Campaign's log.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { hasState, WorkflowClient } from "campaign-workflow/client";
import { startCampaign } from "../support/campaign.mjs";
import { bundleExample, startExampleWorker } from "../support/example-worker.mjs";
import { assertNoSecrets, organization, secrets } from "../support/secrets.mjs";
import { storageFolder } from "../support/temporary-folder.mjs";
import { call, pathOf } from "../support/worker-client.mjs";

const place = storageFolder();
const source = "API";
const signals = [{ name: "signal1" }];
/** @type {Awaited<ReturnType<typeof startCampaign>>} */
let campaign;
/** @type {import("../support/example-worker.mjs").ExampleWorker} */
let runtime;

before(async () => {
  const bundle = await bundleExample();
  campaign = await startCampaign({
    workflows: [{ id: "WKF1" }, { id: "WKF2", state: "Started", signals }, { id: "WKF3", state: "Started", signals }],
    applyDelayMs: 50,
  });
  const workflows = { WKF1: ["start", "stop", "read"], WKF2: ["read", "signal"], WKF3: ["start"] };
  runtime = await startExampleWorker(bundle, join(place.folder, "objects"), {
    CAMPAIGN_URL: campaign.url,
    WORKFLOWS: workflows,
  });
});
after(async () => {
  await runtime.close();
  await campaign.close();
  place.remove();
  assertNoSecrets();
});
beforeEach(() => campaign.emulator.clearLog());

const client = (accessToken = secrets.callerKey) =>
  new WorkflowClient({ organization, accessToken, baseUrl: new URL("/api", runtime.url).href, maxRetries: 0 });
/** @param {string} workflowId @param {string} activity */
const triggerOf = (workflowId, activity) => pathOf(workflowId, `activities/activity/${activity}/trigger/`);

test("a command is confirmed, and waitFor works", async () => {
  const receipt = await client().start("WKF1", {
    confirm: hasState("Started"),
    intervalMs: 20,
    idempotencyKey: crypto.randomUUID(),
  });
  assert.equal(receipt.workflow?.state, "Started");
  assert.equal((await client().waitFor("WKF1", hasState("Started"))).PKey, receipt.workflow?.PKey);
  assert.equal(campaign.emulator && (await campaign.executions()).get("WKF1 start"), 1);
});

test("a signal is triggered once, at Campaign's own address", async () => {
  const workflow = /** @type {any} */ (await client().get("WKF2"));
  const { href } = workflow.activities.activity.signal1.trigger;
  assert.ok(href.startsWith(new URL(pathOf("WKF2", ""), runtime.url).href), href);
  const receipt = await client().signal("WKF2", "signal1", { source, parameters: { count: 1 } });
  assert.deepEqual([receipt.status, receipt.tooSoon], [200, false]);
  assert.equal((await client().signal("WKF2", "signal1", { source })).tooSoon, true);
  const found = (await campaign.emulator.workflows()).find(({ id }) => id === "WKF2");
  assert.deepEqual(
    found?.signals.map(({ source, parameters }) => [source, parameters]),
    [["API", { count: 1 }]],
  );
  assert.ok((await campaign.emulator.log()).every(({ problem }) => problem === null));
});

test("operations that are not listed get 404, and callers without rights the same 403 for everything", async () => {
  const post = { method: "POST", body: { source } };
  assert.deepEqual(
    [
      (await call(runtime.url, pathOf("WKF3", "").slice(0, -1))).status,
      (await call(runtime.url, triggerOf("WKF3", "a"), post)).status,
    ],
    [404, 404],
  );
  const other = { authorization: "Bearer another" };
  const actual = new Set();
  for (const [path, options] of /** @type {[string, any][]} */ ([
    [pathOf("WKF1", "").slice(0, -1), {}],
    [pathOf("none", "").slice(0, -1), {}],
    [triggerOf("WKF2", "a"), post],
    [pathOf("WKF1"), { method: "POST", body: { method: "start" } }],
  ])) {
    const { status, text, headers } = await call(runtime.url, path, { ...options, headers: other });
    actual.add(JSON.stringify([status, text, headers.get("cache-control"), headers.get("vary")]));
  }
  assert.equal(actual.size, 1, [...actual].join("\n"));
  assert.match([...actual].join(), /^\[403/);
  assert.equal((await campaign.emulator.log()).length, 0);
});

test("a Worker without credentials serves no reads, and names the problem in the response to a command", async () => {
  const bundle = await bundleExample();
  const without = await startExampleWorker(bundle, join(place.folder, "others"), {
    CAMPAIGN_URL: campaign.url,
    ACCESS_TOKEN: undefined,
    API_KEY: undefined,
  });
  try {
    assert.equal((await call(without.url, pathOf("WKF1", "").slice(0, -1))).status, 404);
    const answer = await call(without.url, pathOf("WKF1"), { method: "POST", body: { method: "start" } });
    assert.deepEqual([answer.status, answer.body.code], [503, "token-unavailable"]);
  } finally {
    await without.close();
  }
});
