// @ts-check
// What stays in memory after many calls, and what a call in flight takes: each peer in a process of its own.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("memory-child.mjs", import.meta.url));

/** @typedef {{ growth: number, wasm: number, perCall: number, wasmPerCall: number }} Found in bytes */

/** @param {string} module @param {number} calls @returns {Promise<Found>} */
export async function child(module, calls) {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program, module, String(calls)], { timeout: 1_800_000 });
  return JSON.parse(stdout);
}

/** @param {"growth" | "flight"} which @param {number} calls @returns {import("../run.mjs").Measure} */
export const memory = (which, calls) => ({
  title: which === "growth" ? `Heap after ${calls.toLocaleString("en")} calls` : "Memory per call in flight",
  what: which === "growth" ? "growth of the heap over a stubbed fetch, garbage collected" : "heap and WebAssembly memory of one of 10,000 in flight",
  unit: which === "growth" ? "kB" : "B",
  exact: true,
  // A growth can be less than nothing, so it makes no ratio.
  ...(which === "growth" ? { base: "" } : {}),
  async measure({ peers, status }) {
    const rows = [];
    for (const { name, module, stubbable } of peers) {
      if (!stubbable) continue;
      status(name);
      const found = await child(module, which === "growth" ? calls : 0);
      const wasm = which === "growth" ? `WebAssembly's memory: +${(found.wasm / 1000).toFixed(0)} kB` : `of these in WebAssembly's memory: ${found.wasmPerCall.toFixed(0)} B`;
      rows.push({ peer: name, samples: [which === "growth" ? found.growth / 1000 : found.perCall], note: found.wasmPerCall > 0 || found.wasm > 0 ? wasm : "" });
    }
    return rows;
  },
});
