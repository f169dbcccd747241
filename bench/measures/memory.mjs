// @ts-check
// What stays in memory after many calls, and what a call in flight takes: each peer in a process of its own.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ours } from "../peers.mjs";

const program = fileURLToPath(new URL("memory-child.mjs", import.meta.url));

/** @typedef {{ growth: number, wasm: number, perCall: number, wasmPerCall: number }} Found in bytes */

/** @param {string} module @param {number} calls @returns {Promise<Found>} */
export async function child(module, calls) {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program, module, String(calls)], {
    timeout: 1_800_000,
  });
  return JSON.parse(stdout);
}

/** @param {"growth" | "flight"} which @param {number} calls @returns {import("../run.mjs").Measure} */
export const memory = (which, calls) => ({
  title: which === "growth" ? `Heap after ${calls.toLocaleString("en")} calls` : "Memory per call in flight",
  what:
    which === "growth"
      ? "growth of the heap over a stubbed fetch, garbage collected"
      : "heap and WebAssembly memory of one of 10,000 in flight",
  unit: which === "growth" ? "kB" : "B",
  exact: true,
  // A growth can be less than nothing, so it makes no ratio.
  ...(which === "growth" ? { base: "" } : {}),
  async measure({ peers, status }) {
    /** @type {import("../run.mjs").Row[]} */
    const rows = [];
    const waiting = peers.filter(({ stubbable }) => stubbable);
    // Two at a time: memory does not mind who else is at work.
    const work = async () => {
      for (let peer = waiting.shift(); peer; peer = waiting.shift()) {
        status(peer.name);
        const { growth, wasm, wasmPerCall, perCall } = await child(peer.module, which === "growth" ? calls : 0);
        const note =
          which === "growth"
            ? `WebAssembly's memory: +${(wasm / 1000).toFixed(0)} kB`
            : `${wasmPerCall.toFixed(0)} B of it in WebAssembly's memory`;
        rows.push({
          peer: peer.name,
          samples: [which === "growth" ? growth / 1000 : perCall],
          note: peer.name === ours ? note : "",
        });
      }
    };
    await Promise.all([work(), work()]);
    const order = peers.map(({ name }) => name);
    rows.sort((a, b) => order.indexOf(a.peer) - order.indexOf(b.peer));
    return rows;
  },
});
