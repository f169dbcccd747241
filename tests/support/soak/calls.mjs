// @ts-check
// A program: many calls with mixed faults through the built package, and many in flight at once. It fails when a call does not end
// as it should, or when memory, references or handles grow. It prints a report in Markdown. `npm test` makes 20,000 calls and 2,000 at
// once; with `--long`, as in `npm run bench`, it is a million and 10,000.

import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sendWorkflowCommand } from "campaign-workflow";
import { chooser, socketKinds, startServer, stubbedKinds } from "./call-kinds.mjs";

const { long } = parseArgs({ options: { long: { type: "boolean", default: false } } }).values;
const short = !long;
const CALLS = short ? 20_000 : 1_000_000;
const AT_ONCE = short ? 2_000 : 10_000;
const SIDE_BY_SIDE = short ? 100 : 500;
/** With more, the system's queue of connections would be measured. */
const SOCKETS_SIDE_BY_SIDE = 20;
/** One call in so many goes over a socket: the heap of Node's own fetch grows a little with each, also without this package. */
const SOCKET_SHARE = short ? 50 : 200;
/** Less than a byte a call in the long run. */
const MOST_GROWTH = 768 * 1024;
/** One call in so many comes after the calls that are in flight at once: see `measure`. */
const CALLS_AFTER_SHARE = 100;

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** The memory of every instance, which the package keeps to itself. @type {WebAssembly.Memory[]} */
const memories = [];
/** The tables of references to JavaScript values of every instance. @type {WebAssembly.Table[]} */
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
  // No deadline but the kind's own, however busy the machine is.
  ...{ timeoutMs: 600_000, attemptTimeoutMs: 300_000 },
};
const server = await startServer();
// The rare kinds hold a mebibyte. It takes many calls until the memory has its final size, so they are in the long run only.
const inProcess = short ? stubbedKinds.filter(({ weight }) => weight >= 1) : stubbedKinds;
const [stubbed, overSocket] = [chooser(inProcess), chooser(socketKinds)];
/** How often each kind ended as it should. @type {Map<string, number>} */
const counts = new Map();
/** The calls that ended otherwise. @type {string[]} */
const wrong = [];

/** The same in every run. */
let seed = 1;
const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;

/** @param {Promise<import("campaign-workflow").WorkflowCommandReceipt>} call @returns the receipt's status, or the error's code and outcome */
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
 * Makes calls, some of them side by side.
 * @param {(random: number) => import("./call-kinds.mjs").Kind} choose @param {number} calls @param {number} sideBySide
 */
async function run(choose, calls, sideBySide) {
  let next = 0;
  const work = async () => {
    while (next++ < calls && wrong.length === 0) {
      const { name, expected, make } = choose(random());
      note(name, expected, await outcome(sendWorkflowCommand({ ...base, baseUrl: server.url, ...make() })));
      // Promises and short timers alone would starve the sockets.
      if (next % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
}

/** @param {number} calls */
const runMix = (calls) =>
  Promise.all([
    run(stubbed, calls - calls / SOCKET_SHARE, SIDE_BY_SIDE),
    run(overSocket, calls / SOCKET_SHARE, SOCKETS_SIDE_BY_SIDE),
  ]);

/** Has calls in flight at once, and then ends each by a response, a failure, an abort or a deadline. @returns how many were in flight */
async function runAtOnce() {
  /** @type {(() => void)[]} */
  const endings = [];
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const ends = /** @type {const} */ ([200, "network unknown", "aborted unknown", "timeout unknown"]);
  const calls = Array.from({ length: AT_ONCE }, (_, index) => {
    const end = ends[index % ends.length];
    /** @returns {Promise<any>} */
    const fetch = () =>
      new Promise((resolve, reject) => {
        endings.push(() =>
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
  const inFlight = endings.length;
  for (const end of endings) end();
  controller.abort();
  await Promise.all(calls);
  return inFlight;
}

/** How many references a table holds: a free slot is null. @param {WebAssembly.Table} table */
function references(table) {
  let count = 0;
  for (let slot = 0; slot < table.length; slot++) if (table.get(slot) !== null) count++;
  return count;
}

async function heldAtRest() {
  server.closeConnections();
  // Node's fetch releases a connection, and its own timer, within a second or two.
  await new Promise((resolve) => setTimeout(resolve, short ? 1_500 : 3_000));
  for (let round = 0; round < 8; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const { external, arrayBuffers } = process.memoryUsage();
  // Objects that stay have left the space for new ones by then.
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
 * Has calls in flight at once, makes a few more, and measures. V8's table of the callbacks that were registered at once, a mebibyte for
 * ten thousand calls, shrinks only when the next are registered.
 */
async function measure() {
  const inFlight = await runAtOnce();
  await runMix(CALLS / CALLS_AFTER_SHARE);
  return { inFlight, held: await heldAtRest() };
}

const from = performance.now();
// The warm-up: every kind, in more than one order. What is allocated once, and the memory's size at its fullest, is not growth.
await sendWorkflowCommand({ ...base, baseUrl: server.url, workflowId: "accept" });
for (const share of [100, 20]) {
  for (const kind of [...inProcess, ...socketKinds]) await run(() => kind, 40, 20);
  await runMix(CALLS / share);
  await runAtOnce();
}
// Node's own fetch keeps about a mebibyte after its first thousands of calls, also without this package.
await run(overSocket, CALLS / SOCKET_SHARE, SOCKETS_SIDE_BY_SIDE);
const before = (await measure()).held;
counts.clear();
await runMix(CALLS - CALLS / CALLS_AFTER_SHARE);
const { inFlight, held: after } = await measure();
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
  ["in flight at once", "", `${inFlight}`, "", inFlight === AT_ONCE],
];
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
const settled = total === CALLS + AT_ONCE && wrong.length === 0;
const good = settled && rows.every(([, , , , good]) => good);

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} body */
const table = (head, body) =>
  [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
const report = `# Soak

${CALLS.toLocaleString("en")} calls with mixed faults through the built package (${version}, Node ${process.versions.node}), ${SIDE_BY_SIDE} side by side, one in ${SOCKET_SHARE}
over a loopback socket; then ${AT_ONCE.toLocaleString("en")} in flight at once. Written by \`npm run bench -- --soak\`. It fails when memory grows by
768 KiB, WebAssembly memory by a page, the references or handles by one, or when a single call ends otherwise than it should.

${table(
  ["", "before", "after", "growth"],
  rows.map(([name, before, after, growth]) => [name, before, after, growth]),
)}

${table(
  ["kind of call", "calls"],
  [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [name, count.toLocaleString("en")]),
)}
`;
console.log(report);
console.error(`${total} of ${CALLS + AT_ONCE} calls ended as they should, in ${seconds.toFixed(1)} s with the warm-up`);
for (const line of wrong.slice(0, 10)) console.error(`wrong: ${line}`);
for (const [name, , , , good] of rows) if (!good) console.error(`grew: ${name}`);
process.exitCode = good ? 0 : 1;
