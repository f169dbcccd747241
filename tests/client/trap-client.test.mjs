// @ts-check
// A trap in each method of the client: the calls in flight settle, each with its true outcome, and the next call works. The test build
// traps when the head of a response about the workflow "TRAP" has arrived.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isWorkflowCommandError } from "campaign-workflow/client";
import { buildTrap } from "../../scripts/build.mjs";
import { FaultyServer } from "../support/faulty-server.mjs";
import { sleep } from "../support/wait.mjs";
import { listenForUncaught } from "./invalid-values.mjs";
import { credentials, GET, json } from "./servers.mjs";

const uncaught = listenForUncaught();
/** A timer that an instance leaves behind keeps this process alive for this time. */
const timeoutMs = 10_000;
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
/** @type {import("campaign-workflow/client").WorkflowClient} */
let client;
before(async () => {
  const trapping = await import(pathToFileURL(join(await buildTrap(), "client.js")).href);
  server = await new FaultyServer().listen();
  client = new trapping.WorkflowClient({ organization: "acme", ...credentials, baseUrl: server.url, timeoutMs: 3000 });
});
after(() => server.close());

/** The error's code and outcome. @param {Promise<unknown>} call */
const ending = (call) =>
  call.then(
    () => "fine",
    (error) => {
      assert.ok(isWorkflowCommandError(error), String(error));
      assert.ok(error.cause instanceof WebAssembly.RuntimeError);
      // A call that executes nothing needs no hint.
      assert.equal(error.hint !== null, error.outcome === "unknown");
      return `${error.code}, ${error.outcome}`;
    },
  );

/** Has the current instance trap. */
const trap = () => ending(client.start("TRAP"));

async function assertNothingUncaught() {
  await sleep(20);
  assert.deepEqual(uncaught.splice(0), []);
}

/** The next call works. */
async function assertAlive() {
  assert.equal((await client.start("WKF1")).status, 200);
  await assertNothingUncaught();
}

test("a call that traps: reading executes nothing, a command may have been executed", async () => {
  const never = () => false;
  assert.equal(await ending(client.get("TRAP")), "internal, not-executed");
  await assertAlive();
  assert.equal(await ending(client.waitFor("TRAP", never, { timeoutMs })), "internal, not-executed");
  await assertAlive();
  assert.equal(await ending(client.start("TRAP")), "internal, unknown");
  assert.equal(await ending(client.start("TRAP", { confirm: never, timeoutMs })), "internal, unknown");
  assert.equal(await ending(client.signal("TRAP", "signal1", { source: "API" })), "internal, unknown");
  await assertAlive();
});

test("calls in flight end with the instance, in whatever phase", async () => {
  server.script(GET, [() => {}, json({}), json({}), json({})]);
  let polls = 0;
  const calls = [
    client.get("WKF1"),
    client.waitFor("WKF2", () => (polls++, false), { timeoutMs }),
    client.waitFor("WKF3", () => (polls++, new Promise(() => {})), { timeoutMs }),
    client.start("WKF4", { confirm: () => (polls++, false), timeoutMs }),
  ].map(ending);
  server.script("WKF4", [(reply) => void reply.execute()]);
  while (polls < 3 || server.requestsFor("WKF4").length === 0) await sleep(5);
  assert.equal(await trap(), "internal, unknown");
  assert.deepEqual(await Promise.all(calls), [...Array(3).fill("internal, not-executed"), "internal, unknown"]);
  await assertAlive();
});

/** @param {...string} ids */
const starts = (...ids) => ids.map((workflowId) => ({ workflowId, command: /** @type {const} */ ("start") }));

test("a sendAll ends with that error, and its summary counts the commands in flight as unknown", async () => {
  server.script("WKF2", [(reply) => void reply.execute()]);
  const results = client.sendAll(starts("WKF1", "WKF2", "WKF2", "TRAP"), { concurrency: 4 });
  /** @type {unknown[]} */
  const actual = [];
  const loop = (async () => {
    for await (const { workflowId, receipt } of results) actual.push([workflowId, receipt?.status]);
  })();
  assert.equal(await ending(loop), "internal, unknown");
  const { accepted, notExecuted, unknown } = await results.summary;
  // The second command of WKF2 waits for the first.
  assert.deepEqual([accepted + unknown, notExecuted], [3, 1]);
  assert.deepEqual(actual, accepted === 1 ? [["WKF1", 200]] : []);
  assert.deepEqual(await results.next(), { done: true, value: undefined });
  await assertAlive();
});

test("a sendAll whose next result is not awaited ends, too", async () => {
  const results = client.sendAll(starts("WKF1", "WKF2", "WKF3"), { concurrency: 1 });
  assert.equal((await results.next()).done, false);
  assert.equal(await trap(), "internal, unknown");
  assert.deepEqual(await results.summary, { accepted: 1, notExecuted: 0, unknown: 0 });
  assert.equal(await ending(results.next()), "internal, unknown");
  await assertAlive();
  // Leaves the loop after its instance trapped.
  const left = client.sendAll(starts("WKF1", "WKF2", "WKF3"), { concurrency: 1 });
  await left.next();
  assert.equal(await trap(), "internal, unknown");
  assert.equal(await ending(left.return()), "internal, unknown");
  await assertAlive();
});
