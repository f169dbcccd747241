// @ts-check
// The buttons of one waiting or dead command. Sending a command again that may have been executed needs a confirmation.

import { announce } from "./announce.js";
import { el, hasFocus, setAttributes, setChildren, setText } from "./dom.js";
import { t } from "./i18n.js";
import { queueDisabledReason } from "./disabled-reasons.js";

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
  #isConfirming = false;
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
    const runs = (/** @type {Action} */ action) => () => this.#entry && onAction(action, this.#entry);
    on(this.#cancel, runs("cancel"));
    on(this.#dismiss, runs("dismiss"));
    on(this.#again, () => {
      if (this.#entry?.outcome !== "unknown") return runs("again")();
      this.#setConfirming(true);
      this.#back.focus();
      announce(this.#question.textContent ?? "");
    });
    on(this.#confirmed, () => {
      this.#setConfirming(false);
      runs("again")();
    });
    this.#back.addEventListener("click", () => this.#setConfirming(false));
    this.#confirm.addEventListener("keydown", ({ key }) => key === "Escape" && this.#setConfirming(false));
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
    const reason = queueDisabledReason(store, command, workflow);
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
    if (reason) this.#isConfirming = false;
    const buttons = this.#isConfirming
      ? [this.#confirm]
      : isDead
        ? [this.#again, this.#dismiss]
        : [canCancel && this.#cancel];
    const hasActions = isDead || canCancel;
    setChildren(this.element, reason ? [hasActions && this.#reason] : buttons);
    setAttributes(this.element, { "data-confirming": this.#isConfirming });
  }

  /** @param {boolean} isConfirming */
  #setConfirming(isConfirming) {
    const hadFocus = hasFocus(this.#confirm);
    this.#isConfirming = isConfirming;
    this.#redraw();
    if (hadFocus && !isConfirming) this.#again.focus();
  }
}
