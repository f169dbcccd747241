// @ts-check
// The list of workflows, and the news about them.

import { announce } from "./announce.js";
import { byId, setChildren } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { WorkflowRow } from "./workflow-row.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 */

/** @param {Store} store @param {(order: import("./calls.js").Order) => void} send */
export function showWorkflows(store, send) {
  const list = byId("workflows");
  /** @type {Map<string, WorkflowRow>} */
  const rows = new Map();

  /** @param {string} id */
  function rowOf(id) {
    let row = rows.get(id);
    if (!row) {
      row = new WorkflowRow(id, (command) => {
        const workflow = store.now.workflows.find((each) => each.id === id);
        if (workflow) send({ workflow, command });
      });
      rows.set(id, row);
    }
    return row;
  }

  function render() {
    const { workflows, calls } = store.now;
    for (const workflow of workflows) {
      const last = calls.find((call) => call.workflow.id === workflow.id);
      rowOf(workflow.id).update(workflow, store.flightOf(workflow.id), last);
    }
    setChildren(list, workflows.map(({ id }) => rowOf(id).element));
  }

  store.onChange((now, before) => {
    if (now.workflows !== before.workflows) tellChanges(before.workflows, now.workflows);
    render();
  });
  onLanguage(render);
}

/** @param {readonly Workflow[]} before @param {readonly Workflow[]} now */
function tellChanges(before, now) {
  for (const { id, label, state } of now) {
    const known = before.find((workflow) => workflow.id === id);
    if (known && known.state !== state) announce(t("workflows.news.state", { label, state: t(`state.${state}`) }));
  }
}
