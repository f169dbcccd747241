// @ts-check
// The Worker responds to a command, the wait for earlier ones included, within the time that a client gives a gateway.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "./example.mjs";
import { sleep, until } from "../support/wait.mjs";

/** @type {import("./example.mjs").Example} */
let example;
before(async () => {
  example = await startExample({ start: false });
});
after(() => example.close());

/** @param {string} workflowId @param {string} key */
async function timed(workflowId, key) {
  const startedAt = performance.now();
  const { status, headers, body, text } = await example.send(workflowId, key);
  return { status, headers, body, text, ms: performance.now() - startedAt };
}

/** @param {string} workflowId @param {number} delayMs how long the first command takes */
async function occupy(workflowId, delayMs) {
  await example.campaign.emulator.addFault({ kind: "delay", delayMs, workflowId });
  const held = example.send(workflowId, "first");
  await until("the first", async () => (await example.requests(workflowId)) === 1);
  return held;
}

describe("one command", { concurrency: true }, () => {
  before(() => example.restart());

  test("that waited 6 s and is throttled for 12 s: 429 with Retry-After, and the caller waits", async () => {
    const first = occupy("WKF1", 6000);
    await until("the first", async () => (await example.requests("WKF1")) === 1);
    await example.campaign.emulator.addFault({
      kind: "throttled",
      retryAfterSeconds: 12,
      times: null,
      workflowId: "WKF1",
    });
    const { status, headers, body, ms, text } = await timed("WKF1", "second");
    assert.deepEqual(
      [status, headers.get("retry-after"), body.outcome, body.code],
      [429, "12", "not-executed", "rate-limited"],
      text,
    );
    assert.ok(ms < 8000, `${ms} ms`);
    assert.equal((await first).status, 200);
  });

  test("that is throttled for a second: the Worker retries it", async () => {
    await example.campaign.emulator.addFault({ kind: "throttled", retryAfterSeconds: 1, times: 2, workflowId: "WKF5" });
    const { status, ms } = await timed("WKF5", "short");
    assert.equal(status, 200);
    assert.ok(ms >= 2000 && ms < 5000, `${ms} ms`);
    assert.deepEqual([await example.requests("WKF5"), await example.executions("WKF5")], [3, 1]);
  });

  test("that hangs at Campaign: an unknown outcome after one request's time, 10 s", async () => {
    await example.campaign.emulator.addFault({ kind: "hang", workflowId: "WKF2" });
    const { status, body, ms } = await timed("WKF2", "hangs");
    assert.deepEqual([status, body.outcome, body.stored], [504, "unknown", true]);
    assert.ok(ms < 11_000, `${ms} ms`);
  });
});

describe("with TIMEOUT_MS of 4 s", { concurrency: true }, () => {
  before(() => example.restart({ TIMEOUT_MS: 4000, WAIT_MS: 3000 }));

  test("the wait for earlier commands is part of it", async () => {
    await example.campaign.emulator.addFault({ kind: "delay", delayMs: 1200, workflowId: "WKF3" });
    const first = example.send("WKF3", "first");
    await until("the first", async () => (await example.requests("WKF3")) === 1);
    await example.campaign.emulator.addFault({ kind: "hang", workflowId: "WKF3" });
    const { status, body, headers, ms } = await timed("WKF3", "second");
    assert.deepEqual([status, body.outcome, headers.get("retry-after")], [504, "unknown", null]);
    assert.ok(ms < 4000, `${ms} ms`);
    assert.equal((await first).status, 200);
  });

  test("half of it is for Campaign: a command whose turn comes later is not sent", async () => {
    const first = occupy("WKF4", 2500);
    await until("the first", async () => (await example.requests("WKF4")) === 1);
    const { status, body, ms } = await timed("WKF4", "second");
    assert.deepEqual([status, body.outcome], [409, "not-executed"]);
    assert.ok(ms < 2200, `${ms} ms`);
    await first;
    await sleep(1000);
    assert.equal(await example.executions("WKF4"), 1);
  });
});
