// @ts-check
// A million calls with mixed faults through the built package, and ten thousand in flight at once: does anything grow?
// `node bench/soak.mjs` writes SOAK.md; `--short` is for every test run, and writes nothing.

import { setMaxListeners } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sendWorkflowCommand } from "campaign-workflow";
import { chooser, overSockets, serve, stubbed } from "./soak-mix.mjs";

const { short } = parseArgs({ options: { short: { type: "boolean", default: false } } }).values;
const CALLS = short ? 20_000 : 1_000_000;
const AT_ONCE = short ? 2_000 : 10_000;
const SIDE_BY_SIDE = short ? 100 : 500;
/** More of them would only show how the system queues connections. */
const SOCKETS_SIDE_BY_SIDE = 20;
/** One call in so many goes over a socket; no more, because the heap of Node's own fetch grows a little with each, also without this package. */
const SOCKET_SHARE = short ? 50 : 200;
/** Less than a byte a call in the long run. */
const MOST_GROWTH = 768 * 1024;
/** One call in so many comes after all that are in flight at once: see `measured`. */
const AFTERWARDS = 100;

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** The memory of every instance of the module: the package keeps it to itself. @type {WebAssembly.Memory[]} */
const memories = [];
/** Where an instance holds its references to JavaScript values. @type {WebAssembly.Table[]} */
const tables = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
  constructor(module, imports) {
    super(module, imports);
    memories.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Memory));
    tables.push(...Object.values(this.exports).filter((value) => value instanceof WebAssembly.Table));
  }
};

const base = {
  ...{
    organization: "acme",
    workflowId: "WKF1",
    command: /** @type {const} */ ("start"),
    accessToken: "soak-token",
    apiKey: "soak-key",
  },
  // No deadline but those that a kind sets itself, however busy the machine is.
  ...{ timeoutMs: 600_000, attemptTimeoutMs: 300_000 },
};
const server = await serve();
// The rare ones hold a mebibyte, and it takes many of them until the memory has its final size: they are for the long run.
const inProcess = short ? stubbed.filter(({ weight }) => weight >= 1) : stubbed;
const [stub, socket] = [chooser(inProcess), chooser(overSockets)];
/** @type {Map<string, number>} how often each kind came out as it should */
const counts = new Map();
/** @type {string[]} */
const wrong = [];

/** The same calls in every run. */
let seed = 1;
const chance = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

/** What came of a call, in short. @param {Promise<import("campaign-workflow").WorkflowCommandReceipt>} call */
const outcome = (call) =>
  call.then(
    ({ status }) => status,
    (error) => `${error.code} ${error.outcome}`,
  );

/** @param {string} name @param {unknown} expected @param {unknown} found */
function note(name, expected, found) {
  if (found === expected) counts.set(name, (counts.get(name) ?? 0) + 1);
  else wrong.push(`${name}: ${found} instead of ${expected}`);
}

/**
 * So many calls of these kinds, some of them side by side.
 * @param {(chance: number) => import("./soak-mix.mjs").Kind} choose @param {number} calls @param {number} sideBySide
 */
