// @ts-check
// Waits for the resulting state after a command that Campaign accepted or may have executed. Records each state on the way.

import { isWorkflowCommandError } from "/pkg/client.js";
import { stateOf } from "./workflow-json.js";
import { stateAfter } from "./workflow-states.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").StateWait} StateWait
 * @typedef {import("./store.js").Workflow} Workflow
 */

const timeoutMs = 60_000;
/** The first interval between reads; the client increases it with each read. */
const intervalMs = 700;

export class StateWaiter {
  #store;
  #client;
  #poller;

  /** @param {Store} store @param {import("./gateway-api.js").GatewayApi} gateway @param {import("./workflow-poller.js").WorkflowPoller} poller */
  constructor(store, gateway, poller) {
    this.#store = store;
    this.#client = gateway.client;
    this.#poller = poller;
    store.onChange(({ workflows }, before) => {
      if (workflows !== before.workflows) for (const workflow of workflows) this.#recordState(workflow);
    });
  }

  /** @param {string} id of the workflow @param {import("./store.js").WorkflowCommand} command @param {boolean} isAccepted */
  async begin(id, command, isAccepted) {
    const workflow = this.#store.workflow(id);
    // If the JSON contains no state, there is nothing to wait for.
    if (!workflow || workflow.state === null) return this.#poller.readOne(id);
    workflow.wait?.finish("stopped");
    const expected = stateAfter(command);
    const controller = new AbortController();
    const startedAt = performance.now();
    const finish = (/** @type {NonNullable<StateWait["result"]>} */ result) => {
      const wait = this.#store.workflow(id)?.wait;
      if (wait?.finish === finish && wait.result === null) {
        this.#store.changeWorkflow(id, { wait: { ...wait, result, durationMs: performance.now() - startedAt } });
      }
      controller.abort();
    };
    this.#store.changeWorkflow(id, {
      wait: { command, isAccepted, expected, states: [workflow.state], result: null, durationMs: 0, finish },
    });
    try {
      const options = { intervalMs, timeoutMs, signal: controller.signal };
      await this.#client.waitFor(id, (json) => (this.#poller.update(id, json), stateOf(json) === expected), options);
      finish("reached");
    } catch (error) {
      if (!isWorkflowCommandError(error)) reportError(error);
      finish(isWorkflowCommandError(error) && error.code === "timeout" ? "timeout" : "failed");
    }
  }

  /** Removes all waits, including ended ones. */
  clear() {
    for (const { id, wait } of this.#store.state.workflows) {
      wait?.finish("stopped");
      this.#store.changeWorkflow(id, { wait: null });
    }
  }

  /** Adds a changed state to an open wait, whichever read found it. @param {Workflow} workflow */
  #recordState({ id, state, wait }) {
    if (state === null || wait === null || wait.result !== null || state === wait.states.at(-1)) return;
    this.#store.changeWorkflow(id, { wait: { ...wait, states: [...wait.states, state] } });
    if (state === wait.expected) wait.finish("reached");
  }
}
