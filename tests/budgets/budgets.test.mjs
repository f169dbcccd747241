// @ts-check
// What the client may cost. The build holds its size; here are its time, as a ratio to a function written by hand in the same
// run, and its memory. `npm run bench` measures more finely, on a machine that does nothing else.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cpu } from "../../bench/measures/cpu.mjs";
import { child } from "../../bench/measures/memory.mjs";
import { byHand, ours, peers } from "../../bench/peers.mjs";
import { ratios } from "../../bench/stats.mjs";
import { LIMIT_KB, measure } from "../../scripts/lib/size.mjs";
import { dist } from "../../scripts/lib/paths.mjs";

const both = peers.filter(({ name }) => name === byHand || name === ours);

/** The limits are 2.5 and 1.5; the rest is room for a machine that is busy. */
const budgets = /** @type {const} */ ([["thin", 4], ["Response", 2.5]]);

for (const [answer, most] of budgets) {
  test(`the budget of CPU time: at most ${most} times a function written by hand, over ${answer === "thin" ? "a thin answer" : "a Response"}`, async (t) => {
    const rows = await cpu(answer, 1).measure({ peers: both, rounds: 9, status: () => {} });
    const samples = (/** @type {string} */ name) => rows.find(({ peer }) => peer === name)?.samples ?? [];
    const { median, low, high } = ratios(samples(ours), samples(byHand));
    t.diagnostic(`${median.toFixed(2)} times (${low.toFixed(2)} to ${high.toFixed(2)})`);
    assert.ok(median <= most, `over the budget of CPU time: ${median.toFixed(2)} times a function written by hand, and ${most} is the most`);
  });
}

test("the budget of memory: 100,000 calls leave no megabyte, and none of WebAssembly's pages; a call in flight takes half a kilobyte of it", async (t) => {
  const { growth, wasm, wasmPerCall } = await child("ours.mjs", 100_000);
  t.diagnostic(`heap ${growth} B, WebAssembly ${wasm} B, in flight ${wasmPerCall.toFixed(0)} B a call`);
  assert.ok(growth < 1_000_000, `over the budget of heap: ${growth} bytes stay after 100,000 calls`);
  assert.equal(wasm, 0, "over the budget of WebAssembly's memory: it grew");
  // Memory grows by the page and the allocator by more; so some room.
  assert.ok(wasmPerCall < 600, `over the budget of memory in flight: ${wasmPerCall} bytes of WebAssembly's memory a call`);
});

test(`the budget of size: ${LIMIT_KB} kB, and the bundle that is measured is the one that ships`, async () => {
  const { wasm, totalBrotli } = await measure(dist);
  assert.equal(wasm, readFileSync(fileURLToPath(import.meta.resolve("campaign-workflow/core.wasm"))).length);
  assert.ok(totalBrotli <= LIMIT_KB * 1000);
});
