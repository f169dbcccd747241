// @ts-check
// A text that is not JSON is an ordinary answer: that its parser throws must leave nothing in the module's table of references.

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {WebAssembly.Table[]} */
const tables = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports);
    tables.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Table));
  }
};
const { sendWorkflowCommand } = await import("campaign-workflow");

const base = { organization: "acme", workflowId: "WKF1", command: /** @type {const} */ ("start"), accessToken: "a-token", apiKey: "a-key" };

test("errors whose body is not JSON leave no references", async () => {
  const fail = () => sendWorkflowCommand({ ...base, fetch: async () => new Response("RST-360011", { status: 404 }) }).catch(() => {});
  const lengths = () => tables.map(({ length }) => length);
  await fail();
  const before = lengths();
  for (let call = 0; call < 5000; call += 1) await fail();
  assert.ok(before.length > 0);
  assert.deepEqual(lengths(), before);
});

test("null is JSON", async () => {
  const headers = { "content-type": "application/json" };
  const receipt = await sendWorkflowCommand({ ...base, fetch: async () => new Response("null", { headers }) });
  assert.equal(receipt.body, null);
});
