// @ts-check
// One call of the client, a command or a signal: what it is given, what goes out, how it ends, and what comes after it.

import { WorkflowClient } from "/pkg/client.js";
import { isWorkflowCommandError, sendWorkflowCommand } from "/pkg/index.js";
import { newestIndex, settle } from "./campaign-log.js";
import { recordingFetch } from "./traced-fetch.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 * @typedef {import("./traced-fetch.js").RecordingFetch} RecordingFetch
 * @typedef {import("campaign-workflow").WorkflowCommandReceipt} CommandReceipt
 * @typedef {import("campaign-workflow/client").SignalReceipt} SignalReceipt
 * @typedef {import("campaign-workflow/client").SignalContent} SignalContent
 */

/**
 * @typedef {object} Order
 * @property {Workflow} workflow
 * @property {WorkflowCommand} command
 * @property {string} [trial]
 * @property {Record<string, unknown>} [changes] fields of the request that a trial sets otherwise, wrong values too
 * @property {boolean} [cancelled] cancel it before it begins
 * @property {boolean} [signedOut] without the cookie of the sign-in
 */
/** @typedef {SignalContent & { workflow: Workflow, activity: string }} SignalOrder */

export class Caller {
  #store;
  #campaign;
  #reading;
  #waits;

  /**
   * @param {Store} store @param {import("./emulator-api.js").LocalCampaign} campaign
   * @param {import("./workflow-poller.js").Reading} reading @param {import("./state-waiter.js").Waits} waits
   */
  constructor(store, campaign, reading, waits) {
    this.#store = store;
    this.#campaign = campaign;
    this.#reading = reading;
    this.#waits = waits;
  }

  /** @param {Order} order @returns {Promise<Call>} the settled call */
  async send({ workflow, command, trial, changes = {}, cancelled = false, signedOut = false }) {
    const controller = new AbortController();
    const given = {
      ...this.#config(),
      workflowId: workflow.id,
      command,
      idempotencyKey: crypto.randomUUID(),
      ...changes,
    };
    const call = newCall(workflow, given, () => controller.abort());
    call.trial = trial ?? null;
    await this.#run(call, signedOut, (fetch) => {
      if (cancelled) controller.abort();
      return sendWorkflowCommand({ ...given, fetch, signal: controller.signal });
    });
    return call;
  }

  /** @param {SignalOrder} order @returns {Promise<Call>} the settled call */
  async signal({ workflow, activity, source, parameters }) {
    const controller = new AbortController();
    const { signal } = controller;
    const connection = this.#config();
    const given = { ...connection, workflowId: workflow.id, command: "signal", activity, source, parameters };
    const call = newCall(workflow, given, () => controller.abort());
    await this.#run(call, false, (fetch) => {
      const client = new WorkflowClient({ ...connection, fetch });
      return client.signal(workflow.id, activity, { source, parameters }, { signal });
    });
    return call;
  }

  /** What comes after a call that has ended. @param {Call} call */
  after({ workflow, command, activity, outcome }) {
    if (outcome === "not-executed") return;
    if (activity !== null) this.#reading.one(workflow.id);
    // Where nobody knows whether it was executed, the state may tell.
    else this.#waits.begin(workflow.id, /** @type {WorkflowCommand} */ (command), outcome === "accepted");
  }

  /** @param {Call} call @param {boolean} signedOut @param {(fetch: RecordingFetch) => Promise<CommandReceipt | SignalReceipt>} perform */
  async #run(call, signedOut, perform) {
    const store = this.#store;
    store.addCall(call);
    const seen = await newestIndex(store, this.#campaign);
    const fetch = recordingFetch((exchanges) => store.changeCall(call, { exchanges }), !signedOut);
    const begun = performance.now();
    /** @type {Partial<Call>} */
    let end;
    try {
      const receipt = await perform(fetch);
      end = { receipt, outcome: "tooSoon" in receipt && receipt.tooSoon ? "not-executed" : "accepted" };
    } catch (error) {
      // The client promises to reject with nothing else: what breaks that promise is left to the console.
      if (!isWorkflowCommandError(error)) reportError(error);
      end = isWorkflowCommandError(error) ? { error, outcome: error.outcome } : { outcome: "unknown" };
    }
    await settle(store, this.#campaign, seen, call, { ...end, durationMs: performance.now() - begun });
    this.after(call);
  }

  #config() {
    const { config } = this.#store.now;
    if (!config) throw new Error("No call before the page knows where to send it");
    return config;
  }
}

let lastId = 0;

/**
 * A call that is about to be sent.
 * @param {Workflow} workflow @param {Record<string, unknown> & { workflowId: string, command: string, activity?: string }} given to the client
 * @param {() => void} cancel @returns {Call}
 */
export function newCall(workflow, given, cancel) {
  return {
    id: (lastId += 1),
    workflowId: given.workflowId,
    command: given.command,
    activity: given.activity ?? null,
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
