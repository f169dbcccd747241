// @ts-check
// The bulk panel: sends one command to several workflows and shows progress and results.

import { announce } from "./announce.js";
import { sendBulk } from "./bulk-sender.js";
import { BulkTable } from "./bulk-table.js";
import { commands } from "./workflow-states.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t, tn } from "./i18n.js";
import { permissionReason, commandDisabledReason } from "./disabled-reasons.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 * @typedef {import("./bulk-sender.js").BulkItem} BulkItem
 * @typedef {import("./bulk-sender.js").BulkSummary} BulkSummary
 */

const maxConcurrency = 4;
const defaultConcurrency = 2;

/**
 * @param {Store} store @param {import("./emulator-api.js").EmulatorApi} emulator
 * @param {(call: import("./store.js").Call) => void} onEnded
 */
export function showBulk(store, emulator, onEnded) {
  const about = el("p", { class: "about" });
  const commandLabel = el("label", { for: "bulk-command" });
  const command = el("select", { id: "bulk-command" }, ...commands.map((value) => el("option", { value })));
  const legend = el("legend");
  const choices = el("ul", { role: "list" });
  const fields = el("fieldset", {}, legend, choices);
  const concurrencyLabel = el("label", { for: "bulk-concurrency" });
  const numbers = Array.from({ length: maxConcurrency }, (_, index) => index + 1);
  const concurrency = el(
    "select",
    { id: "bulk-concurrency" },
    ...numbers.map((number) => el("option", { value: number }, String(number))),
  );
  concurrency.value = String(defaultConcurrency);
  const button = el("button", { type: "button", id: "bulk-send", class: "primary" });
  const reasonText = el("p", { class: "why", id: "bulk-reason", hidden: true });
  const bar = el("progress");
  const count = el("span", { class: "count" });
  const progress = el("p", { class: "progress", hidden: true }, bar, count);
  const end = el("p", { class: "end", hidden: true });
  const table = new BulkTable();
  byId("bulk").append(
    about,
    el("div", { class: "choice" }, commandLabel, command),
    fields,
    el("div", { class: "choice begin" }, concurrencyLabel, concurrency, button, reasonText),
    progress,
    end,
    table.element,
  );

  /** @type {Map<string, Choice>} */
  const rows = new Map();
  /** The ids of the workflows that the person deselected. @type {Set<string>} */
  const deselected = new Set();
  /** @type {BulkItem[]} */
  let items = [];
  /** @type {AbortController | null} */
  let running = null;
  /** @type {(() => string) | null} */
  let summaryText = null;

  function chosen() {
    const name = /** @type {WorkflowCommand} */ (command.value);
    return store.state.workflows.filter(
      (workflow) => !deselected.has(workflow.id) && !commandDisabledReason(store, name, workflow),
    );
  }

  async function press() {
    if (running) return running.abort();
    const workflows = chosen();
    const name = /** @type {WorkflowCommand} */ (command.value);
    if (workflows.length === 0) return announce(reasonText.textContent ?? "");
    items = workflows.map((workflow) => ({ workflow, command: name, outcome: "waiting", code: null }));
    const controller = new AbortController();
    running = controller;
    summaryText = null;
    render();
    try {
      const options = { items, concurrency: Number(concurrency.value), controller, onChange: render, onEnded };
      const summary = await sendBulk(store, emulator, options);
      summaryText = () => textOf(summary, controller.signal.aborted);
    } catch (error) {
      reportError(error);
      summaryText = () => t("bulk.failed");
    }
    running = null;
    deselected.clear();
    announce(summaryText());
    render();
  }

  /** @param {BulkSummary} summary @param {boolean} cancelled */
  function textOf({ accepted, notExecuted, unknown }, cancelled) {
    const counts = { accepted, notExecuted, unknown };
    if (!cancelled) return t("bulk.done", counts);
    return t("bulk.cancelled", { ...counts, unsent: items.length - accepted - notExecuted - unknown });
  }

  function render() {
    setText(about, t("bulk.about"));
    setText(commandLabel, t("command.label"));
    setText(legend, t("workflows.title"));
    setText(concurrencyLabel, t("bulk.concurrency"));
    for (const option of command.options)
      setText(option, t(`command.${/** @type {WorkflowCommand} */ (option.value)}`));
    for (const field of [command, fields, concurrency]) setAttributes(field, { disabled: running !== null });
    renderChoices();
    renderButton();
    renderProgress();
    table.update(items, store.state.workflows);
  }

  function renderChoices() {
    // While commands are sent, the selection stays visible.
    if (running) return;
    const name = /** @type {WorkflowCommand} */ (command.value);
    const { workflows } = store.state;
    // A reason that holds for all workflows is shown once, beside the button.
    const hasSharedReason = permissionReason(store, [name]) !== "";
    setAttributes(fields, { hidden: workflows.length === 0 });
    const elements = workflows.map((workflow) => {
      const row = rows.get(workflow.id) ?? new Choice(workflow.id, (checked) => toggle(workflow.id, checked));
      rows.set(workflow.id, row);
      row.update(
        workflow.label,
        commandDisabledReason(store, name, workflow),
        hasSharedReason,
        !deselected.has(workflow.id),
      );
      return row.element;
    });
    setChildren(choices, elements);
  }

  /** @param {string} id @param {boolean} checked */
  function toggle(id, checked) {
    if (checked) deselected.delete(id);
    else deselected.add(id);
    render();
  }

  function renderButton() {
    const number = chosen().length;
    setText(button, running ? t("command.cancel") : tn("bulk.send", number, { command: command.value }));
    const name = /** @type {WorkflowCommand} */ (command.value);
    const none = t(deselected.size > 0 ? "bulk.none" : "bulk.none-allowed");
    const reason = running || number > 0 ? "" : permissionReason(store, [name]) || none;
    setText(reasonText, reason);
    setAttributes(reasonText, { hidden: reason === "" });
    setAttributes(button, {
      class: running ? "cancel" : "primary",
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? reasonText.id : null,
    });
  }

  function renderProgress() {
    const done = items.filter(({ outcome }) => !["waiting", "in-flight", "unsent"].includes(outcome)).length;
    setAttributes(progress, { hidden: items.length === 0 });
    setAttributes(bar, { max: Math.max(items.length, 1), value: done, "aria-label": t("bulk.progress.label") });
    setText(count, t("bulk.progress", { done, count: items.length }));
    setAttributes(end, { hidden: summaryText === null });
    setText(end, summaryText?.() ?? "");
  }

  button.addEventListener("click", press);
  command.addEventListener("change", () => {
    deselected.clear();
    render();
  });
  store.onChange(render);
  onLanguage(render);
  render();
}

