// @ts-check
// Waiting for a workflow's state, and confirmed commands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasState } from "campaign-workflow/client";
import { campaign, failure, faulty, GET, json } from "./servers.mjs";
import { sleep } from "../support/wait.mjs";

const quick = { intervalMs: 20 };

test("waitFor polls until the predicate holds, and returns that workflow", async () => {
  const { client, requests } = await campaign({ applyDelayMs: 250 });
  await client.start("WKF101");
  let polls = 0;
  const workflow = await client.waitFor(
    "WKF101",
    (one) => {
      polls++;
      return one.state === "Started";
    },
    quick,
  );
  assert.equal(workflow.state, "Started");
  assert.ok(polls >= 3 && polls <= 14, `${polls} polls`);
  assert.deepEqual(await requests(), ["POST start", ...Array(polls).fill("GET WKF101")]);
});

test("if the predicate already holds, one poll is enough; a predicate may be async", async () => {
  const { client, requests } = await campaign();
  await client.waitFor("WKF106", hasState("started"));
  await client.waitFor("WKF106", async (workflow) => {
    await sleep(20);
    return workflow.state === "Started";
  });
  assert.equal((await requests()).length, 2);
});

test("the polls become less frequent, with random jitter", async () => {
  const { server, client } = await faulty();
  server.script(GET, Array(9).fill(json({})));
  await failure(client.waitFor("WKF1", () => false, { intervalMs: 50, timeoutMs: 900 }));
  const gaps = server.requests.map(({ at }, index) => at - (server.requests[index - 1]?.at ?? at)).slice(1);
  assert.ok(gaps.length >= 3 && gaps.length <= 7, `${gaps}`);
  assert.ok(
    gaps.every((gap, index) => index === gaps.length - 1 || gap > 50 * 1.5 ** index * 0.79),
    `${gaps}`,
  );
});

test("waitFor rejects with timeout at the deadline, also while a poll or a predicate hangs", async () => {
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
  const sent = server.requests.length;
  await sleep(200);
  assert.equal(server.requests.length, sent, "a poll after the deadline");
});

test("polling goes on after a failed poll; the last failure is the cause", async () => {
  const { server, client } = await faulty({ maxRetries: 0 });
  server.script(GET, [
    (reply) => reply.reset(),
    (reply) => reply.respond(500),
    (reply) => reply.respond(429),
    json({ state: "x" }),
  ]);
  assert.deepEqual(await client.waitFor("WKF1", () => true, quick), { state: "x" });
  server.script(
    GET,
    Array(50).fill((/** @type {any} */ reply) => reply.respond(503, { body: "busy" })),
  );
  const error = await failure(client.waitFor("WKF1", () => true, { ...quick, timeoutMs: 200 }));
  assert.equal(error.code, "timeout");
  assert.equal(/** @type {any} */ (error.cause)?.code, "server-error");
});

test("a throttled poll waits for the time that the server requests", async () => {
  const { server, client } = await faulty({ maxRetries: 0 });
  server.script(GET, [(reply) => reply.respond(429, { headers: { "Retry-After": "1" } }), json({})]);
  await client.waitFor("WKF1", () => true, quick);
  const [first, second] = server.requests;
  assert.ok(Number(second?.at) - Number(first?.at) >= 990);
});

test("a permanent failure ends the wait", async () => {
  const { client, requests } = await campaign();
  assert.equal((await failure(client.waitFor("WKF999", () => true, quick))).code, "not-found");
  assert.equal((await requests()).length, 1);
});

test("an error of the predicate rejects the wait", async () => {
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

test("an abort ends the wait during a poll, a pause and a predicate", async () => {
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

test("invalid options are named, and nothing is sent", async () => {
  const { client, requests } = await campaign();
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
  assert.deepEqual(await requests(), []);
});

test("a command is confirmed by the workflow's state", async () => {
  const { client, requests, workflow } = await campaign({ applyDelayMs: 120 });
  const receipt = await client.start("WKF101", { confirm: hasState("Started"), ...quick });
  assert.deepEqual(
    [receipt.status, receipt.confirmed, receipt.command, receipt.workflow?.state],
    [200, true, "start", "Started"],
  );
  const [look, command, ...looks] = await requests();
  assert.deepEqual([look, command], ["GET WKF101", "POST start"]);
  assert.ok(looks.length >= 1 && looks.every((one) => one === "GET WKF101"));
  assert.equal((await workflow("WKF101")).executions.length, 1);
});

test("an unknown outcome that the state settles is confirmed; the command is sent once", async () => {
  const { client, emulator, requests, workflow } = await campaign({ applyDelayMs: 120 });
  await emulator.addFault({ kind: "lost-answer" });
  const receipt = await client.start("WKF101", { confirm: hasState("Started"), ...quick });
  assert.deepEqual(
    [receipt.status, receipt.confirmed, receipt.attempts, receipt.workflow?.state],
    [null, true, 1, "Started"],
  );
  assert.equal((await requests()).filter((one) => one === "POST start").length, 1);
  assert.equal((await workflow("WKF101")).executions.length, 1);
});

test("an unknown outcome that the state does not settle stays unknown", async () => {
  const { client, emulator, requests, workflow } = await campaign();
  await emulator.addFault({ kind: "lost-request" });
  const error = await failure(client.start("WKF101", { confirm: hasState("Started"), ...quick, timeoutMs: 400 }));
  assert.deepEqual([error.code, error.outcome], ["network", "unknown"]);
  assert.equal((await requests()).filter((one) => one === "POST start").length, 1);
  assert.equal((await workflow("WKF101")).executions.length, 0);
});

test("a state that the workflow had before proves nothing", async () => {
  const { client, emulator, requests } = await campaign({ invalidTransition: "accept" });
  const receipt = await client.start("WKF106", { confirm: hasState("Started"), ...quick });
  assert.deepEqual([receipt.status, receipt.confirmed, receipt.workflow], [200, false, null]);
  await emulator.addFault({ kind: "lost-request" });
  const error = await failure(client.start("WKF106", { confirm: hasState("Started"), ...quick }));
  assert.deepEqual([error.code, error.outcome], ["network", "unknown"]);
  assert.deepEqual(await requests(), ["GET WKF106", "POST start", "GET WKF106", "POST start"]);
});

test("a command that was not executed rejects at once; an accepted one stays accepted", async () => {
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

test("if the workflow can't be read before, nothing is sent", async () => {
  const { client, emulator, requests } = await campaign({}, { maxRetries: 0 });
  await emulator.addFault({ kind: "unavailable", on: "read" });
  const error = await failure(client.start("WKF101", { confirm: hasState("Started") }));
  assert.deepEqual([error.code, error.outcome], ["server-error", "not-executed"]);
  assert.deepEqual(await requests(), ["GET WKF101"]);
});

test("hasState reads both fields, whatever the case", () => {
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
