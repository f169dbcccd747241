// @ts-check
// What the Worker's own problem documents say to anybody's client, whichever code reads them. Those of commands are made in Rust,
// and tested there.

import assert from "node:assert/strict";
import { test } from "node:test";

const address = new URL("../../examples/cloudflare/src/problems.js", import.meta.url).href;
const { problemResponse, ...others } = await import(address);
const documents = Object.entries(/** @type {Record<string, any>} */ (others));

test("an unknown outcome has neither 429, 503 nor Retry-After", () => {
  assert.ok(documents.length >= 8, `${documents.length} documents`);
  for (const [name, document] of documents) {
    const { status, headers } = problemResponse(document);
    if (document.outcome === "unknown") {
      assert.equal(status, 502, name);
      assert.equal(headers.get("retry-after"), null, name);
      assert.equal(document.retryAfterMs, null, name);
    } else assert.equal(document.outcome, "not-executed", name);
    if (status === 429 || status === 503) assert.ok(Number(headers.get("retry-after")) >= 1, name);
  }
});
