// @ts-check
// What the page takes of a workflow's JSON. Adobe documents `PKey` and the signal activities; the state, the names and the
// parameters may be there or not.

/** @typedef {import("campaign-workflow/client").Workflow} WorkflowJson */
/** @typedef {"Editing" | "Started" | "Paused" | "Finished" | "Erroneous"} WorkflowState */

/**
 * @typedef {object} SignalActivity
 * @property {string} name        by which the client is asked to trigger it
 * @property {string} label
 * @property {readonly string[]} parameters that it declares
 */

/** @type {readonly WorkflowState[]} */
const states = ["Editing", "Started", "Paused", "Finished", "Erroneous"];

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

/** As the client's own `hasState`: the word in `state` or `status`, in any case. @param {WorkflowJson} json @returns {WorkflowState | null} */
export function stateOf({ state, status }) {
  const words = [state, status].map((word) => text(word)?.toLowerCase());
  return states.find((known) => words.includes(known.toLowerCase())) ?? null;
}

/** @param {unknown} value @returns {string | null} */
function text(value) {
  return typeof value === "string" && value !== "" ? value : null;
}
