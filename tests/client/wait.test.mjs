// @ts-check
// Waiting for a workflow, and commands that are confirmed by it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasState } from "campaign-workflow/client";
import { campaign, failure, faulty, GET, json } from "./servers.mjs";
import { sleep } from "../support/wait.mjs";

const quick = { intervalMs: 20 };

test("a workflow is waited for until it is there, and comes as it was then", async () => {
  const { client, seen } = await campaign({ applyDelayMs: 250 });
  await client.start("WKF101");
  let looks = 0;
  const workflow = await client.waitFor(
    "WKF101",
    (one) => {
      looks++;
      return one.state === "Started";
    },
    quick,
  );
  assert.equal(workflow.state, "Started");
  assert.ok(looks >= 3 && looks <= 14, `${looks} looks`);
  assert.deepEqual(await seen(), ["POST start", ...Array(looks).fill("GET WKF101")]);
});

test("one that is there already takes one look; a predicate may take its time", async () => {
  const { client, seen } = await campaign();
  await client.waitFor("WKF106", hasState("started"));
  await client.waitFor("WKF106", async (workflow) => {
    await sleep(20);
    return workflow.state === "Started";
  });
  assert.equal((await seen()).length, 2);
});

test("the looks come further and further apart, spread by chance", async () => {
  const { server, client } = await faulty();
  server.script(GET, Array(9).fill(json({})));
  await failure(client.waitFor("WKF1", () => false, { intervalMs: 50, timeoutMs: 900 }));
  const gaps = server.seen.map(({ at }, index) => at - (server.seen[index - 1]?.at ?? at)).slice(1);
  assert.ok(gaps.length >= 3 && gaps.length <= 7, `${gaps}`);
  assert.ok(
    gaps.every((gap, index) => index === gaps.length - 1 || gap > 50 * 1.5 ** index * 0.79),
    `${gaps}`,
  );
});

test("at the deadline it rejects with timeout, also while a look or a predicate hangs", async () => {
  const { server, client } = await faulty();
  for (const [steps, until] of /** @type {const} */ ([
    [[json({}), json({}), json({}), json({})], () => false],
    [[() => {}], () => true],
    [[json({})], () => new Promise(() => {})],
  ])) {
    server.script(GET, [...steps]);
    const from = performance.now();
    const error = await failure(
      client.waitFor("WKF1", /** @type {any} */ (until), { intervalMs: 100, timeoutMs: 300 }),
    );
    const took = performance.now() - from;
    assert.deepEqual([error.code, error.outcome], ["timeout", "not-executed"]);
    assert.ok(took >= 295 && took < 500, `${took} ms`);
  }
  const sent = server.seen.length;
  await sleep(200);
  assert.equal(server.seen.length, sent, "a look after the deadline");
});

test("a look that fails may be followed by one that does not; the last failure is the cause", async () => {
  const { server, client } = await faulty({ maxRetries: 0 });
  server.script(GET, [
    (wire) => wire.reset(),
    (wire) => wire.answer(500),
    (wire) => wire.answer(429),
    json({ state: "x" }),
  ]);
  assert.deepEqual(await client.waitFor("WKF1", () => true, quick), { state: "x" });
  server.script(
    GET,
    Array(50).fill((/** @type {any} */ wire) => wire.answer(503, { body: "busy" })),
  );
  const error = await failure(client.waitFor("WKF1", () => true, { ...quick, timeoutMs: 200 }));
  assert.equal(error.code, "timeout");
  assert.equal(/** @type {any} */ (error.cause)?.code, "server-error");
});

test("a throttled look waits for as long as the server asks", async () => {
  const { server, client } = await faulty({ maxRetries: 0 });
  server.script(GET, [(wire) => wire.answer(429, { headers: { "Retry-After": "1" } }), json({})]);
  await client.waitFor("WKF1", () => true, quick);
  const [first, second] = server.seen;
  assert.ok(Number(second?.at) - Number(first?.at) >= 990);
});

test("what no other look can change ends the wait", async () => {
  const { client, seen } = await campaign();
  assert.equal((await failure(client.waitFor("WKF999", () => true, quick))).code, "not-found");
  assert.equal((await seen()).length, 1);
});

test("what the predicate throws is what comes out", async () => {
  const { client } = await campaign();
  const own = { own: true };
  await assert.rejects(
    client.waitFor("WKF101", () => {
      throw own;
    }),
    (error) => error === own,
  );
  await assert.rejects(
    client.waitFor("WKF101", () => Promise.reject(own)),
    (error) => error === own,
  );
});

test("an abort ends it in a look, in a wait and in a predicate", async () => {
  const { server, client } = await faulty();
  for (const [steps, until] of /** @type {const} */ ([
    [[() => {}], () => true],
    [[json({})], () => false],
    [[json({})], () => new Promise(() => {})],
  ])) {
    server.script(GET, [...steps]);
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 60);
    const from = performance.now();
    const error = await failure(
      client.waitFor("WKF1", /** @type {any} */ (until), { signal: controller.signal, intervalMs: 5000 }),
    );
    assert.deepEqual([error.code, error.outcome, error.cause], ["aborted", "not-executed", "enough"]);
    assert.ok(performance.now() - from < 300);
  }
});

