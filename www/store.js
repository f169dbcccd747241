// @ts-check
// What the page knows, in one place. Views read it and are told when it changed.

/**
 * @typedef {import("campaign-workflow/emulator").EmulatedWorkflow} Workflow
 * @typedef {import("campaign-workflow/emulator").LoggedRequest} LoggedRequest
 * @typedef {import("campaign-workflow").WorkflowCommand} WorkflowCommand
 * @typedef {import("campaign-workflow").WorkflowCommandReceipt} Receipt
 * @typedef {import("campaign-workflow").WorkflowCommandError} CommandError
 * @typedef {import("./recorder.js").Exchange} Exchange
 * @typedef {import("./config.js").Config} Config
 */

/** @typedef {"operator" | "viewer" | "nobody"} Role */

/**
 * One call of the client, from the press of a button to what Campaign's log says about it.
 * @typedef {object} Call
 * @property {number} id
 * @property {string} workflowId   as it was given to the client
 * @property {string} command      as it was given to the client
 * @property {Workflow} workflow   the workflow that it is about
 * @property {string | null} trial the id of the trial that made it; null: a workflow's own button, or many at once
 * @property {boolean} many        one of many, which are told together at their end
 * @property {Record<string, unknown>} asked what the client was given
 * @property {Date} startedAt
 * @property {number} durationMs   once settled
 * @property {Exchange[]} exchanges
 * @property {"flight" | "accepted" | "not-executed" | "unknown"} outcome
 * @property {Receipt | null} receipt
 * @property {CommandError | null} error
 * @property {LoggedRequest[] | null} witness what reached Campaign; null: not known
 * @property {() => void} cancel
 * @property {number} revision     goes up with every change
 */

/**
 * @typedef {object} Knowledge
 * @property {Config | null} config
 * @property {Role | null} role         who is signed in; null: not known
 * @property {"connecting" | "connected" | "lost"} campaign
 * @property {number | null} nextTryAt  when the lost Campaign is looked for again, in milliseconds
 * @property {readonly Workflow[]} workflows
 * @property {readonly Call[]} calls    the newest first
 */

const callsKept = 50;

export class Store {
  /** @type {Knowledge} */
  #now = { config: null, role: null, campaign: "connecting", nextTryAt: null, workflows: [], calls: [] };
  /** @type {Set<(now: Knowledge, before: Knowledge) => void>} */
  #listeners = new Set();

  /** @returns {Knowledge} */
  get now() {
    return this.#now;
  }

  /** @param {(now: Knowledge, before: Knowledge) => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** @param {Partial<Knowledge>} change */
  set(change) {
    const before = this.#now;
    this.#now = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#now, before);
  }

  /** @param {Call} call */
  addCall(call) {
    this.set({ calls: [call, ...this.#now.calls].slice(0, callsKept) });
  }

  /** @param {Call} call @param {Partial<Call>} change */
  changeCall(call, change) {
    Object.assign(call, change, { revision: call.revision + 1 });
    this.set({});
  }

  /** What is still in flight stays: it could not be cancelled any more. */
  clearCalls() {
    this.set({ calls: this.#now.calls.filter(({ outcome }) => outcome === "flight") });
  }

  /** @param {string} workflowId @returns {Call | undefined} */
  flightOf(workflowId) {
    return this.#now.calls.find(({ workflow, outcome }) => outcome === "flight" && workflow.id === workflowId);
  }
}
