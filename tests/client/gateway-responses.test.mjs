// @ts-check
// A gateway's problem document takes precedence over its status: after an unknown outcome nothing is repeated, whatever the status and
// the headers allow.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { acceptedCall, failedCall, warmServer } from "./checked-calls.mjs";
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

test("unknown with 503 or 429 and Retry-After is sent once", async () => {
  for (const status of [503, 429]) {
    for (const body of [unknown, JSON.stringify({ outcome: "unknown" })]) {
      const { error, requests } = await failedCall(server, [
        executeThen(status, body, { ...problem, "Retry-After": "0" }),
      ]);
      assert.deepEqual([error.outcome, error.attempts, requests.length], ["unknown", 1, 1], `${status} ${body}`);
    }
  }
});

test("unknown with 401 requests no fresh token", async () => {
  let tokenCalls = 0;
  const accessToken = () => `token-${tokenCalls++}`;
  const { error, requests } = await failedCall(server, [executeThen(401, unknown, problem)], { accessToken });
  assert.deepEqual([error.outcome, requests.length, tokenCalls], ["unknown", 1, 1]);
});

test("a document without an unknown outcome leaves the retry to the status", async () => {
  for (const body of [notExecuted, "{}", "no JSON at all", ""]) {
    const { receipt } = await acceptedCall(server, [refuse(503, body, { ...problem, "Retry-After": "0" })]);
    assert.equal(receipt.attempts, 2, body);
  }
  const accessToken = (/** @type {{ refresh: boolean }} */ { refresh }) => (refresh ? "fresh-token" : "stale-token");
  const { receipt } = await acceptedCall(server, [refuse(401, notExecuted, problem)], { accessToken });
  assert.equal(receipt.attempts, 2);
});

test("a truncated document counts as unknown", async () => {
  const { error, requests } = await failedCall(
    server,
    [hangInBody(429, '{"outcome":', { ...problem, "Retry-After": "0" })],
    {
      attemptTimeoutMs: 200,
    },
  );
  assert.deepEqual([error.code, error.outcome, requests.length], ["timeout", "unknown", 1]);
});

test("the document's code and outcome are the error's", async () => {
  const { error } = await failedCall(server, [
    refuse(502, JSON.stringify({ code: "unreachable", outcome: "not-executed", hint: "Later." }), problem),
  ]);
  assert.deepEqual(
    [error.code, error.outcome, error.hint, error.status],
    ["unreachable", "not-executed", "Later.", 502],
  );
});

test("JSON with the same members but another content type is not a problem document", async () => {
  const { receipt } = await acceptedCall(server, [
    refuse(503, unknown, { "Content-Type": "application/json", "Retry-After": "0" }),
  ]);
  assert.equal(receipt.attempts, 2);
});

test("Prefer and Idempotency-Key can't be set through headers", async () => {
  for (const name of ["Prefer", "prefer", "Idempotency-Key"]) {
    const { error, requests } = await failedCall(server, [], { headers: { [name]: "respond-async" } });
    assert.deepEqual([error.code, requests.length], ["invalid-argument", 0], name);
    assert.match(error.message, /^headers /);
  }
});

test("the token function gets exactly one argument", async () => {
  /** @type {unknown[][]} */
  const calls = [];
  const accessToken = (/** @type {unknown[]} */ ...args) => (calls.push(args), "some-token");
  await acceptedCall(server, [documented.tokenExpired], { accessToken });
  assert.deepEqual(calls, [[{ refresh: false }], [{ refresh: true }]]);
});