async function run(choose, calls, sideBySide) {
  let next = 0;
  const work = async () => {
    while (next++ < calls && wrong.length === 0) {
      const { name, expected, make } = choose(chance());
      note(name, expected, await outcome(sendWorkflowCommand({ ...base, baseUrl: server.url, ...make() })));
      // Promises and short timers alone would keep the loop from its sockets.
      if (next % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
}

/** @param {number} calls */
const mixed = (calls) =>
  Promise.all([
    run(stub, calls - calls / SOCKET_SHARE, SIDE_BY_SIDE),
    run(socket, calls / SOCKET_SHARE, SOCKETS_SIDE_BY_SIDE),
  ]);

/** So many calls that are all out before the first of them ends: by an answer, a failure, an abort or a deadline. */
async function atOnce() {
  /** @type {(() => void)[]} */
  const out = [];
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const ends = /** @type {const} */ ([200, "network unknown", "aborted unknown", "timeout unknown"]);
  const calls = Array.from({ length: AT_ONCE }, (_, index) => {
    const end = ends[index % ends.length];
    /** @returns {Promise<any>} */
    const fetch = () =>
      new Promise((resolve, reject) => {
        out.push(() =>
          end === 200
            ? resolve(new Response("{}"))
            : end === "network unknown" && reject(new TypeError("fetch failed")),
        );
      });
    const more =
      end === "aborted unknown"
        ? { signal: controller.signal }
        : end === "timeout unknown"
          ? { timeoutMs: short ? 1_500 : 5_000 }
          : {};
    return outcome(sendWorkflowCommand({ ...base, ...more, fetch })).then((found) =>
      note(`at once: ${end}`, end, found),
    );
  });
  // Every fetch is called once the microtasks of its call have run.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const together = out.length;
  for (const end of out) end();
  controller.abort();
  await Promise.all(calls);
  return together;
}

/** How many references a table holds: a free slot is null. @param {WebAssembly.Table} table */
function references(table) {
  let count = 0;
  for (let slot = 0; slot < table.length; slot++) if (table.get(slot) !== null) count++;
  return count;
}

/** What is held when nothing is going on. */
async function held() {
  server.idle();
  // The platform's fetch lets go of a connection, and of its own timer, within a second or two.
  await new Promise((resolve) => setTimeout(resolve, short ? 1_500 : 3_000));
  for (let round = 0; round < 8; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const { external, arrayBuffers } = process.memoryUsage();
  // What stays has left the space for new objects by then; how full that one is says nothing.
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith("new_"));
  return {
    heap: spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0),
    outside: external + arrayBuffers,
    wasm: memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    references: tables.reduce((sum, table) => sum + references(table), 0),
    instances: memories.length,
    handles: process.getActiveResourcesInfo().length,
  };
}

/**
 * All at once, a few more calls, and what is held then. The engine's table of the callbacks that were out at once, a mebibyte for
 * ten thousand calls, shrinks only when the next are made.
 */
async function measured() {
  const together = await atOnce();
  await mixed(CALLS / AFTERWARDS);
  return { together, held: await held() };
}

const from = performance.now();
// Everything has happened before the first measurement, in more than one order, so that what is made once, and the room that
// the memory needs at its fullest, do not count as growth.
await sendWorkflowCommand({ ...base, baseUrl: server.url, workflowId: "accept" });
for (const share of [100, 20]) {
  for (const kind of [...inProcess, ...overSockets]) await run(() => kind, 40, 20);
  await mixed(CALLS / share);
  await atOnce();
}
// Node's own fetch keeps about a mebibyte after its first thousands of calls, also without this package: they come first.
await run(socket, CALLS / SOCKET_SHARE, SOCKETS_SIDE_BY_SIDE);
const before = (await measured()).held;
counts.clear();
await mixed(CALLS - CALLS / AFTERWARDS);
const { together, held: after } = await measured();
const seconds = (performance.now() - from) / 1000;
server.close();

const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
/** @type {[string, string, string, string, boolean][]} */
const rows = [
  [
    "JavaScript heap after gc",
    kib(before.heap),
    kib(after.heap),
    kib(after.heap - before.heap),
    after.heap - before.heap < MOST_GROWTH,
  ],
  [
    "memory outside of the heap",
    kib(before.outside),
    kib(after.outside),
    kib(after.outside - before.outside),
    after.outside - before.outside < MOST_GROWTH,
  ],
  ["WebAssembly memory", kib(before.wasm), kib(after.wasm), kib(after.wasm - before.wasm), after.wasm === before.wasm],
  [
    "references to JavaScript values",
    `${before.references}`,
    `${after.references}`,
    `${after.references - before.references}`,
    after.references <= before.references,
  ],
  [
    "WebAssembly instances",
    `${before.instances}`,
    `${after.instances}`,
    `${after.instances - before.instances}`,
    after.instances === 1,
  ],
  [
    "active resources",
    `${before.handles}`,
    `${after.handles}`,
    `${after.handles - before.handles}`,
    after.handles <= before.handles,
  ],
  ["in flight at once", "", `${together}`, "", together === AT_ONCE],
];
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
const settled = total === CALLS + AT_ONCE && wrong.length === 0;
const good = settled && rows.every(([, , , , good]) => good);

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} body */
const table = (head, body) =>
  [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const report = `# Soak

${CALLS.toLocaleString("en")} calls with mixed faults through the built package (${version}, Node ${process.versions.node}), ${SIDE_BY_SIDE} side by side, one in ${SOCKET_SHARE}
over a loopback socket; then ${AT_ONCE.toLocaleString("en")} in flight at once. Made by \`node bench/soak.mjs\`. A growth of 768 KiB, of one page of
WebAssembly memory, of one reference or of one handle fails it; so does a single call that ends otherwise than it should.

${table(
  ["", "before", "after", "growth"],
  rows.map(([name, before, after, growth]) => [name, before, after, growth]),
)}

${table(
  ["what happened", "calls"],
  [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [name, count.toLocaleString("en")]),
)}
`;
console.log(report);
console.log(`${total} of ${CALLS + AT_ONCE} calls ended as they should, in ${seconds.toFixed(1)} s with the warm-up`);
for (const line of wrong.slice(0, 10)) console.log(`wrong: ${line}`);
for (const [name, , , , good] of rows) if (!good) console.log(`grew: ${name}`);
if (good && !short) writeFileSync(new URL("SOAK.md", import.meta.url), report);
process.exitCode = good ? 0 : 1;
