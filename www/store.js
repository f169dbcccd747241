// @ts-check
// The page's state in one place. Views read it and are notified of changes.

/**
 * @typedef {import("campaign-workflow/emulator").LoggedRequest} LoggedRequest
 * @typedef {import("campaign-workflow").WorkflowCommand} WorkflowCommand
 * @typedef {import("campaign-workflow").WorkflowCommandReceipt} CommandReceipt
 * @typedef {import("campaign-workflow/client").SignalReceipt} SignalReceipt
 * @typedef {import("campaign-workflow").WorkflowCommandError} CommandError
 * @typedef {import("./traced-fetch.js").TracedRequest} TracedRequest
 * @typedef {import("./config.js").Config} Config
 * @typedef {import("./workflow-states.js").WorkflowState} WorkflowState
 * @typedef {import("./workflow-json.js").SignalActivity} SignalActivity
 * @typedef {import("campaign-workflow/client").CommandEntry} CommandEntry
 */

/** @typedef {"operator" | "viewer" | "nobody"} Role */
/** An operation that the gateway may allow. @typedef {"read" | WorkflowCommand | "signal"} Operation */

/**
 * A workflow of the gateway's list, with what its JSON contained when it was last read.
 * @typedef {object} Workflow
 * @property {string} id
 * @property {readonly Operation[]} may   the operations that the current user may perform
 * @property {string} label               the id, if Campaign returns no label
 * @property {string | null} pkey
 * @property {WorkflowState | null} state null: not read yet, or not in the JSON
 * @property {readonly SignalActivity[]} signals
 * @property {boolean} isRead             whether a read has been attempted
 * @property {string | null} problem      the error code of the last read, if it failed
 * @property {StateWait | null} wait
 */

/**
 * The wait for the resulting state of a command that Campaign accepted or may have executed.
 * @typedef {object} StateWait
 * @property {WorkflowCommand} command
 * @property {boolean} isAccepted         false: the outcome is unknown
 * @property {WorkflowState} expected
 * @property {readonly WorkflowState[]} states as they were seen, without repeats in a row
 * @property {"reached" | "timeout" | "stopped" | "failed" | null} result null: still waiting
 * @property {number} durationMs          set with the result
 * @property {(result: NonNullable<StateWait["result"]>) => void} finish ends the wait if it is still open
 */

/**
 * One call of the client, from the press of a button to the entries in Campaign's log.
 * @typedef {object} Call
 * @property {number} id
 * @property {string} workflowId   as passed to the client
 * @property {string} command      as passed to the client; "signal" for a signal
 * @property {string | null} activity of the signal; null: the call is a command
 * @property {Workflow} workflow   the workflow that the call is about
 * @property {string | null} failureCase id of the failure case; null: the call comes from a workflow's button or a bulk send
 * @property {boolean} isBulk      part of a bulk send, which is announced as a whole
 * @property {Record<string, unknown>} options as passed to the client
 * @property {Date} startedAt
 * @property {number} durationMs   once ended
 * @property {TracedRequest[]} requests from the page to the gateway
 * @property {"in-flight" | "accepted" | "not-executed" | "unknown"} outcome
 * @property {CommandReceipt | SignalReceipt | null} receipt
 * @property {CommandError | null} error
 * @property {LoggedRequest[] | null} campaignLog the requests that reached Campaign; null: not known
 * @property {() => void} cancel
 * @property {number} revision     increases with every change
 */

/** @typedef {Record<"waiting" | "dead" | "history", readonly CommandEntry[]>} EntryLists */
/**
 * The commands of one workflow that the gateway's Worker stores.
 * @typedef {EntryLists & { workflowId: string, isOutdated: boolean }} Lists isOutdated: the last read failed
 */

/**
 * @typedef {object} AppState
 * @property {Config | null} config
 * @property {Role | null} role         null: not known, or no demo sign-in
 * @property {boolean | null} emulator  whether the emulator's control API is available; null: not known
 * @property {"connecting" | "connected" | "denied" | "unreachable"} gateway denied: the user may not read any workflow
 * @property {Date | null} readAt       when the workflows were last read
 * @property {readonly Workflow[]} workflows
 * @property {readonly Call[]} calls    newest first
 * @property {Lists | null} lists       null: not read, or the gateway stores none
 */

const maxCalls = 50;

export class Store {
  /** @type {AppState} */
  #state = {
    config: null,
    role: null,
    emulator: null,
    gateway: "connecting",
    readAt: null,
    workflows: [],
    calls: [],
    lists: null,
  };
  /** @type {Set<(state: AppState, before: AppState) => void>} */
  #listeners = new Set();

  /** @returns {AppState} */
  get state() {
    return this.#state;
  }

  /** @param {(state: AppState, before: AppState) => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** @param {Partial<AppState>} change */
  set(change) {
    const before = this.#state;
    this.#state = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#state, before);
  }

  /** @param {string} id @returns {Workflow | undefined} */
  workflow(id) {
    return this.#state.workflows.find((workflow) => workflow.id === id);
  }

  /** @param {string} id @param {Partial<Workflow>} change */
  changeWorkflow(id, change) {
    const workflow = this.workflow(id);
    if (
      !workflow ||
      Object.entries(change).every(([name, value]) => isSame(value, workflow[/** @type {keyof Workflow} */ (name)]))
    )
      return;
    this.set({
      workflows: this.#state.workflows.map((each) => (each === workflow ? { ...workflow, ...change } : each)),
    });
  }

  /** @param {Call} call */
  addCall(call) {
    this.set({ calls: [call, ...this.#state.calls].slice(0, maxCalls) });
  }

  /** @param {Call} call @param {Partial<Call>} change */
  changeCall(call, change) {
    Object.assign(call, change, { revision: call.revision + 1 });
    this.set({});
  }

  /** Keeps calls in flight: without their entry they could not be cancelled. */
  clearCalls() {
    this.set({ calls: this.#state.calls.filter(({ outcome }) => outcome === "in-flight") });
  }

  /** @param {string} workflowId @returns {Call | undefined} */
  callInFlight(workflowId) {
    return this.#state.calls.find(({ workflow, outcome }) => outcome === "in-flight" && workflow.id === workflowId);
  }
}

/** Compares arrays by content, because each read creates new ones. @param {unknown} left @param {unknown} right */
function isSame(left, right) {
  return left === right || (Array.isArray(left) && JSON.stringify(left) === JSON.stringify(right));
}
