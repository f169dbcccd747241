// @ts-check
// The Worker of examples/cloudflare in workerd, before a local Campaign in another process, for the measures.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { startCampaignProcess } from "./campaign.mjs";
import { bundleExample, startExampleWorker } from "../tests/support/example-worker.mjs";
import { organization, secrets } from "../tests/support/secrets.mjs";
import { storageFolder } from "../tests/support/temporary-folder.mjs";

export const workflows = 50;

/** @typedef {(workflow: number, hasKey?: boolean) => Promise<unknown>} Send sends `start` to a workflow, by the package's client */
/** @typedef {{ rows: number, keys: number, bytes: number }} Figures about an object's table */

export async function startServers() {
  const place = storageFolder();
  const campaign = await startCampaignProcess(workflows);
  const bundle = await bundleExample(fileURLToPath(new URL("measured-worker.js", import.meta.url)));
  const start = (clockOffsetMs = 0) =>
    startExampleWorker(bundle, join(place.folder, "objects"), {
      CAMPAIGN_URL: campaign.url,
      CLOCK_OFFSET_MS: clockOffsetMs,
    });
  let runtime = await start();
  const base = { organization, command: /** @type {const} */ ("start"), timeoutMs: 120_000 };

  return {
    /** @type {Send} */
    direct: (workflow) =>
      sendWorkflowCommand({
        ...base,
        workflowId: `WKF${workflow}`,
        baseUrl: campaign.url,
        accessToken: secrets.accessToken,
        apiKey: secrets.apiKey,
      }),

    /** @type {Send} */
    through: (workflow, hasKey = true) => {
      const key = hasKey ? { idempotencyKey: crypto.randomUUID() } : {};
      return sendWorkflowCommand({
        ...base,
        ...key,
        workflowId: `WKF${workflow}`,
        baseUrl: `${runtime.url}api`,
        accessToken: secrets.callerKey,
      });
    },

    /** The storage of a workflow's object. @param {number} workflow @returns {Promise<Figures>} */
    figures: async (workflow) => (await fetch(new URL(`/bench/figures?workflow=WKF${workflow}`, runtime.url))).json(),

    /** The memory of workerd, in bytes. */
    memory: () => Number(execFileSync("ps", ["-o", "rss=", "-p", String(runtime.pid)])) * 1024,

    /** Restarts workerd on the same storage, with its clock ahead. @param {number} clockOffsetMs */
    async restart(clockOffsetMs) {
      await runtime.close();
      runtime = await start(clockOffsetMs);
    },

    async close() {
      await runtime.close();
      campaign.close();
      place.remove();
    },
  };
}

/**
 * Makes calls, with a number of them in flight.
 * @param {number} calls @param {number} inFlight @param {(call: number) => Promise<unknown>} send @returns the duration of each, in ms, and how many
 *   failed: on a busy machine some connections are not made in time, and some commands wait too long for earlier ones
 */
export async function load(calls, inFlight, send) {
  /** @type {number[]} */
  const times = [];
  let [next, failed] = [0, 0];
  const work = async () => {
    while (next < calls) {
      const startedAt = performance.now();
      const isSent = await send(next++).then(() => true, isCongested);
      if (isSent) times.push(performance.now() - startedAt);
      else failed += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return { times, failed };
}

/** Rethrows every error but those of a busy machine: no connection in time, or no turn within WAIT_MS. @param {unknown} error */
function isCongested(error) {
  const { code, status } = isWorkflowCommandError(error) ? error : { code: "", status: null };
  if (!["network", "unreachable", "timeout"].includes(code) && status !== 409) throw error;
  return false;
}
