// @ts-check
// Makes calls of the client: sends a command or a signal, records the requests and the result, and starts what follows.

import { WorkflowClient } from "/pkg/client.js";
import { isWorkflowCommandError, sendWorkflowCommand } from "/pkg/index.js";
import { finishCall, lastLogIndex } from "./campaign-log.js";
import { tracedFetch } from "./traced-fetch.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 * @typedef {import("./traced-fetch.js").TracedFetch} TracedFetch
 * @typedef {import("campaign-workflow").WorkflowCommandReceipt} CommandReceipt
 * @typedef {import("campaign-workflow/client").SignalReceipt} SignalReceipt
 * @typedef {import("campaign-workflow/client").SignalContent} SignalContent
 */

/**
 * @typedef {object} CommandCall
 * @property {Workflow} workflow
 * @property {WorkflowCommand} command
 * @property {string} [failureCase]
 * @property {Record<string, unknown>} [changes] options that a failure case overrides, possibly with invalid values
 * @property {boolean} [cancelled] cancel the call before it begins
 * @property {boolean} [signedOut] leave out the sign-in cookie
 */
/** @typedef {SignalContent & { workflow: Workflow, activity: string }} SignalCall */

export class Caller {
  #store;
  #emulator;
  #poller;
  #waiter;

  /**
   * @param {Store} store @param {import("./emulator-api.js").EmulatorApi} emulator
   * @param {import("./workflow-poller.js").WorkflowPoller} poller @param {import("./state-waiter.js").StateWaiter} waiter
   */
  constructor(store, emulator, poller, waiter) {
    this.#store = store;
    this.#emulator = emulator;
    this.#poller = poller;
    this.#waiter = waiter;
  }

  /** @param {CommandCall} request @returns {Promise<Call>} the call, once it has ended */
  async send({ workflow, command, failureCase, changes = {}, cancelled = false, signedOut = false }) {
    const controller = new AbortController();
    const options = {
      ...this.#config(),
      workflowId: workflow.id,
      command,
      idempotencyKey: crypto.randomUUID(),
      ...changes,
    };
    const call = newCall(workflow, options, () => controller.abort());
    call.failureCase = failureCase ?? null;
    await this.#run(call, signedOut, (fetch) => {
      if (cancelled) controller.abort();
      return sendWorkflowCommand({ ...options, fetch, signal: controller.signal });
    });
    return call;
  }

  /** @param {SignalCall} request @returns {Promise<Call>} the call, once it has ended */
  async signal({ workflow, activity, source, parameters }) {
    const controller = new AbortController();
    const { signal } = controller;
    const config = this.#config();
    const options = { ...config, workflowId: workflow.id, command: "signal", activity, source, parameters };
    const call = newCall(workflow, options, () => controller.abort());
    await this.#run(call, false, (fetch) => {
      const client = new WorkflowClient({ ...config, fetch });
      return client.signal(workflow.id, activity, { source, parameters }, { signal });
    });
    return call;
  }

  /** Reads the workflow or waits for its new state. @param {Call} call that has ended */
  followUp({ workflow, command, activity, outcome }) {
    if (outcome === "not-executed") return;
    if (activity !== null) this.#poller.readOne(workflow.id);
    // If the outcome is unknown, the state may show whether the command was executed.
    else this.#waiter.begin(workflow.id, /** @type {WorkflowCommand} */ (command), outcome === "accepted");
  }

  /** @param {Call} call @param {boolean} signedOut @param {(fetch: TracedFetch) => Promise<CommandReceipt | SignalReceipt>} perform */
  async #run(call, signedOut, perform) {
    const store = this.#store;
    store.addCall(call);
    const lastIndex = await lastLogIndex(store, this.#emulator);
    const fetch = tracedFetch((requests) => store.changeCall(call, { requests }), !signedOut);
    const startedAt = performance.now();
    /** @type {Partial<Call>} */
    let result;
    try {
      const receipt = await perform(fetch);
      result = { receipt, outcome: "tooSoon" in receipt && receipt.tooSoon ? "not-executed" : "accepted" };
    } catch (error) {
      // The client promises to reject only with its own error; anything else is a defect and goes to the console.
      if (!isWorkflowCommandError(error)) reportError(error);
      result = isWorkflowCommandError(error) ? { error, outcome: error.outcome } : { outcome: "unknown" };
    }
    const durationMs = performance.now() - startedAt;
    await finishCall(store, this.#emulator, lastIndex, call, { ...result, durationMs });
    this.followUp(call);
  }

  #config() {
    const { config } = this.#store.state;
    if (!config) throw new Error("The configuration is not loaded yet");
    return config;
  }
}

let lastId = 0;

/**
 * Creates the entry of a call that is about to be sent.
 * @param {Workflow} workflow @param {Record<string, unknown> & { workflowId: string, command: string, activity?: string }} options of the client
 * @param {() => void} cancel @returns {Call}
 */
export function newCall(workflow, options, cancel) {
  return {
    id: (lastId += 1),
    workflowId: options.workflowId,
    command: options.command,
    activity: options.activity ?? null,
    workflow,
    failureCase: null,
    isBulk: false,
    options: printableOptions(options),
    startedAt: new Date(),
    durationMs: 0,
    requests: [],
    outcome: "in-flight",
    receipt: null,
    error: null,
    campaignLog: null,
    cancel,
    revision: 0,
  };
}

/**
 * The client's options for display. Functions become a symbol, and the made-up credentials of failure cases are masked.
 * @param {Record<string, unknown>} options
 */
function printableOptions(options) {
  const secretNames = ["accessToken", "apiKey"];
  const entries = Object.entries(options).map(([name, value]) => {
    if (typeof value === "function") return [name, "ƒ"];
    return [name, secretNames.includes(name) ? "••••••••" : value];
  });
  return Object.fromEntries(entries);
}
