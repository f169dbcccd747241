// @ts-check
// One peer's memory, over a fetch that answers at once, and over one that never does.

const [, , module, given] = process.argv;
const calls = Number(given);
const inFlight = 10_000;
const gc = /** @type {() => void} */ (globalThis.gc);

/** @type {WebAssembly.Memory[]} */
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports);
    memories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
  }
};

const { order } = await import("../peers.mjs");
const { send } = await import(new URL(`../${module}`, import.meta.url).href);
const answer = () => Promise.resolve(new Response('{"ok":true}', { headers: { "content-type": "application/json" } }));
/** @type {any} */ (globalThis).fetch = answer;

const settle = async () => {
  for (let count = 0; count < 4; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  return {
    heap: process.memoryUsage().heapUsed,
    wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  };
};
const run = async (/** @type {number} */ count) => {
  for (let call = 0; call < count; call += 1) {
    await send(order);
    // Timers and finalizers have their turn.
    if (call % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
};

await run(20_000);
const before = await settle();
await run(calls);
const after = await settle();

/** @type {any} */ (globalThis).fetch = () => new Promise(() => {});
for (let call = 0; call < inFlight; call += 1) send(order).catch(() => {});
await new Promise((resolve) => setImmediate(resolve));
gc();
const full = {
  heap: process.memoryUsage().heapUsed,
  wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
};
console.log(
  JSON.stringify({
    growth: after.heap - before.heap,
    wasm: after.wasm - before.wasm,
    wasmPerCall: (full.wasm - after.wasm) / inFlight,
    perCall: (full.heap - after.heap + full.wasm - after.wasm) / inFlight,
  }),
);
process.exit(0);
