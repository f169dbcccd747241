// @ts-check
// The Worker in workerd as its wrangler.jsonc sets it up, over the installed package. It can be killed and started anew on what
// it left behind.

import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { root } from "../../scripts/lib/paths.mjs";
import { startWorkerd } from "../support/workerd.mjs";

const example = join(root, "examples", "cloudflare");

/** @type {any} JSON with comments is an expression of JavaScript. */
const configuration = runInNewContext(`(${readFileSync(join(example, "wrangler.jsonc"), "utf8")})`);

/** The queue of the commands. @type {string} */
export const queueName = configuration.queues.consumers[0].queue;

/**
 * The Worker in one file, with what the tests add to it (resettable-worker.js), and the modules of WebAssembly beside it.
 * @param {string} folder to write to @param {string} project has the package installed
 */
export async function bundleWorker(folder, project) {
  /** @type {Set<string>} */
  const wasm = new Set();
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(root, "tests", "chain", "resettable-worker.js")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    logLevel: "warning",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    alias: { "the-example": join(example, configuration.main) },
    plugins: [
      {
        name: "package",
        setup({ onResolve, resolve }) {
          onResolve({ filter: /^campaign-workflow(\/|$)/ }, ({ path, kind, pluginData }) =>
            pluginData === "installed"
              ? undefined
              : resolve(path, { kind, resolveDir: project, pluginData: "installed" }),
          );
          onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
            wasm.add(join(resolveDir, path));
            return { path: `./${basename(path)}`, external: true };
          });
        },
      },
    ],
  });
  for (const file of wasm) cpSync(file, join(folder, basename(file)));
  const main = { type: /** @type {const} */ ("ESModule"), path: join(folder, "worker.js") };
  const beside = [...wasm].map((file) => ({
    type: /** @type {const} */ ("CompiledWasm"),
    path: join(folder, basename(file)),
  }));
  return { modules: [main, ...beside], modulesRoot: folder };
}

/**
 * @param {Awaited<ReturnType<typeof bundleWorker>>} bundle
 * @param {string} persistTo the objects' folder
 * @param {Record<string, unknown>} bindings beside the variables of wrangler.jsonc; undefined takes one out
 */
export async function startWorker(bundle, persistTo, bindings) {
  const { compatibility_date: compatibilityDate, vars, durable_objects: objects, migrations, queues } = configuration;
  const onSqlite = migrations.flatMap((/** @type {any} */ migration) => migration.new_sqlite_classes ?? []);
  /** @param {any[]} list @param {(one: any) => [string, any]} entry */
  const byName = (list, entry) => Object.fromEntries(list.map(entry));
  const workerd = await startWorkerd({
    ...bundle,
    compatibilityDate,
    durableObjectsPersist: persistTo,
    durableObjects: byName(objects.bindings, ({ name, class_name: className }) => [
      name,
      { className, useSQLite: onSqlite.includes(className) },
    ]),
    queueProducers: byName(queues.producers, ({ binding, queue }) => [binding, { queueName: queue }]),
    queueConsumers: byName(queues.consumers, (consumer) => [
      consumer.queue,
      {
        maxBatchSize: consumer.max_batch_size,
        maxBatchTimeout: consumer.max_batch_timeout,
        maxRetries: consumer.max_retries,
        deadLetterQueue: consumer.dead_letter_queue,
      },
    ]),
    bindings: Object.fromEntries(Object.entries({ ...vars, ...bindings }).filter(([, value]) => value !== undefined)),
  });
  return { ...workerd, url: workerd.url.origin };
}

/** @typedef {Awaited<ReturnType<typeof startWorker>>} RunningWorker */
