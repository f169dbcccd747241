// @ts-check
// The client itself: the connection, its errors, and closing.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as main from "campaign-workflow";
import * as entry from "campaign-workflow/client";
import { campaign, credentials, failure, faulty, GET, json } from "./servers.mjs";
import { sleep } from "../support/wait.mjs";

const { WorkflowClient } = entry;

test("the entry has every export of the main entry, with the same error class", () => {
  for (const name of Object.keys(main)) assert.ok(name in entry, name);
  assert.equal(entry.WorkflowCommandError, main.WorkflowCommandError);
});

test("the four commands are the documented requests", async () => {
  const { client, log } = await campaign({ invalidTransition: "accept" });
  for (const command of /** @type {const} */ (["start", "pause", "resume", "stop"])) {
    const receipt = await client[command]("WKF101");
    assert.deepEqual(
      [receipt.workflowId, receipt.command, receipt.status, receipt.attempts],
      ["WKF101", command, 200, 1],
    );
  }
  await client.send("WKF101", "start", { headers: { "X-Own": "1" } });
  const requests = await log();
  assert.deepEqual(
    requests.map(({ command, problem }) => [command, problem]),
    ["start", "pause", "resume", "stop", "start"].map((one) => [one, null]),
  );
  assert.equal(requests.at(-1)?.headers["x-own"], "1");
});

test("both entries work in one process", async () => {
  const { client, url, requests } = await campaign({ invalidTransition: "accept" });
  const request = { organization: "acme-mkt-stage", ...credentials, baseUrl: url, workflowId: "WKF101" };
  for (let round = 0; round < 3; round++) {
    await Promise.all([
      main.sendWorkflowCommand({ ...request, command: "start" }),
      client.get("WKF106"),
      entry.sendWorkflowCommand({ ...request, command: "stop" }),
      client.signal("WKF106", "signal1", { source: "API" }).then(({ tooSoon }) => assert.equal(tooSoon, round > 0)),
      failure(client.get("", {})),
      failure(main.sendWorkflowCommand({ ...request, workflowId: "", command: "start" })),
    ]);
  }
  assert.equal((await requests()).length, 15);
});

test("the connection is read at construction, and a call's option takes precedence", async () => {
  const { url, log } = await campaign();
  const connection = { organization: "acme-mkt-stage", ...credentials, baseUrl: url, headers: { "X-Own": "1" } };
  const client = new WorkflowClient(connection);
  connection.organization = "other";
  connection.headers["X-Own"] = "2";
  await client.get("WKF101");
  await client.get("WKF101", { headers: { "X-Call": "3" } });
  const headers = (await log()).map(({ headers }) => [headers["x-own"], headers["x-call"]]);
  assert.deepEqual(headers, [
    ["1", undefined],
    [undefined, "3"],
  ]);
});

test("an invalid connection rejects every call and names the field; the constructor does not throw", async () => {
  /** @type {[any, RegExp][]} */
  const bad = [
    [undefined, /^organization is required/],
    [null, /^organization /],
    ["x", /^organization /],
    [{}, /^organization /],
    [{ organization: "" }, /^organization must not be empty/],
    [{ organization: "acme" }, /^accessToken is required/],
    [{ organization: "acme", ...credentials, baseUrl: "http://example.com" }, /^baseUrl must be https/],
    [{ organization: "acme", ...credentials, timeoutMs: "5" }, /^timeoutMs /],
    [{ organization: "acme", ...credentials, maxRetries: 99 }, /^maxRetries /],
    [{ organization: "acme", ...credentials, headers: [] }, /^headers /],
    [
      {
        get organization() {
          throw new Error("no");
        },
      },
      /can't be read$/,
    ],
  ];
  for (const [connection, message] of bad) {
    const client = new WorkflowClient(connection);
    const calls = [
      client.get("WKF1"),
      client.start("WKF1"),
      client.signal("WKF1", "signal1", { source: "API" }),
      client.waitFor("WKF1", () => true),
      client.stop("WKF1", { confirm: () => true }),
    ];
    for (const call of calls) {
      const error = await failure(call);
      assert.deepEqual([error.code, error.outcome, error.attempts], ["invalid-argument", "not-executed", 0]);
      assert.match(error.message, message);
    }
  }
});

