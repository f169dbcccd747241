// @ts-check
// The budgets of size and memory, which bench/NOTES.md explains. `npm run bench -- --budgets` checks those of time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dist } from "../../scripts/lib/paths.mjs";
import { budgets, INLINED_LIMIT_KB, measure, measureWays, report } from "../../scripts/lib/size.mjs";
import { memoryOfCalls } from "../support/memory.mjs";

test("memory: 300,000 calls leave less than 1 MiB of heap and no page of WebAssembly's memory; a call in flight takes less than 4 kB of it", async (t) => {
  const client = { module: "campaign-workflow", name: "sendWorkflowCommand" };
  const request = {
    organization: "acme",
    workflowId: "WKF42",
    command: "start",
    accessToken: "token-of-a-usual-length".repeat(4),
    apiKey: "0123456789abcdef0123456789abcdef",
    baseUrl: "http://127.0.0.1:9",
  };
  const { growth, wasm, wasmPerCall } = await memoryOfCalls(client, request, 300_000);
  t.diagnostic(`heap ${growth} B, WebAssembly ${wasm} B, in flight ${wasmPerCall.toFixed(0)} B a call`);
  assert.ok(growth < 1024 * 1024, `over the budget: ${growth} bytes stay on the heap`);
  assert.equal(wasm, 0, "over the budget: WebAssembly's memory grew");
  assert.ok(wasmPerCall < 4000, `over the budget: ${wasmPerCall} bytes for a call in flight`);
});

for (const budget of budgets) {
  const { name, module, limitKb } = budget;
  test(`size of ${name}, module and script: ${limitKb === undefined ? "measured, without a limit" : `at most ${limitKb} kB`}; the measured module is the one that ships`, async (t) => {
    const sizes = await measure(dist, budget);
    if (limitKb !== undefined)
      assert.equal(sizes.wasm, readFileSync(fileURLToPath(import.meta.resolve(`campaign-workflow/${module}`))).length);
    t.diagnostic(report(sizes, budget));
  });
}

test(`size of one command as a page loads it: at most ${INLINED_LIMIT_KB} kB`, async (t) => {
  const inlined = (await measureWays(dist)).find(({ way }) => way === "inlined")?.script ?? Infinity;
  t.diagnostic(`${inlined} bytes`);
  assert.ok(inlined <= INLINED_LIMIT_KB * 1000);
});
