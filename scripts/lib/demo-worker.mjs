// @ts-check
// The Worker of examples/cloudflare in workerd, the runtime of Cloudflare Workers, on this machine: bundled as wrangler does, and
// set up by its own wrangler.jsonc, with Durable Objects and queues that end with it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { dist, root } from "./paths.mjs";
import { bundleWorker } from "./worker-bundle.mjs";

export const exampleFolder = join(root, "examples", "cloudflare");

/**
 * @typedef {object} Configuration the parts of wrangler.jsonc that are read
 * @property {string} main
 * @property {string} compatibility_date
 * @property {Record<string, any>} vars
 * @property {{ bindings: { name: string, class_name: string }[] }} durable_objects
 * @property {{ new_sqlite_classes?: string[] }[]} migrations
 * @property {{ producers?: { binding: string, queue: string }[], consumers?: Consumer[] }} [queues]
 */
/** @typedef {Record<"max_batch_size" | "max_batch_timeout" | "max_retries", number> & { queue: string, dead_letter_queue?: string }} Consumer */

/** JSON with comments is an expression of JavaScript. @param {string} text @returns {any} */
export const parseJsonc = (text) => runInNewContext(`(${text})`);

/** @returns {Configuration} */
export const readConfiguration = () => parseJsonc(readFileSync(join(exampleFolder, "wrangler.jsonc"), "utf8"));

/** What a configuration means to miniflare, without modules and bindings. @param {Configuration} configuration */
export function miniflareOptions({ compatibility_date: compatibilityDate, durable_objects, migrations, queues = {} }) {
  const onSqlite = migrations.flatMap(({ new_sqlite_classes = [] }) => new_sqlite_classes);
  return {
    compatibilityDate,
    durableObjects: Object.fromEntries(
      durable_objects.bindings.map(({ name, class_name: className }) => [
        name,
        { className, useSQLite: onSqlite.includes(className) },
      ]),
    ),
    queueProducers: Object.fromEntries(
      (queues.producers ?? []).map(({ binding, queue }) => [binding, { queueName: queue }]),
    ),
    queueConsumers: Object.fromEntries(
      (queues.consumers ?? []).map((consumer) => [
        consumer.queue,
        {
          maxBatchSize: consumer.max_batch_size,
          maxBatchTimeout: consumer.max_batch_timeout,
          maxRetries: consumer.max_retries,
          ...(consumer.dead_letter_queue ? { deadLetterQueue: consumer.dead_letter_queue } : {}),
        },
      ]),
    ),
  };
}

/**
 * @param {string} [entry] a Worker around the example, which it imports as "the-example"
 */
export async function bundleExample(entry) {
  const { main, compatibility_date: compatibilityDate } = readConfiguration();
  const example = join(exampleFolder, main);
  const modules = await bundleWorker({
    entryPoints: [entry ?? example],
    // The package of this repository: a deployed project has it in node_modules.
    alias: {
      "the-example": example,
      "campaign-workflow/cloudflare": join(dist, "cloudflare.js"),
      "campaign-workflow": join(dist, "index.workerd.js"),
    },
  });
  return { modules, compatibilityDate };
}

/**
 * @param {Record<string, unknown>} bindings variables and secrets, beside those of wrangler.jsonc
 * @returns {Promise<{ url: URL, close: () => Promise<void> }>}
 */
export async function startDemoWorker(bindings) {
  const [{ Miniflare, NoOpLog }, { modules }] = await Promise.all([import("miniflare"), bundleExample()]);
  const configuration = readConfiguration();
  const options = {
    modules,
    ...miniflareOptions(configuration),
    cf: false,
    log: new NoOpLog(),
    // The page shows the Worker's log; its errors are for the terminal.
    handleRuntimeStdio(
      /** @type {import("node:stream").Readable} */ out,
      /** @type {import("node:stream").Readable} */ errors,
    ) {
      out.resume();
      errors.pipe(process.stderr);
    },
    bindings: { ...configuration.vars, ...bindings },
  };
  const miniflare = keepingSignals(() => new Miniflare(options));
  return { url: await miniflare.ready, close: () => miniflare.dispose() };
}

/**
 * miniflare ends the process at the first signal, before anything else is closed. Its listener for the exit of the process,
 * which ends workerd, stays.
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
