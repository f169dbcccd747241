// @ts-check
// One list of commands: a heading, and a table or a note that the list is empty. Rows are reused, so the focus stays.

import { el, hasFocus, setAttributes, setChildren, setText } from "./dom.js";
import { t } from "./i18n.js";
import { QueueRow } from "./queue-row.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 * @typedef {import("./queue-actions.js").OnAction} OnAction
 */
/** @typedef {"waiting" | "dead" | "history"} GroupName */

const columns = /** @type {const} */ (["state", "at", "who", "requests", "why", "actions"]);
/** How many entries of a long history are shown at first. */
const initialCount = 20;

export class QueueGroup {
  #name;
  #onAction;
  #title;
  #none = el("p", { class: "none" });
  #command = el("th", { scope: "col", role: "columnheader" });
  #heads;
  #body = el("tbody", { role: "rowgroup" });
  #table;
  #more = el("button", { type: "button", class: "quiet", "aria-expanded": "false" });
  #isOpen = false;
  /** @type {Map<number, QueueRow>} */
  #rows = new Map();

  /** @param {GroupName} name @param {OnAction | null} onAction null: the list has no actions @param {() => void} onChange */
  constructor(name, onAction, onChange) {
    this.#name = name;
    this.#onAction = onAction;
    this.#title = el("h3", { id: `queue-${name}`, tabindex: -1 });
    this.#heads = columns
      .filter((column) => onAction || column !== "actions")
      .map((column) => {
        return { column, head: el("th", { scope: "col", role: "columnheader" }) };
      });
    // Explicit roles: the rows are laid out as grids, and some browsers drop the table semantics then.
    const row = el("tr", { role: "row" }, this.#command, ...this.#heads.map(({ head }) => head));
    const head = el("thead", { role: "rowgroup" }, row);
    this.#table = el("table", { class: "entries", role: "table", "aria-labelledby": this.#title.id }, head, this.#body);
    this.#more.addEventListener("click", () => {
      this.#isOpen = !this.#isOpen;
      onChange();
    });
    const parts = [this.#title, this.#none, this.#table, this.#more];
    this.element = el("section", { "data-group": name, "aria-labelledby": this.#title.id }, ...parts);
  }

  /** @param {Store} store @param {Workflow} workflow @param {readonly CommandEntry[]} entries @param {ReadonlySet<number>} busy */
  update(store, workflow, entries, busy) {
    const visible = this.#isOpen ? entries : entries.slice(0, this.#name === "history" ? initialCount : entries.length);
    setText(this.#title, t(`queue.${this.#name}`));
    setText(this.#none, t(`queue.${this.#name}.none`));
    setText(this.#command, t("command.label"));
    for (const { column, head } of this.#heads) setText(head, t(`queue.column.${column}`));
    setAttributes(this.#none, { hidden: entries.length > 0 });
    setAttributes(this.#table, { hidden: entries.length === 0 });
    setText(
      this.#more,
      this.#isOpen ? t("queue.fewer", { count: initialCount }) : t("queue.all", { count: entries.length }),
    );
    setAttributes(this.#more, {
      hidden: this.#name !== "history" || entries.length <= initialCount,
      "aria-expanded": String(this.#isOpen),
    });
    const kept = new Set(visible.map(({ number }) => number));
    const hadFocus = hasFocus(this.#body);
    for (const number of this.#rows.keys()) if (!kept.has(number)) this.#rows.delete(number);
    const rows = visible.map((entry) => {
      const row = this.#rows.get(entry.number) ?? new QueueRow(entry, this.#onAction);
      this.#rows.set(entry.number, row);
      row.update(store, workflow, entry, busy.has(entry.number));
      return row.element;
    });
    setChildren(this.#body, rows);
    // The focused row has moved to another list.
    if (hadFocus && !hasFocus(this.#body)) this.#title.focus();
  }

  tick() {
    for (const row of this.#rows.values()) row.tick();
  }

  /** Numbers identify rows only within one workflow. */
  clear() {
    this.#rows.clear();
  }
}
