// @ts-check
// Memory: of a call in flight, and what a million calls over a stubbed fetch leave behind.
//
//   node bench/memory.mjs [--calls 1000000]

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { pathToFileURL } from "node:url";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** The memory of the module: the package keeps it to itself. @type {WebAssembly.Memory[]} */
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports);
    memories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
  }
};
const { sendWorkflowCommand } = await import("campaign-workflow");

const wasm = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
const heap = () => {
  for (let round = 0; round < 4; round++) gc();
  return process.memoryUsage().heapUsed;
};
const answer = { status: 200, headers: { get: () => null }, text: async () => "" };
let next = 0;
/** @param {any} fetch @returns {import("campaign-workflow").WorkflowCommandRequest} */
const request = (fetch) => ({ organization: "acme", workflowId: `WKF${next++}`, command: "start", accessToken: "token", apiKey: "key0", fetch });

/** Bytes of the module's memory, and of the heap, for each of so many calls in flight. */
export async function inFlight(calls = 10_000) {
  await sendWorkflowCommand(request(async () => answer));
  const before = { wasm: wasm(), heap: heap() };
  /** @type {((answer: any) => void)[]} */
  const out = [];
  const all = Array.from({ length: calls }, () => sendWorkflowCommand(request(() => new Promise((resolve) => out.push(resolve)))));
  await new Promise((resolve) => setTimeout(resolve, 10));
  const during = { wasm: wasm(), heap: heap() };
  for (const resolve of out) resolve(answer);
  await Promise.all(all);
  return { wasm: (during.wasm - before.wasm) / calls, heap: (during.heap - before.heap) / calls };
}

/** Bytes that so many calls, one after the other, leave. */
export async function growth(calls = 1_000_000) {
  const run = async (/** @type {number} */ count) => {
    for (let done = 0; done < count; done++) await sendWorkflowCommand(request(async () => answer));
    // Timers that were cleared are let go of in a turn of the loop.
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await run(calls / 20);
  const before = { wasm: wasm(), heap: heap() };
  await run(calls);
  return { wasm: wasm() - before.wasm, heap: heap() - before.heap };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({ options: { calls: { type: "string", default: "1000000" } } });
  const each = await inFlight();
  console.log(`in flight: ${each.wasm.toFixed(0)} bytes of wasm memory and ${each.heap.toFixed(0)} bytes of heap for each call`);
  const grown = await growth(Number(values.calls));
  console.log(`after ${values.calls} calls: wasm memory +${grown.wasm} bytes, heap +${grown.heap} bytes`);
}
