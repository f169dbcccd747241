// @ts-check
// Which commands each state allows, from Adobe's page "Controlling a workflow". The page only uses this to disable buttons and to
// know which state to wait for; Campaign decides. A test compares the table with the emulator's.

/** @typedef {import("./store.js").Workflow} Workflow */
/** @typedef {import("./store.js").WorkflowCommand} WorkflowCommand */
/** @typedef {typeof states[number]} WorkflowState */

export const states = /** @type {const} */ (["Editing", "Started", "Paused", "Finished", "Erroneous"]);

/** @type {Record<WorkflowCommand, { from: readonly WorkflowState[], to: WorkflowState }>} */
const transitions = {
  start: { from: ["Editing", "Paused", "Finished", "Erroneous"], to: "Started" },
  pause: { from: ["Started"], to: "Paused" },
  resume: { from: ["Paused"], to: "Started" },
  stop: { from: ["Started", "Paused"], to: "Finished" },
};

export const commands = /** @type {readonly WorkflowCommand[]} */ (Object.keys(transitions));

/** @param {WorkflowCommand} command */
export function stateAfter(command) {
  return transitions[command].to;
}

/** @param {WorkflowCommand} command @param {WorkflowState | null} state null: not known, so Campaign decides */
export function isAllowed(command, state) {
  return state === null || transitions[command].from.includes(state);
}

/** The workflow's wait, if it is still open. @param {Workflow} workflow */
export function openWait({ wait }) {
  return wait?.result === null ? wait : null;
}

/** The state that the next command meets: the result of an accepted command, or else the last known state. @param {Workflow} workflow */
export function nextState(workflow) {
  const wait = openWait(workflow);
  return wait?.isAccepted ? wait.expected : workflow.state;
}

/** @param {Workflow} workflow @returns {WorkflowCommand | undefined} an allowed command, preferably one that the user may send */
export function suggestedCommand(workflow) {
  const allowed = commands.filter((command) => isAllowed(command, nextState(workflow)));
  return allowed.find((command) => workflow.may.includes(command)) ?? allowed[0];
}
