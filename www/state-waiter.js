// @ts-check
// After a command that Campaign accepted, or may have executed: waits for the state that follows, notes each state on the way, and
// says how it ended.

import { isWorkflowCommandError } from "/pkg/client.js";
import { stateAfter } from "./workflow-states.js";
import { stateOf } from "./workflow-json.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Wait} Wait
 * @typedef {import("./store.js").Workflow} Workflow
 */

const longestMs = 60_000;
/** Between the first looks; the client makes each wait longer than the one before. */
const intervalMs = 700;

export class Waits {
  #store;
  #client;
  #reading;

  /** @param {Store} store @param {import("./gateway-api.js").GatewayReader} gateway @param {import("./workflow-poller.js").Reading} reading */
  constructor(store, gateway, reading) {
    this.#store = store;
    this.#client = gateway.client;
    this.#reading = reading;
    store.onChange(
      ({ workflows }, before) => workflows !== before.workflows && workflows.forEach((each) => this.#note(each)),
    );
  }

  /** @param {string} id of the workflow @param {import("./store.js").WorkflowCommand} command @param {boolean} isAccepted */
  async begin(id, command, isAccepted) {
    const workflow = this.#store.workflow(id);
    // Where the JSON tells no state, there is nothing to wait for.
    if (!workflow || workflow.state === null) return this.#reading.one(id);
    workflow.wait?.settle("stopped");
    const wanted = stateAfter(command);
    const controller = new AbortController();
    const begun = performance.now();
    const settle = (/** @type {NonNullable<Wait["end"]>} */ end) => {
      const wait = this.#store.workflow(id)?.wait;
      if (wait?.settle === settle && wait.end === null) {
        this.#store.changeWorkflow(id, { wait: { ...wait, end, durationMs: performance.now() - begun } });
      }
      controller.abort();
    };
    this.#store.changeWorkflow(id, {
      wait: { command, isAccepted, wanted, states: [workflow.state], end: null, durationMs: 0, settle },
    });
    try {
      const options = { intervalMs, timeoutMs: longestMs, signal: controller.signal };
      await this.#client.waitFor(id, (json) => (this.#reading.seen(id, json), stateOf(json) === wanted), options);
      settle("reached");
    } catch (error) {
      if (!isWorkflowCommandError(error)) reportError(error);
      settle(isWorkflowCommandError(error) && error.code === "timeout" ? "late" : "failed");
    }
  }

  /** Forgets all waits, those too that have ended. */
  clear() {
    for (const { id, wait } of this.#store.now.workflows) {
      wait?.settle("stopped");
      this.#store.changeWorkflow(id, { wait: null });
    }
  }

  /** A state that changed, whoever saw it, is one of the wait's, or its end. @param {Workflow} workflow */
  #note({ id, state, wait }) {
    if (state === null || wait === null || wait.end !== null || state === wait.states.at(-1)) return;
    this.#store.changeWorkflow(id, { wait: { ...wait, states: [...wait.states, state] } });
    if (state === wait.wanted) wait.settle("reached");
  }
}
