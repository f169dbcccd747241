// @ts-check
// What the Worker's problem documents say to anybody's client, whichever code reads them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

const address = new URL("../../examples/cloudflare/src/problems.js", import.meta.url).href;
const { mayPass, problemOf, problemResponse, ...others } = await import(address);
const documents = Object.entries(/** @type {Record<string, any>} */ (others)).filter(([, value]) => typeof value === "object");

const codes = [
  ...["invalid-argument", "token-unavailable", "unauthenticated", "forbidden", "not-found", "rate-limited", "rejected", "redirected"],
  ...["unreachable", "server-error", "bad-response", "network", "timeout", "aborted", "invalid-trigger", "internal"],
];
const waits = [null, 0, 12_000];
const failures = codes.flatMap((code) =>
  ["not-executed", "unknown"].flatMap((outcome) => waits.map((retryAfterMs) => ({ code, outcome, retryAfterMs }))),
);
/** @param {object} failure */
const documentOf = (failure) =>
  problemOf({ message: "m", hint: null, errorCode: null, requestId: null, body: null, ...failure });

/** @param {string} name @param {any} document */
async function assertHonest(name, document) {
  const { status, headers } = problemResponse(document);
  const { outcome } = document;
  const wait = headers.get("retry-after");
  const isPending = name === "stillPending";
  if (isPending) assert.deepEqual([status, outcome, wait], [409, "unknown", "1"]);
  else if (outcome === "unknown") {
    assert.ok([502, 504].includes(status), `${name}: ${status}`);
    assert.equal(wait, null, name);
    assert.equal(document.retryAfterMs, null, name);
  } else assert.equal(outcome, "not-executed", name);
  if (status === 429) assert.ok(Number(wait) >= 1, `${name}: Retry-After ${wait}`);
}

describe("an unknown outcome has neither 429, 503 nor Retry-After", () => {
  test("in the Worker's own documents", async () => {
    assert.ok(documents.length >= 13, `${documents.length} documents`);
    for (const [name, document] of documents) await assertHonest(name, document);
  });

  test("in those of the client's errors, of every code and outcome", async () => {
    for (const failure of failures) await assertHonest(JSON.stringify(failure), documentOf(failure));
  });
});

describe("a key is free again", () => {
  test("after what was certainly not executed, for a reason that may pass", () => {
    const passing = ["invalid-argument", "token-unavailable", "rate-limited", "unreachable", "timeout", "aborted"];
    for (const code of codes) {
      const document = documentOf({ code, outcome: "not-executed", retryAfterMs: null });
      assert.equal(mayPass(document), passing.includes(code), code);
    }
    assert.ok(mayPass(documentOf({ code: "server-error", outcome: "not-executed", retryAfterMs: 2000 })), "503 with Retry-After");
    for (const name of ["busy", "notConfigured", "interruptedBeforeSending"]) assert.ok(mayPass(others[name]), name);
  });

  test("never after an unknown outcome", () => {
    for (const failure of failures.filter(({ outcome }) => outcome === "unknown")) assert.equal(mayPass(documentOf(failure)), false);
  });
});
