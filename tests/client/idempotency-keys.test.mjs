// @ts-check
// With an idempotency key, a command in doubt is sent again with the same key, and the server executes it once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { acceptedCall, failedCall, withoutBackOff, warmServer } from "./checked-calls.mjs";
import { executeThen, hangAfterExecution, hangInBody, refuse, throttled } from "../support/faults.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const idempotencyKey = "order-42";
const problem = { "Content-Type": "application/problem+json" };
/** The stored receipt of a command that was executed before. @type {Step} */
const replayed = (reply) => reply.respond(200, { body: "stored" });
/** @type {Step} */
const loseAnswer = (reply) => reply.execute().reset();
/** @param {number} status @param {object} document */
const refusal = (status, document) => refuse(status, JSON.stringify(document), problem);

test("a lost response becomes a receipt, and every request carries the key", async () => {
  const pending = refuse(409, "", { "Retry-After": "0" });
  /** @type {[string, Step[], object][]} */
  const losses = [
    ["a reset", [loseAnswer], {}],
    ["an attempt's timeout", [hangAfterExecution], { attemptTimeoutMs: 200 }],
    ["502", [executeThen(502)], {}],
    ["504 with a document", [executeThen(504, '{"code":"timeout","outcome":"unknown"}', problem)], {}],
    ["503 with a document that is cut", [hangInBody(503, "{", problem)], { attemptTimeoutMs: 200 }],
    ["still pending", [executeThen(409, "", { "Retry-After": "0" }), pending], {}],
  ];
  for (const [name, steps, more] of losses) {
    const { receipt, requests } = await withoutBackOff(() =>
      acceptedCall(server, [...steps, replayed], { idempotencyKey, ...more }),
    );
    assert.deepEqual([receipt.body, receipt.attempts], ["stored", steps.length + 1], name);
    for (const { headers } of requests) assert.equal(headers["idempotency-key"], idempotencyKey, name);
  }
});

test("without a key, none of these is sent twice", async () => {
  for (const step of [loseAnswer, hangAfterExecution, executeThen(502), executeThen(504)]) {
    const { error, requests } = await failedCall(server, [step, replayed], { attemptTimeoutMs: 200 });
    assert.deepEqual([error.outcome, requests.length], ["unknown", 1]);
    assert.equal(requests[0]?.headers["idempotency-key"], undefined);
  }
});

test("maxRetries and timeoutMs are obeyed", async () => {
  const { error } = await withoutBackOff(() =>
    failedCall(server, [loseAnswer, refuse(502), refuse(502), replayed], { idempotencyKey, maxRetries: 2 }),
  );
  assert.deepEqual([error.attempts, error.outcome, error.code], [3, "unknown", "server-error"]);
  assert.match(String(error.hint), /idempotencyKey/);
  const late = await failedCall(server, [hangAfterExecution, replayed], { idempotencyKey, timeoutMs: 300 });
  assert.deepEqual([late.error.attempts, late.error.code, late.error.outcome], [1, "timeout", "unknown"]);
});

test("after a doubt, a refusal proves nothing about the earlier request, unless it is the stored response to the key", async () => {
  const refusals = [refuse(403), throttled("99"), refusal(403, { code: "forbidden", outcome: "not-executed" })];
  for (const last of refusals) {
    const { error } = await withoutBackOff(() => failedCall(server, [loseAnswer, last], { idempotencyKey }));
    assert.equal(error.outcome, "unknown", error.code);
  }
  const stored = refusal(404, { code: "not-found", outcome: "not-executed", detail: "No such workflow", stored: true });
  const { error } = await withoutBackOff(() =>
    failedCall(server, [(reply) => reply.reset(), stored], { idempotencyKey }),
  );
  assert.deepEqual(
    [error.code, error.outcome, error.message, error.attempts],
    ["not-found", "not-executed", "No such workflow", 2],
  );
});

test("a stored unknown outcome is final", async () => {
  const stored = refusal(502, { code: "aborted", outcome: "unknown", stored: true });
  const { error, requests } = await failedCall(server, [stored, replayed], { idempotencyKey });
  assert.deepEqual([error.code, error.outcome, requests.length], ["aborted", "unknown", 1]);
});

test("a command in doubt that is aborted during its wait is unknown", async () => {
  const controller = new AbortController();
  const { error } = await failedCall(
    server,
    [executeThen(502, "", { "Retry-After": "9" })],
    { idempotencyKey, signal: controller.signal },
    {
      onStart: () => void setTimeout(() => controller.abort(), 150),
    },
  );
  assert.deepEqual([error.code, error.outcome, error.attempts], ["aborted", "unknown", 1]);
});

test("an invalid key is refused, and nothing is sent", async () => {
  for (const bad of ["", "two words", "é", "x".repeat(256), 7, null]) {
    const { error, requests } = await failedCall(server, [], { idempotencyKey: /** @type {any} */ (bad) });
    assert.deepEqual([error.code, requests.length], ["invalid-argument", 0], String(bad));
    assert.match(error.message, /^idempotencyKey /);
  }
  const fetch = () => assert.fail("it was sent");
  const atAdobe = await failedCall(
    server,
    [],
    { idempotencyKey, baseUrl: undefined, fetch: /** @type {any} */ (fetch) },
    { mayMissServer: true },
  );
  assert.match(atAdobe.error.message, /^idempotencyKey must not be set for Adobe's host/);
});
