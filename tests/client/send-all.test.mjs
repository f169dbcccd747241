// @ts-check
// Many commands: what is pulled, in which order they are sent, how they slow down, and how the loop ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { throttled } from "../support/faults.mjs";
import { sleep } from "../support/wait.mjs";
import { campaign, credentials, failure, faulty } from "./servers.mjs";

/** @typedef {import("campaign-workflow/client").BulkCommand} BulkCommand */
/** @typedef {import("campaign-workflow/client").BulkResult} BulkResult */

const six = ["WKF101", "WKF102", "WKF103", "WKF104", "WKF105", "WKF106"];
const options = { invalidTransition: /** @type {const} */ ("accept") };
/** @param {readonly string[]} ids @returns {BulkCommand[]} */
const starts = (ids) => ids.map((workflowId) => ({ workflowId, command: "start" }));
/** @param {number} count @param {string} [prefix] */
const ids = (count, prefix = "WKF") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** @param {AsyncIterable<BulkResult>} results */
async function all(results) {
  /** @type {BulkResult[]} */
  const list = [];
  for await (const result of results) list.push(result);
  return list;
}

/** `AbortSignal.timeout`, except that it keeps the process alive. @param {number} ms */
function abortedAfter(ms) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

/** A source that counts what was pulled, and whether it was closed. @param {Iterable<any>} commands */
function watched(commands) {
  const iterator = commands[Symbol.iterator]();
  return {
    pulled: 0,
    left: 0,
    next() {
      this.pulled++;
      return iterator.next();
    },
    return() {
      this.left++;
      return { done: /** @type {const} */ (true), value: undefined };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

test("each command is reported when it ends, and the summary has the counts", async () => {
  const { client, emulator, log } = await campaign(options);
  await emulator.addFault({ kind: "not-found", workflowId: "WKF103" });
  await emulator.addFault({ kind: "lost-answer", workflowId: "WKF104" });
  const results = client.sendAll(starts(six));
  const list = [];
  for (;;) {
    const { done, value } = await results.next();
    if (done) {
      assert.deepEqual(value, { accepted: 4, notExecuted: 1, unknown: 1 });
      break;
    }
    list.push(value);
  }
  assert.deepEqual(await results.summary, { accepted: 4, notExecuted: 1, unknown: 1 });
  list.sort((a, b) => a.index - b.index);
  assert.deepEqual(
    list.map(({ index, workflowId, command }) => [index, workflowId, command]),
    six.map((id, index) => [index, id, "start"]),
  );
  assert.deepEqual(
    list.map(({ receipt, error }) => receipt?.status ?? `${error?.code} ${error?.outcome}`),
    [200, 200, "not-found not-executed", "network unknown", 200, 200],
  );
  const executed = (await log()).filter(({ executed }) => executed).map(({ workflowId }) => workflowId);
  assert.deepEqual(
    executed.sort(),
    six.filter((id) => id !== "WKF103"),
  );
});

test("an async source, and an empty one", async () => {
  const { client } = await campaign(options);
  async function* source() {
    for (const command of starts(six)) {
      await sleep(5);
      yield command;
    }
  }
  assert.equal((await all(client.sendAll(source()))).length, 6);
  const none = client.sendAll([]);
  assert.deepEqual(await all(none), []);
  assert.deepEqual(await none.summary, { accepted: 0, notExecuted: 0, unknown: 0 });
});

test("nothing is pulled before the loop starts, and never more than can be in flight", async () => {
  const { server, client } = await faulty();
  let [inFlight, most, ahead, taken] = [0, 0, 0, 0];
  for (const id of ids(30)) {
    server.script(id, [
      async (reply) => {
        most = Math.max(most, ++inFlight);
        await sleep(5 + Math.random() * 20);
        inFlight--;
        await reply.respond(200);
      },
    ]);
  }
  const source = watched(starts(ids(30)));
  const results = client.sendAll(source, { concurrency: 3 });
  await sleep(30);
  assert.deepEqual([source.pulled, server.requests.length], [0, 0]);
  for await (const _ of results) {
    ahead = Math.max(ahead, source.pulled - taken);
    taken++;
    // While the loop is slow, commands in flight end, and no others are pulled.
    if (taken === 10) {
      await sleep(120);
      assert.ok(source.pulled - taken <= 2, `${source.pulled} pulled, ${taken} taken`);
    }
  }
  assert.equal(taken, 30);
  assert.equal(most, 3);
  // The last pull ends the source.
  assert.ok(ahead <= 4, `${ahead} ahead`);
  assert.equal(source.left, 0);
});

test("commands of one workflow keep their order, whatever their outcomes", async () => {
  const { server, client } = await faulty({ maxRetries: 3 });
  const order = /** @type {const} */ (["start", "pause", "resume", "stop", "start", "stop"]);
  server.script("A", [
    (reply) => reply.respond(200),
    throttled("0"),
    (reply) => reply.execute().reset(),
    (reply) => reply.respond(404),
    throttled("0"),
    throttled("0"),
  ]);
  const commands = order.flatMap((command) => [
    { workflowId: "A", command },
    { workflowId: "B", command },
  ]);
  const list = await all(client.sendAll(commands, { concurrency: 5 }));
  for (const id of ["A", "B"]) {
    const actual = list.filter(({ workflowId }) => workflowId === id).map(({ command }) => command);
    assert.deepEqual(actual, order);
  }
  const sent = server.requestsFor("A").map(({ body }) => JSON.parse(body).method);
  // A throttled command is sent again before the next one.
  assert.deepEqual(sent, ["start", "pause", "pause", "resume", "stop", "stop", "stop", "start", "stop"]);
  assert.deepEqual(
    server.requestsFor("B").map(({ body }) => JSON.parse(body).method),
    order,
  );
});

test("a 429 slows all commands down, and the throttled ones are retried", async () => {
  const { server, client } = await faulty();
  for (const id of ids(3)) server.script(id, [throttled("1")]);
  const from = performance.now();
  const list = await all(client.sendAll(starts(ids(9)), { concurrency: 3 }));
  assert.ok(list.every(({ receipt }) => receipt?.status === 200));
  assert.deepEqual(
    list.filter(({ index }) => index < 3).map(({ receipt }) => receipt?.attempts),
    [2, 2, 2],
  );
  const times = server.requests.map(({ at }) => at - from).sort((a, b) => a - b);
  assert.equal(times.length, 12);
  // Three at first, then none for a second.
  assert.ok(Number(times[3]) - Number(times[0]) >= 985, `${times}`);
});

test("a command that stays throttled is reported after its retries, with the time to wait", async () => {
  const { server, client } = await faulty({ maxRetries: 1 });
  server.script("WKF0", [throttled("0"), throttled("0"), throttled("0")]);
  const [first, second] = await all(client.sendAll(starts(ids(2)), { concurrency: 1 }));
  assert.deepEqual(
    [first?.error?.code, first?.error?.outcome, first?.error?.attempts],
    ["rate-limited", "not-executed", 2],
  );
  assert.equal(second?.receipt?.status, 200);
});

test("a command whose delivery is in doubt is sent once", async () => {
  const { server, client } = await faulty();
  for (const id of ids(4)) server.script(id, [(reply) => reply.execute().reset()]);
  const list = await all(client.sendAll(starts(ids(4))));
  assert.ok(list.every(({ error }) => error?.outcome === "unknown"));
  assert.equal(server.requests.length, 4);
});

test("perSecond is obeyed", async () => {
  /** @type {number[]} */
  const times = [];
  const fetch = (/** @type {string} */ url, /** @type {any} */ init) => {
    times.push(performance.now());
    return globalThis.fetch(url, init);
  };
  const { client } = await campaign(options, { fetch });
  await all(client.sendAll(starts(six), { perSecond: 20 }));
  // With 20 per second each has 50 ms; the first may start late, but not early.
  for (const [index, at] of times.entries()) assert.ok(at - Number(times[0]) >= index * 50 - 15, `${times}`);
});

test("an invalid command is reported as invalid-argument, and the others go on", async () => {
  const { client, requests } = await campaign(options);
  const bad = [
    null,
    5,
    "WKF101",
    {},
    { workflowId: "WKF101" },
    { workflowId: 5, command: "start" },
    { workflowId: "WKF101", command: "restart" },
    {
      get workflowId() {
        throw new Error("no");
      },
    },
  ];
  const results = client.sendAll(/** @type {any} */ ([...bad, ...starts(["WKF106"])]));
  const list = await all(results);
  assert.equal(
    list.filter(({ error }) => error?.code === "invalid-argument" && error.attempts === 0).length,
    bad.length,
  );
  assert.deepEqual(await results.summary, { accepted: 1, notExecuted: bad.length, unknown: 0 });
  assert.deepEqual(await requests(), ["POST start"]);
});

test("leaving the loop stops the pulling and waits for the commands in flight", async () => {
  const { server, client } = await faulty();
  for (const id of ids(20))
    server.script(id, [
      async (reply) => {
        await sleep(id === "WKF0" ? 5 : 150);
        await reply.execute().respond(200);
      },
    ]);
  const source = watched(starts(ids(20)));
  const results = client.sendAll(source, { concurrency: 4 });
  for await (const { workflowId } of results) {
    assert.equal(workflowId, "WKF0");
    break;
  }
  assert.deepEqual([source.pulled, source.left], [4, 1]);
  assert.deepEqual(
    server.requests.map(({ executed }) => executed),
    [1, 1, 1, 1],
  );
  assert.deepEqual(await results.summary, { accepted: 4, notExecuted: 0, unknown: 0 });
  await sleep(50);
  assert.equal(server.requests.length, 4);
});

test("leaving a loop before it starts sends nothing", async () => {
  const { client, requests } = await campaign();
  const source = watched(starts(six));
  const results = client.sendAll(source);
  await results.return();
  assert.deepEqual(await results.summary, { accepted: 0, notExecuted: 0, unknown: 0 });
  assert.deepEqual([source.pulled, await requests()], [0, []]);
});

test("an abort stops the pulling, and every pulled command is reported with its true outcome", async () => {
  const { server, client } = await faulty();
  for (const id of ["A", "B"])
    server.script(
      id,
      Array(9).fill((/** @type {any} */ reply) => void reply.execute()),
    );
  const controller = new AbortController();
  const source = watched(starts(["A", "A", "B", "C", "C", "C"]));
  const onProgress = (/** @type {{ accepted: number }} */ { accepted }) => {
    if (accepted === 3) setTimeout(() => controller.abort("enough"), 50);
  };
  const results = client.sendAll(source, { concurrency: 4, signal: controller.signal, onProgress });
  const list = await all(results);
  assert.deepEqual(
    list
      .filter(({ error }) => error)
      .map(({ workflowId, error }) => `${workflowId} ${error?.code} ${error?.outcome} ${error?.cause}`)
      .sort(),
    ["A aborted not-executed enough", "A aborted unknown enough", "B aborted unknown enough"],
  );
  const { accepted, notExecuted, unknown } = await results.summary;
  assert.deepEqual([notExecuted, unknown, accepted], [1, 2, 3]);
  assert.equal(server.requestsFor("A").length, 1);
  const before = client.sendAll(starts(six), { signal: AbortSignal.abort() });
  assert.deepEqual([await all(before), await before.summary], [[], { accepted: 0, notExecuted: 0, unknown: 0 }]);
});

test("an abort ends the wait for a source that never yields, and a shared back-off", async () => {
  const { server, client } = await faulty();
  const hanging = {
    next: () => new Promise(() => {}),
    return: () => new Promise(() => {}),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  assert.deepEqual(await all(client.sendAll(/** @type {any} */ (hanging), { signal: abortedAfter(60) })), []);
  server.script("WKF0", [throttled("60")]);
  const from = performance.now();
  const [only] = await all(client.sendAll(starts(ids(1)), { signal: abortedAfter(150) }));
  assert.deepEqual([only?.error?.code, only?.error?.outcome], ["aborted", "not-executed"]);
  assert.ok(performance.now() - from < 1500);
});

test("stopOnError lets the commands in flight end, and sends no others", async () => {
  const { server, client } = await faulty();
  server.script("A", [
    async (reply) => {
      await sleep(150);
      await reply.execute().respond(200);
    },
  ]);
  server.script("B", [(reply) => reply.respond(404)]);
  const source = watched(starts(["A", "A", "B", "C", "D", "E"]));
  const results = client.sendAll(source, { concurrency: 3, stopOnError: true });
  const list = await all(results);
  assert.deepEqual(
    list
      .map(
        ({ workflowId, receipt, error }) => `${workflowId} ${receipt?.status ?? error?.code} ${error?.outcome ?? ""}`,
      )
      .sort(),
    ["A 200 ", "A aborted not-executed", "B not-found not-executed"],
  );
  assert.deepEqual([source.pulled, source.left, server.requests.length], [3, 1, 2]);
});

test("a source that throws ends the loop with its error, after the commands in flight are reported", async () => {
  const { server, client } = await faulty();
  server.script("WKF0", [
    async (reply) => {
      await sleep(80);
      await reply.execute().respond(200);
    },
  ]);
  const own = new Error("the source's own");
  for (const source of [
    function* () {
      yield* starts(ids(1));
      throw own;
    },
    async function* () {
      yield* starts(ids(1));
      throw own;
    },
  ]) {
    const results = client.sendAll(source());
    /** @type {unknown[]} */
    const actual = [];
    await assert.rejects(
      async () => {
        for await (const { receipt } of results) actual.push(receipt?.status);
      },
      (error) => error === own,
    );
    assert.deepEqual([actual, await results.summary], [[200], { accepted: 1, notExecuted: 0, unknown: 0 }]);
  }
});

test("onProgress gets the counts; if it throws, the loop ends as with an error of the source", async () => {
  const { client } = await campaign(options);
  /** @type {number[]} */
  const counts = [];
  await all(client.sendAll(starts(six), { onProgress: ({ accepted }) => counts.push(accepted) }));
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 6]);
  const own = new Error("own");
  await assert.rejects(
    all(
      client.sendAll(starts(six), {
        onProgress: () => {
          throw own;
        },
      }),
    ),
    (error) => error === own,
  );
});

test("invalid options are named, and nothing is pulled or sent", async () => {
  const { client, requests } = await campaign();
  /** @type {[any, any, string][]} */
  const bad = [
    [undefined, {}, "commands"],
    [null, {}, "commands"],
    [5, {}, "commands"],
    [{}, {}, "commands"],
    ...[0, 101, 1.5, NaN, "4", null].map((concurrency) => /** @type {any} */ ([[], { concurrency }, "concurrency"])),
    ...[0, -1, NaN, Infinity, "4", null].map((perSecond) => /** @type {any} */ ([[], { perSecond }, "perSecond"])),
    [[], { onProgress: 5 }, "onProgress"],
    [[], { stopOnError: 1 }, "stopOnError"],
    [[], { signal: {} }, "signal"],
    [[], { maxRetries: 11 }, "maxRetries"],
    [[], "x", "options"],
  ];
  for (const [commands, options, named] of bad) {
    const source = watched(commands?.[Symbol.iterator] ? starts(six) : []);
    const results = client.sendAll(commands?.[Symbol.iterator] ? source : commands, options);
    const error = await failure(all(results));
    assert.deepEqual([error.code, error.outcome, source.pulled], ["invalid-argument", "not-executed", 0]);
    assert.match(error.message, new RegExp(`^${named} `));
    assert.deepEqual(await results.summary, { accepted: 0, notExecuted: 0, unknown: 0 });
  }
  assert.deepEqual(await requests(), []);
});

test("each command calls the token function, and a fresh token is used", async () => {
  const { client } = await campaign(options, {
    accessToken: ({ refresh }) => (refresh ? credentials.accessToken : "old-token"),
  });
  const list = await all(client.sendAll(starts(six)));
  assert.ok(list.every(({ receipt }) => receipt?.attempts === 2));
});
