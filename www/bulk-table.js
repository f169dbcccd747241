// @ts-check
// The results of a bulk send: the outcome of each command and the current state of its workflow. Updated in place.

import { outcomeBadge, updateStateBadge } from "./badge.js";
import { el, setAttributes, setChildren, setText } from "./dom.js";
import { t } from "./i18n.js";
import { StateWaitView } from "./state-wait-view.js";

/**
 * @typedef {import("./bulk-sender.js").BulkItem} BulkItem
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./i18n.js").Key} Key
 */

/** @type {readonly Key[]} */
const columns = ["workflows.workflow", "command.label", "bulk.outcome", "bulk.code", "bulk.state"];

export class BulkTable {
  #caption = el("caption");
  // Explicit roles: on a phone the rows are laid out as grids, and some browsers drop the table semantics then.
  #heads = columns.map(() => el("th", { scope: "col", role: "columnheader" }));
  #body = el("tbody", { role: "rowgroup" });
  /** @type {Map<BulkItem, Row>} */
  #rows = new Map();

  constructor() {
    const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...this.#heads));
    this.element = el("table", { class: "outcomes", role: "table", hidden: true }, this.#caption, head, this.#body);
  }

  /** @param {readonly BulkItem[]} items @param {readonly Workflow[]} workflows in their current state */
  update(items, workflows) {
    setAttributes(this.element, { hidden: items.length === 0 });
    setText(this.#caption, t("bulk.results"));
    columns.forEach((key, index) => setText(/** @type {Node} */ (this.#heads[index]), t(key)));
    for (const item of this.#rows.keys()) if (!items.includes(item)) this.#rows.delete(item);
    const rows = items.map((item) => {
      const row = this.#rows.get(item) ?? new Row(item);
      this.#rows.set(item, row);
      row.update(workflows.find(({ id }) => id === item.workflow.id) ?? item.workflow);
      return row.element;
    });
    setChildren(this.#body, rows);
  }
}

class Row {
  #item;
  #outcome = el("td", { role: "cell", class: "cell-outcome" });
  #code = el("td", { role: "cell", class: "cell-code" });
  #state = el("span", { class: "badge state" });
  #wait = new StateWaitView();
  #drawn = "";

  /** @param {BulkItem} item */
  constructor(item) {
    this.#item = item;
    const { workflow, command } = item;
    this.element = el(
      "tr",
      { role: "row", "data-result": workflow.id },
      el("th", { scope: "row", role: "rowheader" }, workflow.label),
      el("td", { role: "cell", class: "cell-command" }, el("code", { translate: "no" }, command)),
      this.#outcome,
      this.#code,
      el("td", { role: "cell", class: "cell-state" }, this.#state, this.#wait.element),
    );
  }

  /** @param {Workflow} workflow */
  update({ state, isRead, wait }) {
    updateStateBadge(this.#state, state ?? (isRead ? "unknown" : "reading"));
    const { outcome, code } = this.#item;
    this.#wait.update(outcome === "accepted" || outcome === "unknown" ? wait : null);
    const drawn = `${outcome} ${code} ${document.documentElement.lang}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    setAttributes(this.element, { "data-outcome": outcome });
    const isNotSent = outcome === "waiting" || outcome === "unsent";
    this.#outcome.replaceChildren(
      isNotSent ? el("span", { class: "faint" }, t(`bulk.${outcome}`)) : outcomeBadge(outcome),
    );
    this.#code.replaceChildren(code ? el("code", { class: "code", translate: "no" }, code) : "");
  }
}
