// @ts-check
// The schedule loses no command while an object is away, and obeys the allow-list.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, historyOf, pause, until } from "./caller.mjs";
import { startExample } from "./example.mjs";
import { said, trigger } from "./runtime.mjs";

const at = 1_800_000_000_000;
const entry = (/** @type {string} */ workflowId, cron = "0 6 * * *") => ({ cron, workflowId, command: "start" });

/** @type {import("./example.mjs").Example} */
let example;
before(async () => {
  const SCHEDULE = [entry("WKF1"), entry("WKF2", "0 7 * * *"), entry("WKF3", "0 7 * * *")];
  example = await startExample({ bindings: { SCHEDULE, WORKFLOWS: { WKF1: ["start", "read"], WKF2: ["stop", "read"], WKF3: ["start", "read"] } } });
});
after(() => example.close());

test("an object that is away when its time comes: the queue keeps the command until it is there, and it is executed once", async () => {
  await call(example.url(), "/test/away?calls=2");
  assert.equal(await trigger(example.miniflare(), "0 6 * * *", at), "ok");
  await pause(500);
  assert.equal(await example.executions("WKF1"), 0);
  await until("the command", async () => (await historyOf(example.url(), "WKF1"))[0]?.state === "accepted");
  assert.equal(await trigger(example.miniflare(), "0 6 * * *", at), "ok");
  await pause(500);
  assert.equal(await example.executions("WKF1"), 1);
  assert.ok(said.texts.join().includes("A scheduled command goes to the queue"));
});

test("a command that WORKFLOWS does not list is not sent, and the log says so; the others of that time are", async () => {
  assert.equal(await trigger(example.miniflare(), "0 7 * * *", at), "ok");
  await until("the other", async () => (await example.executions("WKF3")) === 1);
  assert.equal(await example.executions("WKF2"), 0);
  assert.ok(said.texts.join().includes("SCHEDULE has a command that WORKFLOWS does not list: WKF2 start"));
});