test("an invalid id or option rejects, and never throws", async () => {
  const { client, requests } = await campaign();
  for (const id of /** @type {any[]} */ ([undefined, null, 5, "", "..", "a\nb"]))
    assert.match((await failure(client.get(id))).message, /^workflowId /);
  for (const options of /** @type {any[]} */ ([null, 5, "x"]))
    assert.match((await failure(client.get("WKF1", options))).message, /^options must be an object/);
  for (const signal of /** @type {any[]} */ ([null, {}, 5, { addEventListener: 1 }]))
    assert.match((await failure(client.get("WKF1", { signal }))).message, /^signal /);
  assert.match((await failure(client.send("WKF1", /** @type {any} */ ("restart")))).message, /^command /);
  assert.deepEqual(await requests(), []);
});

test("close aborts the calls in flight, with their true outcomes, and every later call", async () => {
  const { server, client } = await faulty();
  server.script("WKF1", [(reply) => void reply.execute()]);
  server.script(GET, [() => {}, json({})]);
  const calls = [client.start("WKF1"), client.get("WKF2")].map(failure);
  await sleep(80);
  client.close();
  const [command, look] = await Promise.all(calls);
  assert.deepEqual([command?.code, command?.outcome, command?.attempts], ["aborted", "unknown", 1]);
  assert.deepEqual([look?.code, look?.outcome], ["aborted", "not-executed"]);
  const sent = server.requests.length;
  const later = await failure(client.start("WKF3"));
  assert.deepEqual(
    [later.code, later.outcome, later.attempts, server.requests.length],
    ["aborted", "not-executed", 0, sent],
  );
  assert.match(String(later.cause), /closed/);
});

test("close ends a wait and a sendAll", async () => {
  const { client } = await campaign({ invalidTransition: "accept" });
  const waiting = failure(client.waitFor("WKF101", () => false));
  const results = client.sendAll(
    (function* () {
      for (;;) yield { workflowId: "WKF101", command: /** @type {const} */ ("start") };
    })(),
  );
  setTimeout(() => client.close(), 150);
  let actual = 0;
  for await (const _ of results) actual++;
  assert.ok(actual > 0);
  assert.equal((await waiting).code, "aborted");
});

test("Symbol.dispose and Symbol.asyncDispose, if the runtime has them", {
  skip: !Symbol.dispose && "this runtime has none",
}, async () => {
  const { server, client } = await faulty();
  server.script("WKF1", [(reply) => void reply.execute()]);
  const call = failure(client.start("WKF1"));
  await sleep(50);
  let settled = false;
  void call.then(() => (settled = true));
  await client[Symbol.asyncDispose]();
  await Promise.resolve();
  assert.equal(settled, true);
  assert.equal((await call).outcome, "unknown");
  const other = new WorkflowClient({ organization: "acme", ...credentials, baseUrl: server.url });
  other[Symbol.dispose]();
  assert.equal((await failure(other.get("WKF1"))).code, "aborted");
});

test("asyncDispose waits for the commands in flight of a sendAll, and not for the reader of its results", {
  skip: !Symbol.asyncDispose && "this runtime has none",
}, async () => {
  const commands = ["WKF1", "WKF2", "WKF3"].map((workflowId) => ({
    workflowId,
    command: /** @type {const} */ ("start"),
  }));
  // Inside the loop.
  const first = await faulty();
  let results = 0;
  for await (const _ of first.client.sendAll(commands, { concurrency: 1 })) {
    results += 1;
    if (results === 1) await inTime(first.client[Symbol.asyncDispose]());
  }
  assert.equal(first.server.requests.length, 1, "nothing is sent afterwards");
  // With an iterator that is no longer read, while one command is in flight.
  const second = await faulty();
  second.server.script("WKF2", [(reply) => void reply.execute()]);
  const iterator = second.client.sendAll(commands, { concurrency: 2 });
  await iterator.next();
  while (second.server.requestsFor("WKF2").length === 0) await sleep(10);
  await inTime(second.client[Symbol.asyncDispose]());
  const executed = second.server.requests.length;
  await sleep(100);
  assert.equal(second.server.requests.length, executed, "nothing is sent afterwards");
});

