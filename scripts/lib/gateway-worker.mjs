// @ts-check
// The example Worker in workerd, the runtime of Cloudflare Workers, on this machine: bundled as wrangler would, set up by its
// own wrangler.jsonc, with Durable Objects and queues that end with it.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { dist, root } from "./paths.mjs";

const example = join(root, "examples", "cloudflare");

/**
 * @param {Record<string, unknown>} bindings variables and secrets, beside those of wrangler.jsonc
 * @returns {Promise<{ url: URL, close: () => Promise<void> }>}
 */
export async function startGatewayWorker(bindings) {
  const [{ Miniflare, NoOpLog }, modules] = await Promise.all([import("miniflare"), bundle()]);
  const { compatibility_date: compatibilityDate, vars, durable_objects: objects, queues } = readConfiguration();
  const options = {
    modules,
    compatibilityDate,
    cf: false,
    log: new NoOpLog(),
    // The page shows what the Worker's log says; its errors are for the terminal.
    handleRuntimeStdio(
      /** @type {import("node:stream").Readable} */ out,
      /** @type {import("node:stream").Readable} */ errors,
    ) {
      out.resume();
      errors.pipe(process.stderr);
    },
    bindings: { ...vars, ...bindings },
    durableObjects: Object.fromEntries(
      objects.bindings.map(({ name, class_name: className }) => [name, { className, useSQLite: true }]),
    ),
    queueProducers: Object.fromEntries(queues.producers.map(({ binding, queue }) => [binding, { queueName: queue }])),
    queueConsumers: Object.fromEntries(queues.consumers.map(consumer)),
  };
  const miniflare = keepingSignals(() => new Miniflare(options));
  return { url: await miniflare.ready, close: () => miniflare.dispose() };
}

/**
 * miniflare would end the process at the first signal, before anything else is closed. That it ends workerd when the process
 * exits stays.
 * @template Made @param {() => Made} make @returns {Made}
 */
function keepingSignals(make) {
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM"]);
  const before = signals.map((signal) => process.listeners(signal));
  const made = make();
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal))
      if (!before[index]?.includes(listener)) process.off(signal, listener);
  });
  return made;
}

/**
 * @typedef {object} Configuration what is read of wrangler.jsonc
 * @property {string} compatibility_date
 * @property {Record<string, any>} vars
 * @property {{ bindings: { name: string, class_name: string }[] }} durable_objects
 * @property {{ producers: { binding: string, queue: string }[], consumers: Consumer[] }} queues
 */
/** @typedef {Record<"max_batch_size" | "max_batch_timeout" | "max_retries", number> & Record<"queue" | "dead_letter_queue", string>} Consumer */

/** @param {Consumer} consumer @returns {[string, object]} */
function consumer({ queue, max_batch_size, max_batch_timeout, max_retries, dead_letter_queue }) {
  const [maxBatchSize, maxBatchTimeout, maxRetries] = [max_batch_size, max_batch_timeout, max_retries];
  return [queue, { maxBatchSize, maxBatchTimeout, maxRetries, deadLetterQueue: dead_letter_queue }];
}

/** @returns {Configuration} */
function readConfiguration() {
  const text = readFileSync(join(example, "wrangler.jsonc"), "utf8");
  // Comments go first, then the commas that stand before a bracket; texts stay as they are.
  const without = (/** @type {string} */ from, /** @type {string} */ what) =>
    from.replace(new RegExp(`("(?:[^"\\\\]|\\\\.)*")|${what}`, "g"), (_, kept = "") => kept);
  return JSON.parse(without(without(text, "//.*"), ",(?=\\s*[}\\]])"));
}

/** miniflare does not bundle; modules of WebAssembly stay beside the one file. */
async function bundle() {
  const { build } = await import("esbuild");
  /** @type {Set<string>} */
  const wasm = new Set();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(example, "src", "index.ts")],
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    // The package of this repository: a project of one's own has it in node_modules.
    alias: {
      "campaign-workflow/cloudflare": join(dist, "cloudflare.js"),
      "campaign-workflow": join(dist, "index.workerd.js"),
    },
    plugins: [{ name: "wasm", setup: keepWasmBeside }],
  });

  /** @param {import("esbuild").PluginBuild} build */
  function keepWasmBeside({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path }) => {
      wasm.add(basename(path));
      return { path: `./${basename(path)}`, external: true };
    });
  }

  const main = { type: /** @type {const} */ ("ESModule"), path: "worker.js", contents: outputFiles[0]?.text ?? "" };
  const beside = [...wasm].map((name) => ({
    type: /** @type {const} */ ("CompiledWasm"),
    path: name,
    contents: readFileSync(join(dist, name)),
  }));
  return [main, ...beside];
}
