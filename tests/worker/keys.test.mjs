// @ts-check
// Idempotency keys: whose they are, what releases them, and how they respond. A queued command is not a receipt.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "./example.mjs";
import { secrets } from "../support/secrets.mjs";
import { until } from "../support/wait.mjs";
import { call, historyOf, idOf, pathOf, stateOf } from "../support/worker-client.mjs";

const later = { headers: { prefer: "respond-async" } };

/** @type {import("./example.mjs").Example} */
let example;
before(async () => {
  example = await startExample({ bindings: { MAX_TRIES: 1, RETRY_MS: 1 } });
});
after(() => example.close());

/** @param {import("campaign-workflow/emulator").Fault} fault */
const harm = (fault) => example.campaign.emulator.addFault(fault);

describe("a key belongs to a caller and a workflow", () => {
  test("two callers with the same key: each command is executed, and each gets its own response", async () => {
    const operator = { headers: { authorization: "", cookie: "campaign-workflow-demo-role=operator" } };
    const demo = { DEMO_SIGN_IN: true };
    await harm({ kind: "refused-by-campaign", workflowId: "WKF0" });
    const refused = await example.send("WKF0", "same");
    await example.restart(demo);
    const accepted = await example.send("WKF0", "same", operator);
    assert.deepEqual([refused.status, accepted.status], [502, 200], accepted.text);
    assert.equal((await example.send("WKF0", "same", { ...operator, name: "stop" })).status, 422);
    assert.equal((await example.send("WKF0", "same", operator)).text, accepted.text);
    const state = `/api/queue/${idOf("WKF0", "same", "operator")}`;
    assert.equal(
      (await call(example.url(), state, { headers: { authorization: "" } })).status,
      403,
      "not without a cookie",
    );
    const { body } = await call(example.url(), pathOf("WKF0", "history"), operator);
    assert.deepEqual(
      body.commands.map((/** @type {any} */ entry) => entry.who),
      ["operator", "bearer of the key"],
    );
    await example.restart();
    assert.deepEqual((await example.send("WKF0", "same")).body, refused.body);
    assert.equal((await stateOf(example.url(), "WKF0", "same", "operator")).body.state, "accepted");
    assert.equal((await stateOf(example.url(), "WKF0", "same")).body.state, "unknown");
    assert.equal(await example.executions("WKF0"), 1);
  });
});

describe("a key is released after a temporary failure", () => {
  /** The first response is not-executed and not stored; the second request is executed. @param {string} workflowId */
  async function assertFreed(workflowId) {
    assert.equal((await example.send(workflowId, "again")).status, 200);
    assert.equal(await example.executions(workflowId), 1);
    const states = (await historyOf(example.url(), workflowId)).map((entry) => entry.state);
    assert.deepEqual(states, ["accepted", "failed"], "both are in the history");
  }

  test("a 429", async () => {
    await harm({ kind: "throttled", retryAfterSeconds: 0, times: 3, workflowId: "WKF1" });
    const { status, headers, body } = await example.send("WKF1", "again");
    assert.deepEqual(
      [status, headers.get("retry-after"), body.outcome, body.stored],
      [429, "1", "not-executed", undefined],
    );
    await assertFreed("WKF1");
  });

  test("a 503 with Retry-After", async () => {
    await harm({ kind: "unavailable", retryAfterSeconds: 0, times: 3, workflowId: "WKF2" });
    const { body } = await example.send("WKF2", "again");
    assert.deepEqual([body.outcome, body.stored], ["not-executed", undefined]);
    await assertFreed("WKF2");
  });

  const ims = { IMS_CLIENT_ID: secrets.apiKey, IMS_CLIENT_SECRET: secrets.clientSecret, IMS_SCOPE: "openid" };
  const trouble = {
    "no credentials": {},
    "an unreachable token endpoint": { ...ims, IMS_TOKEN_URL: "http://127.0.0.1:9/ims/token/v3" },
    "an invalid credential": { ACCESS_TOKEN: "with a space", API_KEY: secrets.apiKey },
  };
  Object.entries(trouble).forEach(([what, credentials], at) => {
    test(what, async () => {
      await example.restart({ ACCESS_TOKEN: undefined, API_KEY: undefined, ...credentials });
      const workflowId = `WKF${3 + at}`;
      const { status, body } = await example.send(workflowId, "again");
      assert.deepEqual([body.outcome, body.stored], ["not-executed", undefined], `${status}`);
      assert.equal(await example.requests(workflowId), 0);
      await example.restart();
      await assertFreed(workflowId);
    });
  });
});

