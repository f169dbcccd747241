// @ts-check
// One workflow: its state, the four command buttons, the last call, the wait, and the signal form. Updated in place, so focus and
// pointer stay.

import { announce } from "./announce.js";
import { outcomeBadge, updateStateBadge } from "./badge.js";
import { commands } from "./workflow-states.js";
import { el, hasFocus, setAttributes, setChildren, setText } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { commandDisabledReason, signalDisabledReason } from "./disabled-reasons.js";
import { SignalForm } from "./signal-form.js";
import { StateWaitView } from "./state-wait-view.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 * @typedef {import("./store.js").Call} Call
 */

/**
 * @typedef {object} Actions
 * @property {(command: WorkflowCommand) => void} command
 * @property {(activity: string, content: import("campaign-workflow/client").SignalContent) => void} signal
 */

export class WorkflowRow {
  #onCommand;
  #name = el("h3");
  #state = el("span", { class: "badge state" });
  #problem = el("span", { class: "problem" });
  #wait = new StateWaitView(() => (this.#last.querySelector("a") ?? this.#buttons.get("start")?.button)?.focus());
  #signal;
  #commands = el("div", { class: "commands", role: "group" });
  #tip = el("p", { class: "tip", "aria-hidden": "true", hidden: true });
  #last = el("p", { class: "last" });
  /** @type {Map<WorkflowCommand, { button: HTMLButtonElement, label: HTMLElement, reason: HTMLElement }>} */
  #buttons = new Map();
  #drawn = "";

  /** @param {string} id @param {Actions} actions */
  constructor(id, { command: onCommand, signal }) {
    this.#onCommand = onCommand;
    this.#signal = new SignalForm(id, signal);
    for (const command of commands) this.#addButton(id, command);
    this.#commands.append(this.#tip);
    this.#commands.addEventListener("pointerleave", () => this.#hideTip());
    this.#commands.addEventListener("focusout", () => this.#hideTip());
    this.#commands.addEventListener("keydown", (event) => event.key === "Escape" && this.#hideTip());
    this.element = el(
      "li",
      { class: "row", "data-workflow": id },
      el("div", { class: "row-name" }, this.#name, el("span", { class: "id", translate: "no" }, id)),
      this.#state,
      this.#commands,
      el("div", { class: "row-status" }, this.#last, this.#wait.element, this.#problem),
      this.#signal.element,
    );
  }

  /** @param {Store} store @param {Workflow} workflow @param {Call | undefined} call the one in flight, or the last one */
  update(store, workflow, call) {
    setText(this.#name, workflow.label);
    updateStateBadge(this.#state, workflow.state ?? (workflow.isRead ? "unknown" : "reading"));
    setText(this.#problem, workflow.problem ? t("workflows.problem", { code: workflow.problem }) : "");
    setAttributes(this.#commands, { "aria-label": t("workflows.commands", { label: workflow.label }) });
    for (const [command, { button, label, reason }] of this.#buttons) {
      const disabledReason = commandDisabledReason(store, command, workflow);
      setText(label, t(`command.${command}`));
      setText(reason, disabledReason);
      // Not `disabled`: such a button can't have the focus, so its reason would not be read.
      setAttributes(button, {
        "aria-disabled": disabledReason ? "true" : null,
        "aria-describedby": disabledReason ? reason.id : null,
      });
    }
    if (!this.#tip.hidden) this.#showTip(this.#tip.dataset.command);
    this.#updateLast(call);
    this.#wait.update(workflow.wait);
    this.#signal.update(workflow.signals, signalDisabledReason(store, workflow));
  }

  /** @param {string} id @param {WorkflowCommand} command */
  #addButton(id, command) {
    const label = el("span");
    const reason = el("span", { class: "visually-hidden", id: `reason-${id}-${command}` });
    const button = el("button", { type: "button", "data-command": command }, icon(command), label);
    button.addEventListener("click", () => this.#press(command));
    button.addEventListener("pointerenter", () => this.#showTip(command));
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.#showTip(command));
    this.#buttons.set(command, { button, label, reason });
    this.#commands.append(button, reason);
  }

  /** @param {WorkflowCommand} command */
  #press(command) {
    const reason = this.#reason(command);
    if (!reason) return this.#onCommand(command);
    this.#showTip(command);
    announce(reason);
  }

  /** @param {string | undefined} command */
  #reason(command) {
    return this.#buttons.get(/** @type {WorkflowCommand} */ (command))?.reason.textContent ?? "";
  }

  /** Shows why the command is disabled, if it is. @param {string | undefined} command */
  #showTip(command) {
    const reason = this.#reason(command);
    setAttributes(this.#tip, { hidden: reason === "", "data-command": command });
    setText(this.#tip, reason);
  }

  #hideTip() {
    this.#tip.hidden = true;
  }

  /** @param {Call | undefined} call */
  #updateLast(call) {
    const drawn = call ? `${call.id} ${call.outcome} ${document.documentElement.lang}` : "";
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const hadFocus = hasFocus(this.#last);
    setChildren(this.#last, call ? lastCall(call) : []);
    // The focused button has disappeared: move the focus to the button that was pressed.
    if (hadFocus) (this.#buttons.get(/** @type {WorkflowCommand} */ (call?.command)) ?? this.#signal).button.focus();
  }
}

/** @param {Call} call */
function lastCall(call) {
  const { outcome, error } = call;
  const parts = [
    el("span", { class: "visually-hidden" }, `${t("workflows.last-call")}: `),
    el("code", { translate: "no" }, JSON.stringify(call.command).slice(1, -1)),
    outcomeBadge(outcome),
  ];
  if (outcome === "in-flight") return [...parts, cancelButton(call)];
  if (error) parts.push(el("code", { class: "code", translate: "no" }, error.code));
  return [...parts, showLink(call)];
}

/** @param {Call} call */
function cancelButton(call) {
  const button = el("button", { type: "button", class: "quiet cancel" }, t("command.cancel"));
  button.addEventListener("click", () => call.cancel());
  return button;
}

/** @param {Call} call */
function showLink({ id, command, workflow }) {
  const title = t("timeline.call", { command, workflow: workflow.label });
  return el("a", { href: `#call-${id}`, "aria-label": t("timeline.show.label", { title }) }, t("timeline.show"));
}
