// @ts-check
// Explains why a command or a signal can't be sent now: the user lacks the permission, or the workflow's state does not allow it.
// An empty text means that it can be sent.

import { t } from "./i18n.js";
import { commands, isAllowed, nextState, openWait } from "./workflow-states.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 */

/** @param {Store} store @param {WorkflowCommand} command @param {Workflow} workflow */
export function commandDisabledReason(store, command, workflow) {
  const shared = sharedReason(store, command, workflow);
  if (shared) return shared;
  const wait = openWait(workflow);
  if (wait && !wait.isAccepted && wait.command === command) return t("reason.unknown");
  const state = nextState(workflow);
  if (state === null || isAllowed(command, state)) return "";
  if (wait?.command === command) return t("reason.pending");
  return t(wait?.isAccepted ? `reason.${command}.soon` : `reason.${command}`, { state: t(`state.${state}`) });
}

/** @param {Store} store @param {Workflow} workflow */
export function signalDisabledReason(store, workflow) {
  const shared = sharedReason(store, "signal", workflow);
  // The current state counts: after an accepted start, the workflow is not running yet.
  if (shared || workflow.state === null || workflow.state === "Started") return shared;
  return t("reason.signal", { state: t(`state.${workflow.state}`) });
}

/**
 * Only the permission counts, because the state at the time of sending is not known yet.
 * @param {Store} store @param {WorkflowCommand} command @param {Workflow} workflow
 */
export function queueDisabledReason(store, command, workflow) {
  return workflow.may.includes(command) ? "" : missingPermission(store);
}

/** Why there is no workflow to which the user may send these commands. @param {Store} store @param {readonly WorkflowCommand[]} [wanted] */
export function permissionReason(store, wanted = commands) {
  const { workflows, gateway } = store.state;
  if (workflows.length === 0) return t(gateway === "denied" ? "workflows.denied" : "workflows.none");
  const isPermitted = workflows.some(({ may }) => wanted.some((command) => may.includes(command)));
  return isPermitted ? "" : missingPermission(store);
}

/** @param {Store} store @param {WorkflowCommand | "signal"} operation @param {Workflow} workflow */
function sharedReason(store, operation, workflow) {
  if (!workflow.may.includes(operation)) return missingPermission(store);
  if (store.callInFlight(workflow.id)) return t("reason.in-flight");
  return workflow.isRead ? "" : t("reason.reading");
}

/** @param {Store} store */
function missingPermission({ state }) {
  return t(state.role === "viewer" ? "reason.viewer" : "reason.permission");
}
