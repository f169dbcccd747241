// @ts-check
// workerd with the example in it, which can be killed and started anew on what it left behind.

import assert from "node:assert/strict";
import { isFolder } from "../../scripts/lib/paths.mjs";
import { temporaryFolder } from "../runtimes/project.mjs";
import { said, startWorkerd } from "./workerd.mjs";

export { said };

export const secrets = {
  gateway: "the-gateway-secret-3f9c51",
  token: "the-access-token-a7724e",
  key: "the-api-key-90bd16",
  client: "the-client-secret-5b1e77",
};

export const organization = "acme-mkt-stage";

/**
 * @param {Awaited<ReturnType<typeof import("./bundle.mjs").bundleExample>>} bundle
 * @param {string} persistTo
 * @param {Record<string, unknown>} bindings
 * @param {string} [front] the source of a Worker that is called in place of the example, which it has as `EXAMPLE`
 * @param {Partial<import("miniflare").WorkerOptions>} [more] what else the example is bound to
 */
export async function startRuntime(bundle, persistTo, bindings, front, more) {
  /** @type {import("miniflare").WorkerOptions} */
  const example = {
    ...bundle,
    name: "example",
    durableObjects: { WORKFLOWS_BY_ID: { className: "WorkflowObject", useSQLite: true } },
    queueProducers: { COMMANDS: "campaign-commands" },
    queueConsumers: { "campaign-commands": { maxBatchSize: 100, maxBatchTimeout: 0, maxRetries: 100 } },
    ...more,
    bindings: given({
      CAMPAIGN_ORGANIZATION: organization,
      CALLER_KEY: secrets.gateway,
      ACCESS_TOKEN: secrets.token,
      API_KEY: secrets.key,
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

/** Without those that are undefined. @param {Record<string, unknown>} bindings @returns {Record<string, any>} */
const given = (bindings) => Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== undefined));

/** @typedef {Awaited<ReturnType<typeof startRuntime>>} Runtime */

/** A Cron Trigger. @param {import("miniflare").Miniflare} miniflare @param {string} cron @param {number} at @returns {Promise<string>} its outcome */
export async function trigger(miniflare, cron, at) {
  const worker = /** @type {any} */ (await miniflare.getWorker());
  return (await worker.scheduled({ cron, scheduledTime: new Date(at) })).outcome;
}

/** @param {string[]} texts */
export function noSecretIn(texts) {
  assert.ok(texts.length > 0, "nothing was noted");
  for (const [name, secret] of Object.entries(secrets)) {
    const found = texts.filter((text) => text.includes(secret));
    assert.equal(found.length, 0, `the ${name} secret is in ${found.length} of ${texts.length} texts`);
  }
}

/** The lines of the Worker's log about commands. @param {readonly string[]} texts @returns {any[]} */
export function linesOf(texts) {
  const lines = texts
    .join("\n")
    .split("\n")
    .filter((line) => line.startsWith('{"time":'));
  return [...new Set(lines)].map((line) => JSON.parse(line));
}

/** A folder for what a runtime leaves behind: in memory where there is such a file system, as each write is waited for. */
export const temporaryPlace = () => temporaryFolder(isFolder("/dev/shm") ? "/dev/shm" : undefined);
