// @ts-check
// The example in workerd before a local Campaign, for one file of tests.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startCampaign } from "../support/campaign.mjs";
import { bundleExample, commandLog, startExampleWorker } from "../support/example-worker.mjs";
import { assertNoSecrets } from "../support/secrets.mjs";
import { storageFolder } from "../support/temporary-folder.mjs";
import { call, command } from "../support/worker-client.mjs";

/** The example with a disk that can be full and objects that can be reset. */
export const faulty = fileURLToPath(new URL("faulty-worker.js", import.meta.url));

/**
 * @param {{ entry?: string, bindings?: Record<string, unknown>, front?: string, start?: boolean, more?: Partial<import("miniflare").WorkerOptions> }} [options]
 *   entry: a Worker around the example; start: false leaves the start to `restart`; more: what else the example is bound to
 */
export async function startExample({ entry = faulty, bindings, front, start = true, more } = {}) {
  const place = storageFolder();
  const workflows = Array.from({ length: 20 }, (_, i) => ({ id: `WKF${i}` }));
  const [bundle, campaign] = await Promise.all([bundleExample(entry), startCampaign({ workflows })]);
  /** @type {import("../support/example-worker.mjs").ExampleWorker | undefined} */
  let runtime;
  const running = () => {
    if (!runtime) throw new Error("not started");
    return runtime;
  };
  const example = {
    campaign,
    /** The lines of the log about commands that somebody has to look at. */
    dead: () => commandLog().filter(({ isDead }) => isDead),
    url: () => running().url,
    miniflare: () => running().miniflare,

    /** With other variables, on the objects as they are. @param {Record<string, unknown>} [changed] */
    async restart(changed) {
      await runtime?.close();
      const all = { CAMPAIGN_URL: campaign.url, ...bindings, ...changed };
      runtime = await startExampleWorker(bundle, join(place.folder, "objects"), all, front, more);
    },

    /** @param {string} workflowId @param {string | null} key @param {{ name?: string, headers?: Record<string, string> }} [options] */
    send: (workflowId, key, { name = "start", headers = {} } = {}) =>
      command(running().url, workflowId, name, { "idempotency-key": key ?? "", ...headers }),

    /** @param {string} workflowId @param {string} [name] */
    executions: async (workflowId, name = "start") => (await campaign.executions()).get(`${workflowId} ${name}`) ?? 0,

    /** How many requests for a workflow reached Campaign. @param {string} workflowId */
    requests: async (workflowId) =>
      (await campaign.emulator.log()).filter((one) => one.workflowId === workflowId).length,

    /** @param {"full" | "ready"} is every write fails, or none */
    disk: (is) => call(running().url, `/test/disk?is=${is}`),

    /** @param {string} workflow */
    reset: (workflow) => call(running().url, `/test/reset?workflow=${workflow}`),

    async close() {
      await runtime?.close();
      await campaign.close();
      place.remove();
      assertNoSecrets();
    },
  };
  if (start) await example.restart();
  return example;
}

/** @typedef {Awaited<ReturnType<typeof startExample>>} Example */
