// @ts-check
// The Worker of examples/cloudflare in workerd, on storage that outlives it.

import { bundleExample } from "../../scripts/lib/demo-worker.mjs";
import { organization, outputs, secrets } from "./secrets.mjs";
import { startWorkerd } from "./workerd.mjs";

export { bundleExample };

/**
 * @param {Awaited<ReturnType<typeof bundleExample>>} bundle
 * @param {string} persistTo
 * @param {Record<string, unknown>} bindings beside the credentials; undefined removes one
 * @param {string} [front] the source of a Worker that is called in place of the example, which it has as `EXAMPLE`
 * @param {Partial<import("miniflare").WorkerOptions>} [more] what else the example is bound to
 */
export async function startExampleWorker(bundle, persistTo, bindings, front, more) {
  /** @type {import("miniflare").WorkerOptions} */
  const example = {
    ...bundle,
    name: "example",
    durableObjects: { WORKFLOWS_BY_ID: { className: "WorkflowObject", useSQLite: true } },
    queueProducers: { COMMANDS: "campaign-commands" },
    queueConsumers: { "campaign-commands": { maxBatchSize: 100, maxBatchTimeout: 0, maxRetries: 100 } },
    ...more,
    bindings: withoutUndefined({
      CAMPAIGN_ORGANIZATION: organization,
      CALLER_KEY: secrets.callerKey,
      ACCESS_TOKEN: secrets.accessToken,
      API_KEY: secrets.apiKey,
      ...bindings,
    }),
  };
  /** @type {import("miniflare").WorkerOptions[]} The first is called from outside. */
  const workers = [example];
  if (front) {
    const { compatibilityDate } = bundle;
    workers.unshift({
      name: "front",
      compatibilityDate,
      modules: true,
      script: front,
      serviceBindings: { EXAMPLE: "example" },
    });
  }
  return startWorkerd({ workers, durableObjectsPersist: persistTo, d1Persist: `${persistTo}-d1` });
}

/** @param {Record<string, unknown>} bindings @returns {Record<string, any>} */
export const withoutUndefined = (bindings) =>
  Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== undefined));

/** @typedef {Awaited<ReturnType<typeof startExampleWorker>>} ExampleWorker */

/** Fires a Cron Trigger. @param {import("miniflare").Miniflare} miniflare @param {string} cron @param {number} at @returns {Promise<string>} its outcome */
export async function fireTrigger(miniflare, cron, at) {
  const worker = /** @type {any} */ (await miniflare.getWorker());
  return (await worker.scheduled({ cron, scheduledTime: new Date(at) })).outcome;
}

/**
 * The lines of the Worker's log about commands, so far. The runtime's output comes in chunks, so a line may be in two of them, or its
 * end may not have arrived yet.
 * @returns {any[]}
 */
export function commandLog() {
  const lines = outputs.join("\n").split("\n");
  const entries = new Map();
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('{"time":')) continue;
    const complete = [line, line + lines[index + 1]].find(isJson);
    if (complete !== undefined) entries.set(complete, JSON.parse(complete));
  }
  return [...entries.values()];
}

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