test("options that are wrong are named, and nothing is sent", async () => {
  const { client, seen } = await campaign();
  /** @type {[any, any, string][]} */
  const bad = [
    [undefined, {}, "until"],
    [5, {}, "until"],
    [null, {}, "until"],
    [() => true, { intervalMs: 0 }, "intervalMs"],
    [() => true, { intervalMs: "5" }, "intervalMs"],
    [() => true, { intervalMs: null }, "intervalMs"],
    [() => true, { timeoutMs: -1 }, "timeoutMs"],
    [() => true, { timeoutMs: 2 ** 31 }, "timeoutMs"],
    [() => true, { signal: {} }, "signal"],
    [() => true, { signal: null }, "signal"],
    [() => true, "x", "options"],
    [() => true, null, "options"],
  ];
  for (const [until, options, named] of bad) {
    const error = await failure(client.waitFor("WKF101", until, options));
    assert.deepEqual([error.code, error.attempts], ["invalid-argument", 0]);
    assert.match(error.message, new RegExp(`^${named} `));
  }
  const error = await failure(client.start("WKF101", { confirm: /** @type {any} */ ("yes") }));
  assert.match(error.message, /^confirm must be a function/);
  assert.deepEqual(await seen(), []);
});

test("a command is confirmed by the workflow", async () => {
  const { client, seen, workflow } = await campaign({ applyDelayMs: 120 });
  const receipt = await client.start("WKF101", { confirm: hasState("Started"), ...quick });
  assert.deepEqual(
    [receipt.status, receipt.confirmed, receipt.command, receipt.workflow?.state],
    [200, true, "start", "Started"],
  );
  const [look, command, ...looks] = await seen();
  assert.deepEqual([look, command], ["GET WKF101", "POST start"]);
  assert.ok(looks.length >= 1 && looks.every((one) => one === "GET WKF101"));
  assert.equal((await workflow("WKF101")).executions.length, 1);
});

test("an unknown outcome that the workflow clears up is confirmed; the command went out once", async () => {
  const { client, emulator, seen, workflow } = await campaign({ applyDelayMs: 120 });
  await emulator.addFault({ kind: "lost-answer" });
  const receipt = await client.start("WKF101", { confirm: hasState("Started"), ...quick });
  assert.deepEqual(
    [receipt.status, receipt.confirmed, receipt.attempts, receipt.workflow?.state],
    [null, true, 1, "Started"],
  );
  assert.equal((await seen()).filter((one) => one === "POST start").length, 1);
  assert.equal((await workflow("WKF101")).executions.length, 1);
});

test("an unknown outcome that the workflow does not clear up stays unknown", async () => {
  const { client, emulator, seen, workflow } = await campaign();
  await emulator.addFault({ kind: "lost-request" });
  const error = await failure(client.start("WKF101", { confirm: hasState("Started"), ...quick, timeoutMs: 400 }));
  assert.deepEqual([error.code, error.outcome], ["network", "unknown"]);
  assert.equal((await seen()).filter((one) => one === "POST start").length, 1);
  assert.equal((await workflow("WKF101")).executions.length, 0);
});

test("a state that was there before proves nothing", async () => {
  const { client, emulator, seen } = await campaign({ invalidTransition: "accept" });
  const receipt = await client.start("WKF106", { confirm: hasState("Started"), ...quick });
  assert.deepEqual([receipt.status, receipt.confirmed, receipt.workflow], [200, false, null]);
  await emulator.addFault({ kind: "lost-request" });
  const error = await failure(client.start("WKF106", { confirm: hasState("Started"), ...quick }));
  assert.deepEqual([error.code, error.outcome], ["network", "unknown"]);
  assert.deepEqual(await seen(), ["GET WKF106", "POST start", "GET WKF106", "POST start"]);
});

test("a command that was not executed is told at once; one that was accepted stays accepted", async () => {
  const { client, emulator } = await campaign({ applyDelayMs: 60_000 });
  await emulator.addFault({ kind: "token-expired" });
  const error = await failure(client.start("WKF101", { confirm: hasState("Started"), ...quick }));
  assert.deepEqual([error.code, error.outcome], ["unauthenticated", "not-executed"]);
  const late = await client.start("WKF101", { confirm: hasState("Started"), ...quick, timeoutMs: 300 });
  assert.deepEqual([late.status, late.confirmed, late.workflow?.state], [200, false, "Editing"]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 150);
  const aborted = await client.pause("WKF106", { confirm: hasState("Paused"), ...quick, signal: controller.signal });
  assert.deepEqual([aborted.status, aborted.confirmed], [200, false]);
});

test("where the workflow can't be seen before, nothing is sent", async () => {
  const { client, emulator, seen } = await campaign({}, { maxRetries: 0 });
  await emulator.addFault({ kind: "unavailable", on: "read" });
  const error = await failure(client.start("WKF101", { confirm: hasState("Started") }));
  assert.deepEqual([error.code, error.outcome], ["server-error", "not-executed"]);
  assert.deepEqual(await seen(), ["GET WKF101"]);
});

test("hasState knows both fields, in any case", () => {
  const there = hasState("Started", "paused");
  assert.deepEqual(
    [
      { state: "started" },
      { status: "STARTED" },
      { state: "x", status: "Paused" },
      { state: "Finished" },
      { state: 11 },
      {},
    ].map((one) => there(one)),
    [true, true, true, false, false, false],
  );
});
