// @ts-check
// The memory that many calls leave, and that a call in flight takes: each peer in its own process.

import { memoryOfCalls } from "../../tests/support/memory.mjs";
import { order, ours } from "../peers.mjs";

/** @param {"growth" | "flight"} which @param {number} calls @returns {import("../run.mjs").Measure} */
export const memory = (which, calls) => ({
  title: which === "growth" ? `Heap after ${calls.toLocaleString("en")} calls` : "Memory per call in flight",
  what:
    which === "growth"
      ? "growth of the heap over a stubbed fetch, garbage collected"
      : "heap and WebAssembly memory of one of 10,000 in flight",
  unit: which === "growth" ? "kB" : "B",
  exact: true,
  // A growth can be negative, so it has no ratio.
  ...(which === "growth" ? { base: "" } : {}),
  async measure({ peers, status }) {
    /** @type {import("../run.mjs").Row[]} */
    const rows = [];
    const waiting = peers.filter(({ stubbable }) => stubbable);
    // Two at a time: other processes don't affect memory.
    const work = async () => {
      for (let peer = waiting.shift(); peer; peer = waiting.shift()) {
        status(peer.name);
        const { growth, wasm, wasmPerCall, perCall } = await memoryOfCalls(
          { module: new URL(`../${peer.module}`, import.meta.url).href, name: "send" },
          order,
          which === "growth" ? calls : 0,
        );
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
    const names = peers.map(({ name }) => name);
    rows.sort((a, b) => names.indexOf(a.peer) - names.indexOf(b.peer));
    return rows;
  },
});
