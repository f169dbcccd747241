// @ts-check
// Which command fits which state, and where it leads, as Adobe's page "Controlling a workflow" tells it.

/** @typedef {import("./store.js").Workflow} Workflow */
/** @typedef {import("./store.js").WorkflowCommand} WorkflowCommand */
/** @typedef {import("./store.js").WorkflowState} WorkflowState */

/** @type {readonly WorkflowCommand[]} */
export const commands = ["start", "pause", "resume", "stop"];

/** @type {Record<WorkflowCommand, { from: readonly WorkflowState[], to: WorkflowState }>} */
const transitions = {
  start: { from: ["Editing", "Finished", "Paused", "Erroneous"], to: "Started" },
  pause: { from: ["Started"], to: "Paused" },
  resume: { from: ["Paused"], to: "Started" },
  stop: { from: ["Started", "Paused"], to: "Finished" },
};

/** @param {WorkflowCommand} command */
export function stateAfter(command) {
  return transitions[command].to;
}

/** The wait of a workflow, while it goes on. @param {Workflow} workflow */
export function runningWait({ wait }) {
  return wait?.end === null ? wait : null;
}

/** What the next command meets: the state that an accepted command leads to, or else the one that was read. @param {Workflow} workflow */
export function comingState(workflow) {
  const wait = runningWait(workflow);
  return wait?.isAccepted ? wait.wanted : workflow.state;
}

/** @param {WorkflowCommand} command @param {WorkflowState | null} state null: not known, so Campaign has to decide */
export function fits(command, state) {
  return state === null || transitions[command].from.includes(state);
}

/** @param {Workflow} workflow @returns {WorkflowCommand | undefined} the first that makes sense now; one that may be sent before others */
export function fittingCommand(workflow) {
  const fitting = commands.filter((command) => fits(command, comingState(workflow)));
  return fitting.find((command) => workflow.may.includes(command)) ?? fitting[0];
}
