// @ts-check
// Reads the fields that the page uses from a workflow's JSON. Adobe documents `PKey` and the signal activities; state, labels and
// parameters may be missing.

import { states } from "./workflow-states.js";

/** @typedef {import("campaign-workflow/client").Workflow} WorkflowJson */
/** @typedef {import("./workflow-states.js").WorkflowState} WorkflowState */

/**
 * @typedef {object} SignalActivity
 * @property {string} name        the name that the client uses to trigger it
 * @property {string} label
 * @property {readonly string[]} parameters that it declares
 */

/** @param {string} id @param {WorkflowJson} json */
export function readWorkflow(id, json) {
  return {
    label: text(json.label) ?? id,
    pkey: text(json.PKey),
    state: stateOf(json),
    signals: Object.entries(json.activities?.activity ?? {}).map(([name, activity]) => ({
      name,
      label: text(activity?.label) ?? name,
      parameters: Array.isArray(activity?.parameters) ? activity.parameters.filter((each) => text(each) !== null) : [],
    })),
  };
}

/** Like the client's `hasState`: the name in `state` or `status`, in any case. @param {WorkflowJson} json @returns {WorkflowState | null} */
export function stateOf({ state, status }) {
  const names = [state, status].map((name) => text(name)?.toLowerCase());
  return states.find((known) => names.includes(known.toLowerCase())) ?? null;
}

/** @param {unknown} value @returns {string | null} */
function text(value) {
  return typeof value === "string" && value !== "" ? value : null;
}
