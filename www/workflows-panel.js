// @ts-check
// The list of workflows, when they were read, and the news about them.

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
  const looked = byId("looked-at");
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
    const { workflows, calls, gateway, lookedAt } = store.now;
    for (const workflow of workflows) {
      const last = calls.find((call) => call.workflow.id === workflow.id);
      rowOf(workflow.id).update(store, workflow, store.flightOf(workflow.id) ?? last);
    }
    setChildren(
      list,
      workflows.map(({ id }) => rowOf(id).element),
    );
    setText(none, workflows.length === 0 ? t(gateway === "refused" ? "workflows.refused" : "workflows.none") : "");
    none.hidden = workflows.length > 0;
    setText(looked, lookedAt && workflows.length > 0 ? t("workflows.looked", { time: timeOfDay(lookedAt) }) : "");
  }

  store.onChange((now, before) => {
    if (now.workflows !== before.workflows) tellChanges(before.workflows, now.workflows);
    if (now.gateway !== before.gateway && now.gateway === "refused") announce(t("workflows.refused"));
    render();
  });
  onLanguage(render);
  render();
}

/** @param {readonly Workflow[]} before @param {readonly Workflow[]} now */
function tellChanges(before, now) {
  for (const workflow of now) {
    const { id, label, state, wait } = workflow;
    const known = before.find((each) => each.id === id);
    if (known?.state && state && known.state !== state)
      announce(t("workflows.news.state", { label, state: t(`state.${state}`) }));
    const isOver = wait && known?.wait?.end === null && (wait.end === "late" || wait.end === "failed");
    if (isOver) announce(`${label}: ${waitText(wait)}`);
  }
}
