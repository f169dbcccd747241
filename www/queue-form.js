// @ts-check
// The form that schedules a command: which one and when. With the emulator, also how Campaign responds.

import { announce } from "./announce.js";
import { el, setAttributes, setText } from "./dom.js";
import { t, timeFromNow } from "./i18n.js";
import { commands } from "./workflow-states.js";

/** @typedef {import("./store.js").WorkflowCommand} WorkflowCommand */
/** @typedef {import("campaign-workflow/emulator").Fault} Fault */

const delaysInSeconds = [0, 60, 600, 3600];
/** The fault of the emulator for the next command of the workflow. */
const effects = /** @type {const} */ (["none", "not-found", "lost-answer"]);

/**
 * @typedef {object} ScheduledCommand
 * @property {WorkflowCommand} command
 * @property {number} delaySeconds
 * @property {Fault | null} fault
 */

export class QueueForm {
  #legend = el("legend");
  #command = select("queue-command", commands);
  #delay = select("queue-delay", delaysInSeconds.map(String));
  #effect = select("queue-effect", effects);
  #button = el("button", { type: "submit", id: "queue-send", class: "primary" });
  #reason = el("p", { class: "reason", id: "queue-reason", hidden: true });

  /** @param {(scheduled: ScheduledCommand) => void} onSend @param {() => void} onChange */
  constructor(onSend, onChange) {
    const fields = [this.#command, this.#delay, this.#effect].map(({ element }) => element);
    const parts = el("div", { class: "fields" }, ...fields, this.#button, this.#reason);
    this.element = el("form", { class: "schedule" }, el("fieldset", {}, this.#legend, parts));
    this.#command.select.addEventListener("change", onChange);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#button.getAttribute("aria-disabled") === "true") return announce(this.#reason.textContent ?? "");
      const kind = /** @type {typeof effects[number]} */ (this.#effect.select.value);
      const fault = kind === "none" || this.#effect.element.hidden ? null : { kind };
      onSend({ command: this.command, delaySeconds: Number(this.#delay.select.value), fault });
    });
  }

  get command() {
    return /** @type {WorkflowCommand} */ (this.#command.select.value);
  }

  /** @param {string} reason why the command can't be scheduled; empty: it can @param {boolean} hasEmulator */
  update(reason, hasEmulator) {
    setText(this.#legend, t("queue.form"));
    setText(this.#command.label, t("command.label"));
    setText(this.#delay.label, t("queue.when"));
    setText(this.#effect.label, t("queue.effect"));
    setOptionTexts(
      this.#command.select,
      commands.map((command) => t(`command.${command}`)),
    );
    setOptionTexts(
      this.#delay.select,
      delaysInSeconds.map((seconds) => (seconds === 0 ? t("queue.now") : timeFromNow(seconds))),
    );
    setOptionTexts(
      this.#effect.select,
      effects.map((effect) => t(`queue.effect.${effect}`)),
    );
    setAttributes(this.#effect.element, { hidden: !hasEmulator });
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

/** @param {HTMLSelectElement} select @param {readonly string[]} texts */
function setOptionTexts({ options }, texts) {
  texts.forEach((text, index) => setText(/** @type {Node} */ (options[index]), text));
}
