// @ts-check
// The panel of many at once: which command, which workflows, how many at a time, how far it is, and what came of it.

import { announce } from "./announce.js";
import { runMany } from "./bulk-sender.js";
import { BulkTable } from "./bulk-table.js";
import { commands } from "./workflow-states.js";
import { byId, el, setAttributes, setChildren, setText } from "./dom.js";
import { onLanguage, t, tn } from "./i18n.js";
import { commandsRefused, reasonAgainst } from "./disabled-reasons.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 * @typedef {import("./bulk-sender.js").Item} Item
 * @typedef {import("./bulk-sender.js").BulkSummary} BulkSummary
 */

const mostAtOnce = 4;
const firstAtOnce = 2;

/**
 * @param {Store} store @param {import("./emulator-api.js").LocalCampaign} campaign
 * @param {(call: import("./store.js").Call) => void} onSettled
 */
export function showBulk(store, campaign, onSettled) {
  const about = el("p", { class: "about" });
  const commandLabel = el("label", { for: "bulk-command" });
  const command = el("select", { id: "bulk-command" }, ...commands.map((value) => el("option", { value })));
  const legend = el("legend");
  const choices = el("ul", { role: "list" });
  const fields = el("fieldset", {}, legend, choices);
  const atOnceLabel = el("label", { for: "bulk-at-once" });
  const numbers = Array.from({ length: mostAtOnce }, (_, index) => index + 1);
  const atOnce = el(
    "select",
    { id: "bulk-at-once" },
    ...numbers.map((number) => el("option", { value: number }, String(number))),
  );
  atOnce.value = String(firstAtOnce);
  const button = el("button", { type: "button", id: "bulk-begin" });
  const why = el("p", { class: "why", id: "bulk-reason", hidden: true });
  const bar = el("progress");
  const count = el("span", { class: "count" });
  const progress = el("p", { class: "progress", hidden: true }, bar, count);
  const end = el("p", { class: "end", hidden: true });
  const table = new BulkTable();
  byId("bulk").append(
    about,
    el("div", { class: "choice" }, commandLabel, command),
    fields,
    el("div", { class: "choice begin" }, atOnceLabel, atOnce, button, why),
    progress,
    end,
    table.element,
  );

  /** @type {Map<string, Choice>} */
  const rows = new Map();
  /** The workflows that the person left out. @type {Set<string>} */
  const leftOut = new Set();
  /** @type {Item[]} */
  let items = [];
  /** @type {AbortController | null} */
  let running = null;
  /** @type {(() => string) | null} */
  let sentence = null;

  function chosen() {
    const wanted = /** @type {WorkflowCommand} */ (command.value);
    return store.now.workflows.filter(
      (workflow) => !leftOut.has(workflow.id) && !reasonAgainst(store, wanted, workflow),
    );
  }

  async function press() {
    if (running) return running.abort();
    const workflows = chosen();
    const wanted = /** @type {WorkflowCommand} */ (command.value);
    if (workflows.length === 0) return announce(why.textContent ?? "");
    items = workflows.map((workflow) => ({ workflow, command: wanted, outcome: "turn", code: null }));
    const controller = new AbortController();
    running = controller;
    sentence = null;
    render();
    try {
      const many = { items, concurrency: Number(atOnce.value), controller, onChange: render, onSettled };
      const summary = await runMany(store, campaign, many);
      sentence = () => endOf(summary, controller.signal.aborted);
    } catch (error) {
      reportError(error);
      sentence = () => t("bulk.failed");
    }
    running = null;
    leftOut.clear();
    announce(sentence());
    render();
  }

  /** @param {BulkSummary} summary @param {boolean} cancelled */
  function endOf({ accepted, notExecuted, unknown }, cancelled) {
    const counts = { accepted, notExecuted, unknown };
    if (!cancelled) return t("bulk.done", counts);
    return t("bulk.cancelled", { ...counts, unsent: items.length - accepted - notExecuted - unknown });
  }

  function render() {
    setText(about, t("bulk.about"));
    setText(commandLabel, t("bulk.command"));
    setText(legend, t("workflows.title"));
    setText(atOnceLabel, t("bulk.at-once"));
    for (const option of command.options)
      setText(option, t(`command.${/** @type {WorkflowCommand} */ (option.value)}`));
    for (const field of [command, fields, atOnce]) setAttributes(field, { disabled: running !== null });
    renderChoices();
    renderButton();
    renderProgress();
    table.update(items, store.now.workflows);
  }

  function renderChoices() {
    // What was chosen stays to be seen while it is sent.
    if (running) return;
    const wanted = /** @type {WorkflowCommand} */ (command.value);
    const { workflows } = store.now;
    // What holds for all of them is said once, beside the button.
    const isSaidOnce = commandsRefused(store, [wanted]) !== "";
    setAttributes(fields, { hidden: workflows.length === 0 });
    const elements = workflows.map((workflow) => {
      const row = rows.get(workflow.id) ?? new Choice(workflow.id, (checked) => toggle(workflow.id, checked));
      rows.set(workflow.id, row);
      row.update(workflow.label, reasonAgainst(store, wanted, workflow), isSaidOnce, !leftOut.has(workflow.id));
      return row.element;
    });
    setChildren(choices, elements);
  }

  /** @param {string} id @param {boolean} checked */
  function toggle(id, checked) {
    if (checked) leftOut.delete(id);
    else leftOut.add(id);
    render();
  }

  function renderButton() {
    const number = chosen().length;
    setText(button, running ? t("command.cancel") : tn("bulk.begin", number, { command: command.value }));
    const wanted = /** @type {WorkflowCommand} */ (command.value);
    const reason = running || number > 0 ? "" : commandsRefused(store, [wanted]) || t("bulk.none");
    setText(why, reason);
    setAttributes(why, { hidden: reason === "" });
    setAttributes(button, {
      class: running ? "cancel" : null,
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? why.id : null,
    });
  }

  function renderProgress() {
    const done = items.filter(({ outcome }) => !["turn", "flight", "unsent"].includes(outcome)).length;
    setAttributes(progress, { hidden: items.length === 0 });
    setAttributes(bar, { max: Math.max(items.length, 1), value: done, "aria-label": t("bulk.progress.label") });
    setText(count, t("bulk.progress", { done, count: items.length }));
    setAttributes(end, { hidden: sentence === null });
    setText(end, sentence?.() ?? "");
  }

  button.addEventListener("click", press);
  command.addEventListener("change", () => {
    leftOut.clear();
    render();
  });
  store.onChange(render);
  onLanguage(render);
  render();
}

