// @ts-check
// Why a command or a signal can't be sent now, in words: who is signed in may not, or it makes no sense. Empty: it can.

import { comingState, commands, fits, runningWait } from "./workflow-states.js";
import { t } from "./i18n.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 */

/** @param {Store} store @param {WorkflowCommand} command @param {Workflow} workflow */
export function reasonAgainst(store, command, workflow) {
  const general = generalReason(store, command, workflow);
  if (general) return general;
  const wait = runningWait(workflow);
  if (wait && !wait.isAccepted && wait.command === command) return t("reason.doubt");
  const state = comingState(workflow);
  if (state === null || fits(command, state)) return "";
  if (wait?.command === command) return t("reason.waiting");
  return t(wait?.isAccepted ? `reason.${command}.soon` : `reason.${command}`, { state: t(`state.${state}`) });
}

/** @param {Store} store @param {Workflow} workflow */
export function reasonAgainstSignal(store, workflow) {
  const general = generalReason(store, "signal", workflow);
  // A signal is for a workflow that runs now: a start that is accepted does not make it run yet.
  if (general || workflow.state === null || workflow.state === "Started") return general;
  return t("reason.signal", { state: t(`state.${workflow.state}`) });
}

/**
 * Only the right counts: which state a command for later will meet, nobody knows.
 * @param {Store} store @param {WorkflowCommand} command @param {Workflow} workflow
 */
export function reasonAgainstQueued(store, command, workflow) {
  return workflow.may.includes(command) ? "" : refusal(store);
}

/** Why no workflow can be commanded by who is signed in. @param {Store} store @param {readonly WorkflowCommand[]} [asked] */
export function commandsRefused(store, asked = commands) {
  const isAllowed = store.now.workflows.some(({ may }) => asked.some((command) => may.includes(command)));
  return isAllowed ? "" : refusal(store);
}

/** @param {Store} store @param {WorkflowCommand | "signal"} operation @param {Workflow} workflow */
function generalReason(store, operation, workflow) {
  if (!workflow.may.includes(operation)) return refusal(store);
  if (store.flightOf(workflow.id)) return t("reason.flight");
  return workflow.isRead ? "" : t("reason.reading");
}

/** @param {Store} store */
function refusal({ now }) {
  return t(now.role === "viewer" ? "reason.viewer" : "reason.right");
}
