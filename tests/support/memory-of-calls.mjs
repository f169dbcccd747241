// @ts-check
// A program: the memory of one client of Campaign, over a fetch that responds at once, and over one that never does. Its arguments are
// the module and the export that sends, the request as JSON, and how many calls are made. It needs --expose-gc.

const [, , module = "", name = "", json = "{}", calls] = process.argv;
const request = JSON.parse(json);
const warmUpCalls = 20_000;
const inFlight = 10_000;
const gc = /** @type {() => void} */ (globalThis.gc);

/** The memory of every instance, which the package keeps to itself. @type {WebAssembly.Memory[]} */
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports);
    memories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
  }
};

const send = (await import(module))[name];
const respond = () => Promise.resolve(new Response('{"ok":true}', { headers: { "content-type": "application/json" } }));
/** @type {any} */ (globalThis).fetch = respond;

const sizes = () => ({
  heap: process.memoryUsage().heapUsed,
  wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
});

async function sizesAtRest() {
  for (let count = 0; count < 4; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  return sizes();
}

/** @param {number} count */
async function sendMany(count) {
  for (let call = 0; call < count; call += 1) {
    await send(request);
    // Timers and finalizers get to run.
    if (call % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

await sendMany(warmUpCalls);
const before = await sizesAtRest();
await sendMany(Number(calls));
const after = await sizesAtRest();

/** @type {any} */ (globalThis).fetch = () => new Promise(() => {});
for (let call = 0; call < inFlight; call += 1) send(request).catch(() => {});
await new Promise((resolve) => setImmediate(resolve));
gc();
const full = sizes();
console.log(
  JSON.stringify({
    growth: after.heap - before.heap,
    wasm: after.wasm - before.wasm,
    wasmPerCall: (full.wasm - after.wasm) / inFlight,
    perCall: (full.heap - after.heap + full.wasm - after.wasm) / inFlight,
  }),
);
process.exit(0);
