// @ts-check
// What the page knows, in one place. Views read it and are told when it changed.

/**
 * @typedef {import("campaign-workflow/emulator").LoggedRequest} LoggedRequest
 * @typedef {import("campaign-workflow").WorkflowCommand} WorkflowCommand
 * @typedef {import("campaign-workflow").WorkflowCommandReceipt} CommandReceipt
 * @typedef {import("campaign-workflow/client").SignalReceipt} SignalReceipt
 * @typedef {import("campaign-workflow").WorkflowCommandError} CommandError
 * @typedef {import("./traced-fetch.js").Exchange} Exchange
 * @typedef {import("./config.js").Config} Config
 * @typedef {import("./workflow-json.js").WorkflowState} WorkflowState
 * @typedef {import("./workflow-json.js").SignalActivity} SignalActivity
 * @typedef {import("campaign-workflow/client").CommandEntry} CommandEntry
 */

/** @typedef {"operator" | "viewer" | "nobody"} Role */
/** What the gateway can be asked for. @typedef {"read" | WorkflowCommand | "signal"} Operation */

/**
 * One workflow of the gateway's list, and what its JSON said when it was last read.
 * @typedef {object} Workflow
 * @property {string} id
 * @property {readonly Operation[]} may   what who is signed in may do with it
 * @property {string} label               the id, where Campaign gives no name
 * @property {string | null} pkey
 * @property {WorkflowState | null} state null: not read yet, or the JSON does not tell it
 * @property {readonly SignalActivity[]} signals
 * @property {boolean} isRead             whether it was tried to read it
 * @property {string | null} problem      the code of the error, if it could not be read the last time
 * @property {Wait | null} wait
 */

/**
 * After a command that Campaign accepted, or may have executed: the state that follows is waited for.
 * @typedef {object} Wait
 * @property {WorkflowCommand} command
 * @property {boolean} isAccepted         false: nobody knows
 * @property {WorkflowState} wanted
 * @property {readonly WorkflowState[]} states as they were seen, each once in a row
 * @property {"reached" | "late" | "stopped" | "failed" | null} end null: it goes on
 * @property {number} durationMs at its end
 * @property {(end: NonNullable<Wait["end"]>) => void} settle ends it, unless it has ended
 */

/**
 * One call of the client, from the press of a button to what Campaign's log says about it.
 * @typedef {object} Call
 * @property {number} id
 * @property {string} workflowId   as it was given to the client
 * @property {string} command      as it was given to the client; "signal" for a signal
 * @property {string | null} activity of the signal; null: it is a command
 * @property {Workflow} workflow   the workflow that it is about
 * @property {string | null} trial the id of the trial that made it; null: a workflow's own button, or many at once
 * @property {boolean} many        one of many, which are told together at their end
 * @property {Record<string, unknown>} asked what the client was given
 * @property {Date} startedAt
 * @property {number} durationMs   once settled
 * @property {Exchange[]} exchanges
 * @property {"flight" | "accepted" | "not-executed" | "unknown"} outcome
 * @property {CommandReceipt | SignalReceipt | null} receipt
 * @property {CommandError | null} error
 * @property {LoggedRequest[] | null} witness what reached Campaign; null: not known
 * @property {() => void} cancel
 * @property {number} revision     goes up with every change
 */

/** @typedef {Record<"waiting" | "dead" | "history", readonly CommandEntry[]>} EntryLists */
/**
 * What the gateway's Worker keeps of the commands of one workflow.
 * @typedef {EntryLists & { workflowId: string, isLost: boolean }} Lists isLost: they could not be read the last time
 */

/**
 * @typedef {object} Knowledge
 * @property {Config | null} config
 * @property {Role | null} role         who is signed in; null: not known
 * @property {boolean | null} emulator  whether Campaign is an emulator that can be looked into; null: not known
 * @property {"connecting" | "connected" | "refused" | "lost"} gateway refused: who is signed in may read nothing
 * @property {Date | null} lookedAt     when the workflows were last read
 * @property {readonly Workflow[]} workflows
 * @property {readonly Call[]} calls    the newest first
 * @property {Lists | null} lists       null: not read, or the gateway keeps none
 */

const callsKept = 50;

export class Store {
  /** @type {Knowledge} */
  #now = {
    config: null,
    role: null,
    emulator: null,
    gateway: "connecting",
    lookedAt: null,
    workflows: [],
    calls: [],
    lists: null,
  };
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

  /** @param {string} id @returns {Workflow | undefined} */
  workflow(id) {
    return this.#now.workflows.find((workflow) => workflow.id === id);
  }

  /** @param {string} id @param {Partial<Workflow>} change */
  changeWorkflow(id, change) {
    const workflow = this.workflow(id);
    if (
      !workflow ||
      Object.entries(change).every(([name, value]) => same(value, workflow[/** @type {keyof Workflow} */ (name)]))
    )
      return;
    this.set({ workflows: this.#now.workflows.map((each) => (each === workflow ? { ...workflow, ...change } : each)) });
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

/** @param {unknown} left @param {unknown} right arrays that were read anew may hold the same */
function same(left, right) {
  return left === right || (Array.isArray(left) && JSON.stringify(left) === JSON.stringify(right));
}
