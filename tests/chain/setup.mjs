// @ts-check
// The chain: the installed package's client, a proxy, the Worker in workerd, a proxy, Campaign. Tests compare with Campaign's log.

import assert from "node:assert/strict";
import { join } from "node:path";
import { startCampaign } from "../support/campaign.mjs";
import { startIms } from "../support/ims.mjs";
import { installPackage } from "../support/package.mjs";
import { startProxy } from "../support/proxy.mjs";
import { assertNoSecrets, collect, organization, secrets } from "../support/secrets.mjs";
import { storageFolder } from "../support/temporary-folder.mjs";
import { until } from "../support/wait.mjs";
import { call } from "../support/worker-client.mjs";
import { bundleChainWorker, startChainWorker } from "./worker.mjs";

/** @typedef {import("campaign-workflow").WorkflowCommand} WorkflowCommand */
/** @typedef {import("campaign-workflow").WorkflowCommandReceipt} Receipt */
/** @typedef {import("campaign-workflow").WorkflowCommandError} CommandError */
/** @typedef {{ receipt: Receipt, error?: undefined } | { error: CommandError, receipt?: undefined }} Result of a command */
/** @typedef {Partial<import("campaign-workflow").WorkflowCommandRequest> & { idempotencyKey?: string | undefined }} Options */

export const commands = /** @type {const} */ (["start", "pause", "resume", "stop"]);

/** @param {number} count @param {string} [prefix] begins with WKF */
export const workflowIds = (count, prefix = "WKF") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/**
 * @param {readonly (string | import("campaign-workflow/emulator").WorkflowSetup)[]} workflows @param {{ bindings?: Record<string, unknown>, withIms?: boolean }} [options]
 *   bindings: of the Worker, beside its wrangler.jsonc; withIms: the Worker gets its token from IMS
 */
export async function startChain(workflows, { bindings = {}, withIms = false } = {}) {
  /** @type {(() => unknown)[]} the last first */
  const closing = [];
  const close = async () => {
    for (const end of closing.splice(0)) await end();
  };
  /** @template {{ close: () => unknown }} T @param {T} server */
  const closed = (server) => (closing.unshift(() => server.close()), server);
  try {
    const storage = storageFolder();
    closing.unshift(storage.remove);
    const installed = await installPackage();
    /** @type {typeof import("campaign-workflow/client")} */
    const client = await installed.load("campaign-workflow/client");
    /** @type {typeof import("campaign-workflow")} */
    const { sendWorkflowCommand, isWorkflowCommandError } = await installed.load("campaign-workflow");

    const campaign = closed(
      await startCampaign({ workflows: workflows.map((one) => (typeof one === "string" ? { id: one } : one)) }),
    );
    const ims = withIms ? closed(await startIms()) : null;
    const behind = closed(await startProxy(campaign.url));
    const credentials = ims
      ? { IMS_CLIENT_ID: secrets.apiKey, IMS_CLIENT_SECRET: secrets.clientSecret, IMS_TOKEN_URL: ims.url }
      : { ACCESS_TOKEN: secrets.accessToken, API_KEY: secrets.apiKey };
    const all = {
      CAMPAIGN_URL: behind.url,
      CALLER_KEY: secrets.callerKey,
      CAMPAIGN_ORGANIZATION: organization,
      WORKFLOWS: undefined,
      ...credentials,
      ...bindings,
    };
    const modules = await bundleChainWorker(installed.folder);
    const start = () => startChainWorker(modules, join(storage.folder, "objects"), all);
    let worker = await start();
    closing.unshift(() => worker.close());
    const front = closed(await startProxy(worker.url, collect));

    const connection = { organization, baseUrl: `${front.url}/api`, accessToken: secrets.callerKey };

    return {
      campaign,
      client,
      connection,
      ims,
      /** Between Worker and Campaign. */
      behind,
      /** Between client and Worker. */
      front,
      installed,
      /** The Worker that runs now. */
      worker: () => worker,

      /**
       * One command by the client.
       * @param {string} workflowId @param {WorkflowCommand} command @param {Options} [options] @returns {Promise<Result>}
       */
      async send(workflowId, command, options = {}) {
        try {
          return { receipt: await sendWorkflowCommand({ ...connection, workflowId, command, ...options }) };
        } catch (error) {
          assert.ok(isWorkflowCommandError(error), `rejected with ${error}`);
          collect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`);
          return { error };
        }
      },

      /** Kills workerd, as by a crash, and starts it anew. */
      async crash() {
        await worker.kill();
        worker = await start();
        front.target = worker.url;
      },

      /** Resets the object of a workflow, in the middle of its work. @param {string} workflowId */
      reset: (workflowId) => control(worker.url, "reset", { workflowId }),

      /** @param {string} workflowId @param {{ at: number, mode: string } | null} plan see resettable-worker.js */
      plan: (workflowId, plan) => control(worker.url, "plan", { workflowId, plan }),

      /** How often the object of a workflow wrote to its storage. @param {string} workflowId */
      observe: (workflowId) => control(worker.url, "observe", { workflowId }),

      /** How often Campaign executed a command. @param {string} workflowId @param {WorkflowCommand} command */
      executions: async (workflowId, command) => (await campaign.executions()).get(`${workflowId} ${command}`) ?? 0,

      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @typedef {Awaited<ReturnType<typeof startChain>>} Chain */

/** @param {string} url @param {string} action @param {object} body @returns {Promise<{ steps: number }>} */
const control = async (url, action, body) =>
  (await call(new URL(url), `/test/${action}`, { method: "POST", body })).body;

/**
 * Compares the outcomes of commands with Campaign's log, once none of them is in flight any more. No two have the same workflow
 * and command.
 * @param {Chain} chain @param {readonly { workflowId: string, command: WorkflowCommand, result: Result | null, note?: string }[]} sent
 *   result: null where there is none, as for a queued command
 */
export async function assertOutcomesAreTrue(chain, sent) {
  const executed = await chain.campaign.executions();
  for (const { workflowId, command, result, note = "" } of sent) {
    const times = executed.get(`${workflowId} ${command}`) ?? 0;
    const outcome = result === null ? "queued" : result.receipt ? "a receipt" : result.error.outcome;
    const what = `${workflowId} ${command}, ${outcome}, was executed ${times} times; ${note} ${JSON.stringify(result)}`;
    assert.ok(times <= 1, what);
    if (outcome === "a receipt") assert.equal(times, 1, what);
    if (outcome === "not-executed") assert.equal(times, 0, what);
  }
  assertNoSecrets();
}

/** How many commands had each outcome. @param {readonly (Result | null)[]} results */
export function countByOutcome(results) {
  const counts = { accepted: 0, "not-executed": 0, unknown: 0 };
  for (const result of results) if (result) counts[result.receipt ? "accepted" : result.error.outcome] += 1;
  return counts;
}

/**
 * Waits until Campaign has executed a command, or fails.
 * @param {Chain} chain @param {string} workflowId @param {WorkflowCommand} command
 */
export async function untilExecuted(chain, workflowId, command) {
  await until(
    `${workflowId} ${command} is executed`,
    async () => (await chain.executions(workflowId, command)) > 0,
    10_000,
  );
}
