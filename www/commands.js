// @ts-check
// Which command fits which state, as Adobe's page "Controlling a workflow" tells it, and the reason when one does not.

/** @typedef {import("./store.js").Workflow} Workflow */
/** @typedef {import("./store.js").WorkflowCommand} WorkflowCommand */
/** @typedef {Workflow["state"]} WorkflowState */

/** @type {readonly WorkflowCommand[]} */
export const commands = ["start", "pause", "resume", "stop"];

/** @type {Record<WorkflowCommand, { from: readonly WorkflowState[], to: WorkflowState }>} */
const transitions = {
  start: { from: ["Editing", "Finished", "Paused", "Erroneous"], to: "Started" },
  pause: { from: ["Started"], to: "Paused" },
  resume: { from: ["Paused"], to: "Started" },
  stop: { from: ["Started", "Paused"], to: "Finished" },
};

/**
 * The state once everything that waits has taken effect: what the next command meets.
 * @param {Pick<Workflow, "state" | "pending">} workflow @returns {WorkflowState}
 */
export function comingState({ state, pending }) {
  return pending.reduce((now, { command }) => (fits(command, now) ? transitions[command].to : now), state);
}

/** @param {WorkflowCommand} command @param {WorkflowState} state */
function fits(command, state) {
  return transitions[command].from.includes(state);
}

/**
 * Why a command makes no sense now; null: it does.
 * @param {WorkflowCommand} command @param {Pick<Workflow, "state" | "pending">} workflow @param {boolean} inFlight
 * @returns {{ key: `reason.${"flight" | "waiting" | WorkflowCommand | `${WorkflowCommand}.soon`}`, state: WorkflowState } | null}
 */
export function reasonAgainst(command, workflow, inFlight) {
  const state = comingState(workflow);
  if (inFlight) return { key: "reason.flight", state };
  if (fits(command, state)) return null;
  if (workflow.pending.some((waiting) => waiting.command === command)) return { key: "reason.waiting", state };
  return { key: workflow.pending.length > 0 ? `reason.${command}.soon` : `reason.${command}`, state };
}

/** @param {Pick<Workflow, "state" | "pending">} workflow @returns {WorkflowCommand | undefined} */
export function fittingCommand(workflow) {
  return commands.find((command) => fits(command, comingState(workflow)));
}