describe("every other response is stored, says so, and is repeated unchanged", () => {
  const faults = /** @type {const} */ ({
    "profile-invalid": ["forbidden", "not-executed"],
    "not-found": ["not-found", "not-executed"],
    "unknown-uri": ["server-error", "not-executed"],
    "refused-by-campaign": ["server-error", "unknown"],
    "lost-answer": ["network", "unknown"],
  });
  Object.entries(faults).forEach(([kind, [code, outcome]], at) => {
    test(kind, async () => {
      const workflowId = `WKF${8 + at}`;
      await harm(/** @type {any} */ ({ kind, workflowId }));
      const first = await example.send(workflowId, "kept");
      assert.deepEqual([first.body.code, first.body.outcome, first.body.stored], [code, outcome, true], first.text);
      await example.restart();
      const again = await example.send(workflowId, "kept");
      assert.deepEqual([again.status, again.text], [first.status, first.text]);
      assert.equal(await example.requests(workflowId), 1);
    });
  });

  test("but not without a key", async () => {
    await harm({ kind: "profile-invalid", workflowId: "WKF8" });
    const { body } = await example.send("WKF8", null);
    assert.deepEqual([body.code, body.stored], ["forbidden", undefined]);
  });
});

describe("a queued command, repeated with its key,", () => {
  /** @param {string} workflowId @param {string} state */
  const becomes = (workflowId, state) =>
    until(state, async () => (await stateOf(example.url(), workflowId, "queued")).body?.state === state);

  test("that was accepted: 202 again, with its state", async () => {
    assert.equal((await example.send("WKF13", "queued", later)).body.state, "queued");
    await becomes("WKF13", "accepted");
    const { status, body, headers } = await example.send("WKF13", "queued", later);
    assert.deepEqual([status, body.state, headers.get("preference-applied")], [202, "accepted", "respond-async"]);
    assert.equal(await example.executions("WKF13"), 1);
  });

  for (const [workflowId, kind, state, outcome] of /** @type {const} */ ([
    ["WKF14", "profile-invalid", "failed", "not-executed"],
    ["WKF15", "lost-answer", "unknown", "unknown"],
  ])) {
    test(`that is ${state}: its problem, alone and in a bulk request`, async () => {
      await harm({ kind, workflowId });
      assert.equal((await example.send(workflowId, "queued", later)).status, 202);
      await becomes(workflowId, state);
      const { status, body, headers } = await example.send(workflowId, "queued", later);
      assert.deepEqual([status, body.outcome, body.stored, headers.get("retry-after")], [502, outcome, true, null]);
      assert.equal(headers.get("content-type"), "application/problem+json");
      const commands = [{ workflowId, command: "start", idempotencyKey: "queued" }];
      const many = await call(example.url(), "/api/queue", { method: "POST", body: { commands } });
      assert.deepEqual([many.status, many.body.commands], [502, [body]]);
      assert.equal(await example.requests(workflowId), 1);
    });
  }

  test("that failed temporarily: it is queued again", async () => {
    await harm({ kind: "throttled", retryAfterSeconds: 0, times: 1, workflowId: "WKF16" });
    await example.send("WKF16", "queued", later);
    await becomes("WKF16", "failed");
    const { status, body } = await example.send("WKF16", "queued", later);
    assert.deepEqual([status, body.state], [202, "queued"]);
    await becomes("WKF16", "accepted");
    assert.equal(await example.executions("WKF16"), 1);
  });
});
