// @ts-check
// Takes a command for later: which one, and when. On this machine the local Campaign can be told what becomes of it.

import { announce } from "./announce.js";
import { commands } from "./workflow-states.js";
import { el, setAttributes, setText } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {import("./store.js").WorkflowCommand} WorkflowCommand */
/** @typedef {import("campaign-workflow/emulator").Fault} Fault */

const delays = /** @type {const} */ (["0", "60", "600", "3600"]);
/** What the local Campaign does with the next command for the workflow. */
const fates = /** @type {const} */ (["works", "not-found", "lost-answer"]);

/**
 * @typedef {object} Later
 * @property {WorkflowCommand} command
 * @property {number} delaySeconds
 * @property {Fault | null} fault
 */

export class QueueForm {
  #legend = el("legend");
  #command = select("queue-command", commands);
  #delay = select("queue-delay", delays);
  #fate = select("queue-fate", fates);
  #button = el("button", { type: "submit", id: "queue-send" });
  #reason = el("p", { class: "reason", id: "queue-reason", hidden: true });

  /** @param {(later: Later) => void} onSend @param {() => void} onChange */
  constructor(onSend, onChange) {
    const fields = [this.#command, this.#delay, this.#fate].map(({ element }) => element);
    const parts = el("div", { class: "fields" }, ...fields, this.#button, this.#reason);
    this.element = el("form", { class: "later" }, el("fieldset", {}, this.#legend, parts));
    this.#command.select.addEventListener("change", onChange);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#button.getAttribute("aria-disabled") === "true") return announce(this.#reason.textContent ?? "");
      const kind = /** @type {typeof fates[number]} */ (this.#fate.select.value);
      const fault = kind === "works" || this.#fate.element.hidden ? null : { kind };
      onSend({ command: this.command, delaySeconds: Number(this.#delay.select.value), fault });
    });
  }

  get command() {
    return /** @type {WorkflowCommand} */ (this.#command.select.value);
  }

  /** @param {string} reason why it can't be queued; empty: it can @param {boolean} hasEmulator */
  update(reason, hasEmulator) {
    setText(this.#legend, t("queue.later"));
    setText(this.#command.label, t("bulk.command"));
    setText(this.#delay.label, t("queue.when"));
    setText(this.#fate.label, t("queue.fate"));
    for (const option of this.#command.select.options)
      setText(option, t(`command.${/** @type {WorkflowCommand} */ (option.value)}`));
    delays.forEach((delay, index) =>
      setText(/** @type {Node} */ (this.#delay.select.options[index]), t(`queue.delay.${delay}`)),
    );
    fates.forEach((fate, index) =>
      setText(/** @type {Node} */ (this.#fate.select.options[index]), t(`queue.fate.${fate}`)),
    );
    setAttributes(this.#fate.element, { hidden: !hasEmulator });
    setText(this.#button, t("queue.send"));
    setText(this.#reason, reason);
    setAttributes(this.#reason, { hidden: reason === "" });
    setAttributes(this.#button, {
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
  }
}

/** @param {string} id @param {readonly string[]} values */
function select(id, values) {
  const label = el("label", { for: id });
  const select = el("select", { id }, ...values.map((value) => el("option", { value })));
  return { label, select, element: el("div", { class: "field" }, label, select) };
}