/** One workflow to choose, and the reason where the command does not fit it. */
class Choice {
  #box;
  #label = el("span");
  #reason;

  /** @param {string} id @param {(checked: boolean) => void} onToggle */
  constructor(id, onToggle) {
    this.#box = el("input", { type: "checkbox", "data-choice": id });
    this.#reason = el("p", { class: "reason", id: `bulk-reason-${id}`, hidden: true });
    this.#box.addEventListener("click", (event) => {
      // As with the buttons: not `disabled`, which would take the focus away, and the reason with it.
      if (this.#box.getAttribute("aria-disabled") !== "true") return;
      event.preventDefault();
      announce(this.#reason.textContent ?? "");
    });
    this.#box.addEventListener("change", () => onToggle(this.#box.checked));
    const label = el("label", {}, this.#box, this.#label, el("span", { class: "id", translate: "no" }, id));
    this.element = el("li", {}, label, this.#reason);
  }

  /** @param {string} label @param {string} reason why it can't be; empty: it can @param {boolean} isSaidOnce @param {boolean} wanted */
  update(label, reason, isSaidOnce, wanted) {
    setText(this.#label, label);
    setText(this.#reason, reason);
    setAttributes(this.#reason, { hidden: reason === "", class: isSaidOnce ? "visually-hidden" : "reason" });
    setAttributes(this.#box, {
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
    const checked = wanted && !reason;
    if (this.#box.checked !== checked) this.#box.checked = checked;
  }
}
