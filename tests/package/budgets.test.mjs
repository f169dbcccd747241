// @ts-check
// What the client may cost; the limits are documented in bench/NOTES.md. Times are ratios to something else in the same run, taken
// in turn. The lower of two runs counts, because other work on the machine only adds. `npm run bench` measures more finely.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cold } from "../../bench/measures/cold.mjs";
import { cpu } from "../../bench/measures/cpu.mjs";
import { child } from "../../bench/measures/memory.mjs";
import { instantiate } from "../../bench/measures/start.mjs";
import { byHand, ours, peers } from "../../bench/peers.mjs";
import { ratios, spread } from "../../bench/stats.mjs";
import { budgets, INLINED_LIMIT_KB, measure, measureWays, report } from "../../scripts/lib/size.mjs";
import { dist } from "../../scripts/lib/paths.mjs";

/**
 * The median ratio of the client to another peer: the lower of two runs.
 *
 * @param {import("node:test").TestContext} t @param {import("../../bench/run.mjs").Measure} measure @param {string} other @param {number} rounds
 */
async function ratioTo(t, measure, other, rounds) {
  const both = peers.filter(({ name }) => name === other || name === ours);
  const medians = [];
  for (let run = 0; run < 2; run += 1) {
    const rows = await measure.measure({ peers: both, rounds, status: () => {} });
    const samples = (/** @type {string} */ name) => rows.find(({ peer }) => peer === name)?.samples ?? [];
    const { median, low, high } = ratios(samples(ours), samples(other));
    t.diagnostic(`${median.toFixed(2)} times (${low.toFixed(2)} to ${high.toFixed(2)})`);
    medians.push(median);
  }
  return Math.min(...medians);
}

for (const [answer, limit] of /** @type {const} */ ([
  ["thin", 3.5],
  ["Response", 1.75],
])) {
  test(`CPU time of a call: at most ${limit} times a function written by hand, over ${answer === "thin" ? "a thin answer" : "a Response"}`, async (t) => {
    const ratio = await ratioTo(t, cpu(answer, 1), byHand, 9);
    assert.ok(ratio <= limit, `over the budget: ${ratio.toFixed(2)} times, and ${limit} is the limit`);
  });
}

test("cold start: at most 1.25 times fetch alone, from the start of a process to its first request", async (t) => {
  const ratio = await ratioTo(t, cold, "fetch", 9);
  assert.ok(ratio <= 1.25, `over the budget: ${ratio.toFixed(2)} times`);
});

test("an instance of the compiled module takes at most 1 ms", async (t) => {
  const rows = await instantiate.measure({ peers, rounds: 40, status: () => {} });
  const { median } = spread(rows[0]?.samples ?? []);
  t.diagnostic(`${median.toFixed(2)} ms`);
  assert.ok(median <= 1);
});

test("memory: 300,000 calls leave no MiB, and none of WebAssembly's pages; a call in flight takes less than 4 kB of it", async (t) => {
  const { growth, wasm, wasmPerCall } = await child("ours.mjs", 300_000);
  t.diagnostic(`heap ${growth} B, WebAssembly ${wasm} B, in flight ${wasmPerCall.toFixed(0)} B a call`);
  assert.ok(growth < 1024 * 1024, `over the budget of heap: ${growth} bytes stay`);
  assert.equal(wasm, 0, "over the budget of WebAssembly's memory: it grew");
  assert.ok(wasmPerCall < 4000, `over the budget of memory in flight: ${wasmPerCall} bytes a call`);
});

for (const budget of budgets) {
  const { name, module, limitKb } = budget;
  test(`size of ${name}: ${limitKb === undefined ? "told" : `at most ${limitKb} kB`}, as module and script; what is measured is what ships`, async (t) => {
    const sizes = await measure(dist, budget);
    if (limitKb !== undefined)
      assert.equal(sizes.wasm, readFileSync(fileURLToPath(import.meta.resolve(`campaign-workflow/${module}`))).length);
    t.diagnostic(report(sizes, budget));
  });
}

test(`size of one command: at most ${INLINED_LIMIT_KB} kB as a page loads it`, async (t) => {
  const inlined = (await measureWays(dist)).find(({ way }) => way === "inlined")?.script ?? Infinity;
  t.diagnostic(`${inlined} bytes`);
  assert.ok(inlined <= INLINED_LIMIT_KB * 1000);
});
