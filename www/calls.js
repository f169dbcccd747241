// @ts-check
// One call of the client: what it is given, what goes out, how it ends, and what Campaign's own log says about it.

import { isWorkflowCommandError, sendWorkflowCommand } from "/pkg/index.js";
import { recordingFetch } from "./recorder.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./campaign.js").LocalCampaign} LocalCampaign
 * @typedef {import("campaign-workflow").WorkflowCommandRequest} Request
 */

/**
 * @typedef {object} Order
 * @property {Workflow} workflow
 * @property {import("./store.js").WorkflowCommand} command
 * @property {string} [trial]
 * @property {Record<string, unknown>} [changes] fields of the request that a trial sets otherwise, wrong values too
 * @property {boolean} [cancelled] cancel it before it begins
 * @property {boolean} [signedOut] without the cookie of the sign-in
 */

const lookAgainMs = 1000;
/** Longer than a command waits in the gateway and is then sent. */
const followedMs = 15_000;

/**
 * @param {Store} store @param {LocalCampaign} campaign @param {() => void} onSettled
 */
export function createCaller(store, campaign, onSettled) {
  /** @param {Order} order @returns {Promise<Call>} the settled call */
  return async function send({ workflow, command, trial, changes = {}, cancelled = false, signedOut = false }) {
    const { config } = store.now;
    if (!config) throw new Error("No call before the page knows where to send it");
    const controller = new AbortController();
    const given = { ...config, workflowId: workflow.id, command, idempotencyKey: crypto.randomUUID(), ...changes };
    const call = newCall(workflow, given, () => controller.abort());
    call.trial = trial ?? null;
    store.addCall(call);

    const seen = await newestIndex(campaign);
    if (cancelled) controller.abort();
    const fetch = recordingFetch((exchanges) => store.changeCall(call, { exchanges }), !signedOut);
    const begun = performance.now();
    /** @type {Partial<Call>} */
    let end;
    try {
      const receipt = await sendWorkflowCommand({ ...given, fetch, signal: controller.signal });
      end = { receipt, outcome: "accepted" };
    } catch (error) {
      // The client promises to reject with nothing else: what breaks that promise is left to the console.
      if (!isWorkflowCommandError(error)) reportError(error);
      end = isWorkflowCommandError(error) ? { error, outcome: error.outcome } : { outcome: "unknown" };
    }
    await settle(store, campaign, seen, call, { ...end, durationMs: performance.now() - begun });
    onSettled();
    return call;
  };
}

let lastId = 0;

/**
 * A call that is about to be sent.
 * @param {Workflow} workflow @param {Record<string, unknown> & { workflowId: string, command: string }} given to the client
 * @param {() => void} cancel @returns {Call}
 */
export function newCall(workflow, given, cancel) {
  return {
    id: (lastId += 1),
    workflowId: given.workflowId,
    command: given.command,
    workflow,
    trial: null,
    many: false,
    asked: shown(given),
    startedAt: new Date(),
    durationMs: 0,
    exchanges: [],
    outcome: "flight",
    receipt: null,
    error: null,
    witness: null,
    cancel,
    revision: 0,
  };
}

/**
 * Tells how a call ended, with what Campaign's log says of it.
 * @param {Store} store @param {LocalCampaign} campaign @param {number | null} seen @param {Call} call @param {Partial<Call>} end
 */
export async function settle(store, campaign, seen, call, end) {
  const witness = seen === null ? null : await requestsSince(campaign, seen, call);
  store.changeCall(call, { ...end, witness });
  // Who went away does not end what the gateway does: it may still send, and Campaign may still answer.
  if (seen !== null && call.exchanges.at(-1)?.state === "failed") followUp(store, campaign, seen, call);
}

/** @param {Store} store @param {LocalCampaign} campaign @param {number} seen @param {Call} call */
async function followUp(store, campaign, seen, call) {
  for (const end = Date.now() + followedMs; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    const witness = await requestsSince(campaign, seen, call);
    // After a reset the log begins anew, and knows nothing of this call.
    const isNews = witness && witness.length >= (call.witness?.length ?? 0) && JSON.stringify(witness) !== JSON.stringify(call.witness);
    if (isNews) store.changeCall(call, { witness });
  }
}

/** @param {LocalCampaign} campaign @returns {Promise<number | null>} null: Campaign can't be asked */
export async function newestIndex(campaign) {
  try {
    return (await campaign.log()).at(-1)?.index ?? -1;
  } catch {
    return null;
  }
}

/** @param {LocalCampaign} campaign @param {number} seen @param {Call} call */
async function requestsSince(campaign, seen, { workflowId, command }) {
  try {
    const log = await campaign.log();
    return log.filter((entry) => entry.index > seen && entry.workflowId === workflowId && entry.command === command);
  } catch {
    return null;
  }
}

/**
 * What the client was given, to be looked at: functions by their kind, and the made-up credentials of trials masked.
 * @param {Record<string, unknown>} given
 */
function shown(given) {
  const secret = ["accessToken", "apiKey"];
  const entries = Object.entries(given).map(([name, value]) => {
    if (typeof value === "function") return [name, "ƒ"];
    return [name, secret.includes(name) ? "••••••••" : value];
  });
  return Object.fromEntries(entries);
}
