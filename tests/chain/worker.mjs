// @ts-check
// The Worker in workerd as its wrangler.jsonc sets it up, over the installed package, with what resettable-worker.js adds to it.

import { join } from "node:path";
import { exampleFolder, miniflareOptions, readConfiguration } from "../../scripts/lib/demo-worker.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { bundleWorker } from "../../scripts/lib/worker-bundle.mjs";
import { withoutUndefined } from "../support/example-worker.mjs";
import { startWorkerd } from "../support/workerd.mjs";

const configuration = readConfiguration();

/** The queue of scheduled commands. */
export const queueName = configuration.queues?.consumers?.[0]?.queue ?? "";

/** @param {string} project has the package installed */
export function bundleChainWorker(project) {
  return bundleWorker({
    entryPoints: [join(root, "tests", "chain", "resettable-worker.js")],
    alias: { "the-example": join(exampleFolder, configuration.main) },
    plugins: [
      {
        name: "package",
        setup({ onResolve, resolve }) {
          onResolve({ filter: /^campaign-workflow(\/|$)/ }, ({ path, kind, pluginData }) =>
            pluginData === "installed"
              ? undefined
              : resolve(path, { kind, resolveDir: project, pluginData: "installed" }),
          );
        },
      },
    ],
  });
}

/**
 * @param {Awaited<ReturnType<typeof bundleWorker>>} modules
 * @param {string} persistTo the objects' folder
 * @param {Record<string, unknown>} bindings beside the variables of wrangler.jsonc; undefined removes one
 */
export async function startChainWorker(modules, persistTo, bindings) {
  const workerd = await startWorkerd({
    modules,
    ...miniflareOptions(configuration),
    durableObjectsPersist: persistTo,
    bindings: withoutUndefined({ ...configuration.vars, ...bindings }),
  });
  return { ...workerd, url: workerd.url.origin };
}
