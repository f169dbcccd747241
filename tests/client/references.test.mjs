// @ts-check
// Errors that are part of normal operation leave no entry in the module's table of references, which would grow with each call.

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

const base = {
  organization: "acme",
  workflowId: "WKF1",
  command: /** @type {const} */ ("start"),
  accessToken: "a-token",
  apiKey: "a-key",
};

/** @type {Record<string, Partial<import("campaign-workflow").WorkflowCommandRequest>>} */
const throwing = {
  "an error whose body is not JSON": { fetch: async () => new Response("RST-360011", { status: 404 }) },
  "a fetch that resolves to nothing": { fetch: async () => /** @type {any} */ (undefined) },
  "a network failure": {
    fetch: async () => {
      throw new TypeError("fetch failed");
    },
  },
  "a fetch that throws at once": {
    fetch: () => {
      throw new TypeError("fetch failed");
    },
  },
  "a fetch that throws nothing": {
    fetch: () => {
      throw undefined;
    },
  },
  "a token function that throws at once": {
    accessToken: () => {
      throw new Error("no");
    },
  },
};

for (const [name, own] of Object.entries(throwing)) {
  test(`${name} leaves no references`, async () => {
    const fail = () =>
      sendWorkflowCommand({ ...base, ...own }).then(
        () => assert.fail("it passed"),
        () => {},
      );
    const lengths = () => tables.map(({ length }) => length);
    await fail();
    const before = lengths();
    for (let call = 0; call < 5000; call += 1) await fail();
    assert.ok(before.length > 0);
    assert.deepEqual(lengths(), before);
  });
}

test("a body of null is returned as null", async () => {
  const headers = { "content-type": "application/json" };
  const receipt = await sendWorkflowCommand({ ...base, fetch: async () => new Response("null", { headers }) });
  assert.equal(receipt.body, null);
});