/** The checkbox of one workflow, with the reason if it can't be selected. */
class Choice {
  #box;
  #label = el("span");
  #reason;

  /** @param {string} id @param {(checked: boolean) => void} onToggle */
  constructor(id, onToggle) {
    this.#box = el("input", { type: "checkbox", "data-choice": id });
    this.#reason = el("p", { class: "reason", id: `bulk-reason-${id}`, hidden: true });
    this.#box.addEventListener("click", (event) => {
      // Not `disabled`: such a checkbox can't have the focus, so its reason would not be read.
      if (this.#box.getAttribute("aria-disabled") !== "true") return;
      event.preventDefault();
      announce(this.#reason.textContent ?? "");
    });
    this.#box.addEventListener("change", () => onToggle(this.#box.checked));
    const label = el("label", {}, this.#box, this.#label, el("span", { class: "id", translate: "no" }, id));
    this.element = el("li", {}, label, this.#reason);
  }

  /** @param {string} label @param {string} reason why it can't be selected; empty: it can @param {boolean} hasSharedReason @param {boolean} isSelected */
  update(label, reason, hasSharedReason, isSelected) {
    setText(this.#label, label);
    setText(this.#reason, reason);
    setAttributes(this.#reason, { hidden: reason === "", class: hasSharedReason ? "visually-hidden" : "reason" });
    setAttributes(this.#box, {
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
    const checked = isSelected && !reason;
    if (this.#box.checked !== checked) this.#box.checked = checked;
  }
}
