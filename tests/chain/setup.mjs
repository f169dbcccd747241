// @ts-check
// The chain: the installed package's client, a proxy, the Worker in workerd, a proxy, Campaign. Campaign's log is the witness.

import assert from "node:assert/strict";
import { join } from "node:path";
import { call, pause } from "../support/worker-client.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { noSecretIn, organization, said, secrets, temporaryPlace } from "../support/example-worker.mjs";
import { startIms } from "../support/ims.mjs";
import { installPackage } from "../support/package.mjs";
import { startProxy } from "../support/proxy.mjs";
import { bundleWorker, startWorker } from "./worker.mjs";

/** @typedef {import("campaign-workflow").WorkflowCommand} WorkflowCommand */
/** @typedef {import("campaign-workflow").WorkflowCommandReceipt} Receipt */
/** @typedef {import("campaign-workflow").WorkflowCommandError} CommandError */
/** @typedef {{ receipt: Receipt, error?: undefined } | { error: CommandError, receipt?: undefined }} Result what the client told */
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
    const place = temporaryPlace();
    closing.unshift(place.remove);
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
      ? { IMS_CLIENT_ID: secrets.key, IMS_CLIENT_SECRET: secrets.client, IMS_TOKEN_URL: ims.url }
      : { ACCESS_TOKEN: secrets.token, API_KEY: secrets.key };
    const all = {
      CAMPAIGN_URL: behind.url,
      CALLER_KEY: secrets.gateway,
      CAMPAIGN_ORGANIZATION: organization,
      WORKFLOWS: undefined,
      ...credentials,
      ...bindings,
    };
    const bundle = await bundleWorker(join(place.folder, "bundle"), installed.folder);
    const start = () => startWorker(bundle, join(place.folder, "objects"), all);
    let worker = await start();
    closing.unshift(() => worker.close());
    const front = closed(await startProxy(worker.url, said.add.bind(said)));

    const connection = { organization, baseUrl: `${front.url}/api`, accessToken: secrets.gateway };

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
      /** What the running Worker is. */
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
          said.add(`${error.stack} ${JSON.stringify(error)} ${error.cause}`);
          return { error };
        }
      },

      /** workerd is killed, as by a crash, and started anew. */
      async crash() {
        await worker.kill();
        worker = await start();
        front.target = worker.url;
      },

      /** @param {string} workflowId its object is reset, and what it does is lost */
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
 * What the package promises of every command, held against Campaign's log once nothing is under way any more. Each is a workflow
 * and command of its own.
 * @param {Chain} chain @param {readonly { workflowId: string, command: WorkflowCommand, result: Result | null, note?: string }[]} sent
 *   result: null where there is none, as for a queued command
 */
export async function assertPromises(chain, sent) {
  const executed = await chain.campaign.executions();
  for (const { workflowId, command, result, note = "" } of sent) {
    const times = executed.get(`${workflowId} ${command}`) ?? 0;
    const told = result === null ? "queued" : result.receipt ? "a receipt" : result.error.outcome;
    const what = `${workflowId} ${command}, ${told}, was executed ${times} times; ${note} ${JSON.stringify(result)}`;
    assert.ok(times <= 1, what);
    if (told === "a receipt") assert.equal(times, 1, what);
    if (told === "not-executed") assert.equal(times, 0, what);
  }
  noSecretIn(said.texts);
}

/** How many commands came to what. @param {readonly (Result | null)[]} results */
export function countByOutcome(results) {
  const counts = { accepted: 0, "not-executed": 0, unknown: 0 };
  for (const result of results) if (result) counts[result.receipt ? "accepted" : result.error.outcome] += 1;
  return counts;
}

/**
 * Waits until Campaign has executed a command, or fails.
 * @param {Chain} chain @param {string} workflowId @param {WorkflowCommand} command
 */
export async function executedAt(chain, workflowId, command) {
  const end = Date.now() + 10_000;
  while ((await chain.executions(workflowId, command)) === 0) {
    assert.ok(Date.now() < end, `${workflowId} ${command} did not reach Campaign`);
    await pause(10);
  }
}

export { call, pause, secrets };
