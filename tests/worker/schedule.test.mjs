// @ts-check
// The schedule loses no command while an object is unavailable, and obeys the allow-list.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startExample } from "./example.mjs";
import { commandLog, fireTrigger } from "../support/example-worker.mjs";
import { outputs } from "../support/secrets.mjs";
import { sleep, until } from "../support/wait.mjs";
import { call, historyOf } from "../support/worker-client.mjs";

const at = 1_800_000_000_000;
const entry = (/** @type {string} */ workflowId, cron = "0 6 * * *") => ({ cron, workflowId, command: "start" });

/** @type {import("./example.mjs").Example} */
let example;
const SCHEDULE = [entry("WKF1"), entry("WKF3", "0 7 * * *")];
before(async () => {
  example = await startExample({
    bindings: { SCHEDULE, WORKFLOWS: { WKF1: ["start", "read"], WKF2: ["stop", "read"], WKF3: ["start", "read"] } },
  });
});
after(() => example.close());

test("an object that is unavailable at the scheduled time: the queue keeps the command until it responds, and it is executed once", async () => {
  // The schedule's own call, those that wake the three objects, and the first one of the queue.
  await call(example.url(), "/test/unavailable?calls=5");
  assert.equal(await fireTrigger(example.miniflare(), "0 6 * * *", at), "ok");
  await sleep(500);
  assert.equal(await example.executions("WKF1"), 0);
  await until("the command", async () => (await historyOf(example.url(), "WKF1"))[0]?.state === "accepted");
  assert.equal(await fireTrigger(example.miniflare(), "0 6 * * *", at), "ok");
  await sleep(500);
  assert.equal(await example.executions("WKF1"), 1);
  assert.ok(outputs.join().includes("A scheduled command goes to the queue"));
});

test("a scheduled command that WORKFLOWS does not list: every response and one log line name it, and nothing is sent", async () => {
  await example.restart({ SCHEDULE: [...SCHEDULE, entry("WKF2", "0 7 * * *")] });
  assert.equal(await fireTrigger(example.miniflare(), "0 7 * * *", at), "exception");
  const { status, body } = await example.send("WKF3", null);
  assert.deepEqual([status, body.outcome], [503, "not-executed"]);
  assert.match(body.detail, /SCHEDULE must be a list of .*, all of which WORKFLOWS lists/);
  const lines = commandLog().filter(({ problem }) => typeof problem === "string");
  assert.deepEqual(
    lines.map(({ problem }) => problem.split(" ")[0]),
    ["SCHEDULE"],
  );
  await sleep(300);
  assert.deepEqual([await example.executions("WKF2"), await example.executions("WKF3")], [0, 0]);
  await example.restart();
  assert.equal(await fireTrigger(example.miniflare(), "0 7 * * *", at), "ok");
  await until("the command", async () => (await example.executions("WKF3")) === 1);
});

test("an object that has lost its alarm is woken by the next trigger", async () => {
  await example.restart({ RETRY_MS: 1 });
  const later = { prefer: "respond-async", "delay-seconds": "1" };
  assert.equal((await example.send("WKF3", "asleep", { headers: later })).status, 202);
  await call(example.url(), "/test/lose-alarm?workflow=WKF3");
  await sleep(2500);
  assert.equal(await example.executions("WKF3"), 1, "the object sleeps");
  assert.equal(await fireTrigger(example.miniflare(), "30 * * * *", at), "ok");
  await until("the command", async () => (await example.executions("WKF3")) === 2);
});
