// @ts-check
// What a gateway's problem document says comes before what its status allows: an unknown outcome is never repeated, whatever the
// status and the headers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accepted, failed, warmServer } from "./checked-calls.mjs";
import { documented, executeThen, hangInBody, refuse } from "../support/faults.mjs";

/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const problem = { "Content-Type": "application/problem+json" };
const unknown = JSON.stringify({ code: "server-error", outcome: "unknown", detail: "The object was lost" });
const notExecuted = JSON.stringify({ code: "rate-limited", outcome: "not-executed", detail: "Busy" });

test("unknown with 503 or 429 and Retry-After goes out once", async () => {
  for (const status of [503, 429]) {
    for (const body of [unknown, JSON.stringify({ outcome: "unknown" })]) {
      const { error, seen } = await failed(server, [executeThen(status, body, { ...problem, "Retry-After": "0" })]);
      assert.deepEqual([error.outcome, error.attempts, seen.length], ["unknown", 1, 1], `${status} ${body}`);
    }
  }
});

test("unknown with 401 asks for no fresh token", async () => {
  let asked = 0;
  const accessToken = () => `token-${asked++}`;
  const { error, seen } = await failed(server, [executeThen(401, unknown, problem)], { accessToken });
  assert.deepEqual([error.outcome, seen.length, asked], ["unknown", 1, 1]);
});

test("a document that does not object leaves the repetition to the status", async () => {
  for (const body of [notExecuted, "{}", "no JSON at all", ""]) {
    const { receipt } = await accepted(server, [refuse(503, body, { ...problem, "Retry-After": "0" })]);
    assert.equal(receipt.attempts, 2, body);
  }
  const accessToken = (/** @type {{ refresh: boolean }} */ { refresh }) => (refresh ? "fresh-token" : "stale-token");
  const { receipt } = await accepted(server, [refuse(401, notExecuted, problem)], { accessToken });
  assert.equal(receipt.attempts, 2);
});

test("a document that was not read to its end might have said anything", async () => {
  const { error, seen } = await failed(server, [hangInBody(429, '{"outcome":', { ...problem, "Retry-After": "0" })], {
    attemptTimeoutMs: 200,
  });
  assert.deepEqual([error.code, error.outcome, seen.length], ["timeout", "unknown", 1]);
});

test("the document's code and outcome are the error's", async () => {
  const { error } = await failed(server, [
    refuse(502, JSON.stringify({ code: "unreachable", outcome: "not-executed", hint: "Later." }), problem),
  ]);
  assert.deepEqual(
    [error.code, error.outcome, error.hint, error.status],
    ["unreachable", "not-executed", "Later.", 502],
  );
});

test("other JSON with the same members is no problem document", async () => {
  const { receipt } = await accepted(server, [
    refuse(503, unknown, { "Content-Type": "application/json", "Retry-After": "0" }),
  ]);
  assert.equal(receipt.attempts, 2);
});

test("Prefer and Idempotency-Key can't be set through headers", async () => {
  for (const name of ["Prefer", "prefer", "Idempotency-Key"]) {
    const { error, seen } = await failed(server, [], { headers: { [name]: "respond-async" } });
    assert.deepEqual([error.code, seen.length], ["invalid-argument", 0], name);
    assert.match(error.message, /^headers /);
  }
});

test("the token function gets exactly one argument", async () => {
  /** @type {unknown[][]} */
  const calls = [];
  const accessToken = (/** @type {unknown[]} */ ...args) => (calls.push(args), "some-token");
  await accepted(server, [documented.tokenExpired], { accessToken });
  assert.deepEqual(calls, [[{ refresh: false }], [{ refresh: true }]]);
});
