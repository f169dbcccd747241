// @ts-check
// The workflows panel: one row for each workflow, the time of the last read, and announcements of changed states.

import { announce } from "./announce.js";
import { byId, setChildren, setText } from "./dom.js";
import { onLanguage, t, timeOfDay } from "./i18n.js";
import { waitText } from "./state-wait-view.js";
import { WorkflowRow } from "./workflow-row.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 */

/** @param {Store} store @param {import("./calls.js").Caller} caller */
export function showWorkflows(store, caller) {
  const list = byId("workflows");
  const none = byId("no-workflows");
  const readTime = byId("read-at");
  /** @type {Map<string, WorkflowRow>} */
  const rows = new Map();

  /** @param {string} id */
  function rowOf(id) {
    let row = rows.get(id);
    if (!row) {
      const withWorkflow = (/** @type {(workflow: Workflow) => void} */ act) => {
        const workflow = store.workflow(id);
        if (workflow) act(workflow);
      };
      row = new WorkflowRow(id, {
        command: (command) => withWorkflow((workflow) => caller.send({ workflow, command })),
        signal: (activity, content) => withWorkflow((workflow) => caller.signal({ workflow, activity, ...content })),
      });
      rows.set(id, row);
    }
    return row;
  }

  function render() {
    const { workflows, calls, gateway, readAt } = store.state;
    for (const workflow of workflows) {
      const last = calls.find((call) => call.workflow.id === workflow.id);
      rowOf(workflow.id).update(store, workflow, store.callInFlight(workflow.id) ?? last);
    }
    setChildren(
      list,
      workflows.map(({ id }) => rowOf(id).element),
    );
    setText(none, workflows.length === 0 ? t(gateway === "denied" ? "workflows.denied" : "workflows.none") : "");
    none.hidden = workflows.length > 0;
    setText(readTime, readAt && workflows.length > 0 ? t("workflows.read-at", { time: timeOfDay(readAt) }) : "");
  }

  store.onChange(({ workflows, gateway }, before) => {
    if (workflows !== before.workflows) announceChanges(before.workflows, workflows);
    if (gateway !== before.gateway && gateway === "denied") announce(t("workflows.denied"));
    render();
  });
  onLanguage(render);
  render();
}

/** @param {readonly Workflow[]} before @param {readonly Workflow[]} after */
function announceChanges(before, after) {
  for (const workflow of after) {
    const { id, label, state, wait } = workflow;
    const known = before.find((each) => each.id === id);
    if (known?.state && state && known.state !== state)
      announce(t("workflows.announce.state", { label, state: t(`state.${state}`) }));
    const hasFailed = wait && known?.wait?.result === null && (wait.result === "timeout" || wait.result === "failed");
    if (hasFailed) announce(`${label}: ${waitText(wait)}`);
  }
}
