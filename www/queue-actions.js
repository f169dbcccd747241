// @ts-check
// What can be done with one command that waits or is dead. Where it may have been executed already, it is asked for twice.

import { announce } from "./announce.js";
import { el, hasFocus, setAttributes, setChildren, setText } from "./dom.js";
import { t } from "./i18n.js";
import { reasonAgainstQueued } from "./disabled-reasons.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 */
/** @typedef {"cancel" | "again" | "dismiss"} Action */
/** @typedef {(action: Action, entry: CommandEntry) => void} OnAction */

export class QueueActions {
  #cancel = el("button", { type: "button", class: "cancel", "data-action": "cancel" });
  #again = el("button", { type: "button", "data-action": "again" });
  #dismiss = el("button", { type: "button", class: "quiet", "data-action": "dismiss" });
  #reason = el("p", { class: "reason" });
  #question = el("p", {});
  #confirmed = el("button", { type: "button", "data-action": "confirmed" });
  #back = el("button", { type: "button", class: "quiet", "data-action": "back" });
  #confirm;
  /** @type {CommandEntry | undefined} */
  #entry;
  #isAsking = false;
  #isBusy = false;
  #redraw = () => {};
  element = el("div", { class: "actions" });

  /** @param {number} number of the command @param {OnAction} onAction */
  constructor(number, onAction) {
    this.#question.id = `queue-question-${number}`;
    const buttons = el("div", { class: "buttons" }, this.#confirmed, this.#back);
    this.#confirm = el(
      "div",
      { class: "confirm", role: "group", "aria-labelledby": this.#question.id },
      this.#question,
      buttons,
    );
    const on = (/** @type {HTMLButtonElement} */ button, /** @type {() => void} */ act) =>
      button.addEventListener("click", () => (this.#isBusy ? announce(t("queue.busy")) : act()));
    const does = (/** @type {Action} */ action) => () => this.#entry && onAction(action, this.#entry);
    on(this.#cancel, does("cancel"));
    on(this.#dismiss, does("dismiss"));
    on(this.#again, () => {
      if (this.#entry?.outcome !== "unknown") return does("again")();
      this.#ask(true);
      this.#back.focus();
      announce(this.#question.textContent ?? "");
    });
    on(this.#confirmed, () => {
      this.#ask(false);
      does("again")();
    });
    this.#back.addEventListener("click", () => this.#ask(false));
    this.#confirm.addEventListener("keydown", ({ key }) => key === "Escape" && this.#ask(false));
  }

  /** @param {Store} store @param {Workflow} workflow @param {CommandEntry} entry @param {boolean} isBusy */
  update(store, workflow, entry, isBusy) {
    this.#entry = entry;
    this.#isBusy = isBusy;
    this.#redraw = () => this.#draw(store, workflow, entry);
    this.#redraw();
  }

  /** @param {Store} store @param {Workflow} workflow @param {CommandEntry} entry */
  #draw(store, workflow, entry) {
    const { command, number, isDead, state } = entry;
    const reason = reasonAgainstQueued(store, command, workflow);
    const canCancel = entry.id !== null && (state === "queued" || state === "retrying");
    const name = (/** @type {string} */ action) => t("queue.action", { action, number, command });
    setText(this.#cancel, t("command.cancel"));
    setText(this.#again, t("queue.again"));
    setText(this.#dismiss, t("queue.dismiss"));
    setText(this.#reason, reason);
    setText(this.#question, t("queue.confirm", { state: t(`state.${workflow.state ?? "unknown"}`) }));
    setText(this.#confirmed, t("queue.confirm.again"));
    setText(this.#back, t("queue.confirm.back"));
    for (const button of [this.#cancel, this.#again, this.#dismiss, this.#confirmed]) {
      setAttributes(button, {
        "aria-label": name(button.textContent ?? ""),
        "aria-disabled": this.#isBusy ? "true" : null,
      });
    }
    if (reason) this.#isAsking = false;
    const own = this.#isAsking ? [this.#confirm] : isDead ? [this.#again, this.#dismiss] : [canCancel && this.#cancel];
    const isWanted = isDead || canCancel;
    setChildren(this.element, reason ? [isWanted && this.#reason] : own);
    setAttributes(this.element, { "data-asking": this.#isAsking });
  }

  /** @param {boolean} isAsking */
  #ask(isAsking) {
    const hadFocus = hasFocus(this.#confirm);
    this.#isAsking = isAsking;
    this.#redraw();
    if (hadFocus && !isAsking) this.#again.focus();
  }
}
