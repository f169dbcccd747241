// @ts-check
// One stored command: its state, when and by whom it was sent, and why it was not accepted. Updated in place.

import { outcomeBadge } from "./badge.js";
import { el, setAttributes, setChildren, setText } from "./dom.js";
import { countdown, dateTime, t, tn } from "./i18n.js";
import { icon } from "./icons.js";
import { QueueActions } from "./queue-actions.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 */

export class QueueRow {
  #state = cell("state");
  #when = el("time");
  #who = cell("who");
  #requests = cell("requests");
  #why = cell("why");
  #actions;
  #entry;
  #drawn = "";

  /** @param {CommandEntry} entry @param {import("./queue-actions.js").OnAction | null} onAction null: the row has no actions */
  constructor(entry, onAction) {
    const { number, command } = entry;
    this.#entry = entry;
    this.#actions = onAction && new QueueActions(number, onAction);
    const name = [el("span", { class: "faint" }, String(number)), " ", el("code", { translate: "no" }, command)];
    this.element = el(
      "tr",
      { role: "row", "data-number": number },
      el("th", { scope: "row", role: "rowheader", class: "cell-command" }, ...name),
      this.#state,
      cell("when", this.#when),
      this.#who,
      this.#requests,
      this.#why,
      this.#actions && cell("actions", this.#actions.element),
    );
  }

  /** @param {Store} store @param {Workflow} workflow @param {CommandEntry} entry @param {boolean} isBusy */
  update(store, workflow, entry, isBusy) {
    this.#entry = entry;
    this.tick();
    this.#actions?.update(store, workflow, entry, isBusy);
    const drawn = `${JSON.stringify(entry)} ${document.documentElement.lang}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#state.replaceChildren(badge(entry));
    setText(this.#who, entry.who);
    setText(this.#requests, entry.tries === 0 ? t("trace.none") : tn("trace.count", entry.tries));
    setChildren(this.#why, reasons(entry));
  }

  /** Updates the remaining time. */
  tick() {
    const { state, dueAt, settledAt, sentAt, createdAt } = this.#entry;
    const due = state === "queued" || state === "retrying" ? dueAt : null;
    const at = new Date(due ?? settledAt ?? sentAt ?? createdAt);
    setText(this.#when, due === null ? dateTime(at) : dueText(at));
    setAttributes(this.#when, { datetime: at.toISOString(), title: due === null ? null : dateTime(at) });
  }
}

/** @param {string} name @param {...import("./dom.js").Child} children */
function cell(name, ...children) {
  return el("td", { role: "cell", class: `cell-${name}` }, ...children);
}

/** @param {CommandEntry} entry */
function badge({ state, outcome }) {
  if (state === "sending")
    return el("span", { class: "badge", "data-outcome": "in-flight" }, icon("in-flight"), t("queue.state.sending"));
  if (state === "cancelled") return el("span", { class: "badge" }, icon("not-executed"), t("queue.state.cancelled"));
  if (state === "waiting" || state === "queued" || state === "retrying") {
    return el("span", { class: "badge", "data-queue": state }, icon("waiting"), t(`queue.state.${state}`));
  }
  return outcomeBadge(outcome ?? "unknown");
}

/** @param {Date} at */
function dueText(at) {
  const leftMs = at.getTime() - Date.now();
  return leftMs > 0 ? t("queue.due", { time: countdown(leftMs) }) : t("queue.due.now");
}

/** Why the command was not accepted, and who closed it. @param {CommandEntry} entry @returns {import("./dom.js").Child[]} */
function reasons({ state, problem, closedBy, sentAgainAs, isDead }) {
  const parts = [];
  // The problem of a cancelled command only repeats that it was cancelled.
  if (problem && state !== "cancelled") {
    parts.push(
      el("code", { class: "code", translate: "no", lang: "en" }, problem.code),
      el("span", { lang: "en" }, problem.detail),
    );
    if (isDead && problem.hint) parts.push(el("span", { class: "faint hint", lang: "en" }, problem.hint));
  }
  if (closedBy !== null) {
    const key = state === "cancelled" ? "cancelled" : sentAgainAs === null ? "dismissed" : "again";
    parts.push(el("span", { class: "closed" }, t(`queue.closed.${key}`, { who: closedBy, number: sentAgainAs ?? "" })));
  }
  return parts.flatMap((part, index) => (index > 0 ? [" ", part] : [part]));
}