/** @template T @param {Promise<T>} promise */
async function inTime(promise) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), 3000);
  const ended = await Promise.race([
    promise.then(() => "ended"),
    new Promise((resolve) => late.signal.addEventListener("abort", () => resolve("hangs"))),
  ]);
  clearTimeout(timer);
  assert.equal(ended, "ended");
}

test("each command carries its key, and a lost response becomes a receipt", async () => {
  const { server, client } = await faulty({ maxRetries: 2 });
  /** @type {import("../support/faulty-server.mjs").Step} */
  const lose = (reply) => reply.execute().reset();
  /** @type {import("../support/faulty-server.mjs").Step} */
  const stored = (reply) => reply.respond(200, { body: "stored" });
  server.script("WKF1", [lose, stored]);
  assert.equal((await client.start("WKF1", { idempotencyKey: "key-1" })).attempts, 2);
  assert.deepEqual(
    server.requestsFor("WKF1").map(({ headers }) => headers["idempotency-key"]),
    ["key-1", "key-1"],
  );
  server.script("WKF2", [lose, stored]);
  server.script("WKF3", [lose, stored]);
  const commands = [
    { workflowId: "WKF2", command: /** @type {const} */ ("start"), idempotencyKey: "key-2" },
    { workflowId: "WKF3", command: /** @type {const} */ ("start") },
  ];
  const ends = [];
  for await (const { receipt, error } of client.sendAll(commands, { concurrency: 1 }))
    ends.push(receipt?.attempts ?? error?.outcome);
  assert.deepEqual(ends, [2, "unknown"]);
  assert.deepEqual(
    server.requestsFor("WKF2").map(({ headers }) => headers["idempotency-key"]),
    ["key-2", "key-2"],
  );
  assert.equal(server.requestsFor("WKF3").length, 1);
  assert.equal((await failure(client.start("WKF1", { idempotencyKey: "two words" }))).code, "invalid-argument");
});

test("a signal without a boolean `aborted` is refused by every method, and nothing is sent", async () => {
  const { server, client } = await faulty();
  const signal = /** @type {any} */ ({ addEventListener() {}, removeEventListener() {} });
  const first = (/** @type {AsyncIterator<any>} */ results) => results.next();
  for (const call of [
    () => client.start("WKF1", { signal }),
    () => client.get("WKF1", { signal }),
    () => first(client.sendAll([], { signal })),
  ]) {
    assert.equal((await failure(/** @type {Promise<any>} */ (call()))).message, "signal must be an AbortSignal");
  }
  assert.equal(server.requests.length, 0);
});

test("a client leaves no timer, and no listener on the caller's signal", async () => {
  const { client } = await campaign();
  const listeners = new Set();
  const signal = {
    aborted: false,
    addEventListener: (/** @type {string} */ _, /** @type {unknown} */ listener) => void listeners.add(listener),
    removeEventListener: (/** @type {string} */ _, /** @type {unknown} */ listener) => void listeners.delete(listener),
  };
  const timers = () => process.getActiveResourcesInfo().filter((one) => one === "Timeout").length;
  const before = timers();
  await client.start("WKF101", {
    signal,
    confirm: (/** @type {any} */ workflow) => workflow.state === "Started",
    intervalMs: 10,
  });
  await client.waitFor(
    "WKF101",
    async () => {
      await null;
      return true;
    },
    { signal },
  );
  await client.signal("WKF106", "signal1", { source: "API" }, { signal });
  for await (const _ of client.sendAll([{ workflowId: "WKF101", command: "pause" }], { signal }));
  assert.equal(listeners.size, 0);
  assert.ok(timers() <= before, `${timers()} timers, ${before} before`);
});
