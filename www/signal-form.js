// @ts-check
// The form that triggers a signal: activity, source and parameters. Updated in place.

import { announce } from "./announce.js";
import { el, setAttributes, setChildren, setText } from "./dom.js";
import { t } from "./i18n.js";
import { parseParameters } from "./signal-parameters.js";

/**
 * @typedef {import("./store.js").SignalActivity} SignalActivity
 * @typedef {import("campaign-workflow/client").SignalContent} SignalContent
 */

const defaultSource = "API";

export class SignalForm {
  #summary = el("summary");
  #activityLabel;
  #activity;
  #sourceLabel;
  #source;
  #parametersLabel;
  #parameters;
  #hint;
  #reason;
  #problem;
  button = el("button", { type: "button", class: "primary" });
  #onSend;
  #drawn = "";
  /** @type {readonly SignalActivity[]} */
  #activities = [];

  /** @param {string} id of the workflow @param {(activity: string, content: SignalContent) => void} onSend */
  constructor(id, onSend) {
    this.#onSend = onSend;
    const name = (/** @type {string} */ part) => `signal-${id}-${part}`;
    this.#activityLabel = el("label", { for: name("activity") });
    this.#activity = el("select", { id: name("activity") });
    this.#sourceLabel = el("label", { for: name("source") });
    this.#source = el("input", { id: name("source"), value: defaultSource, autocomplete: "off", spellcheck: "false" });
    this.#parametersLabel = el("label", { for: name("parameters") });
    this.#parameters = el("textarea", {
      id: name("parameters"),
      rows: 3,
      "aria-describedby": `${name("hint")} ${name("problem")}`,
      spellcheck: "false",
      autocapitalize: "off",
    });
    this.#hint = el("p", { class: "faint", id: name("hint") });
    this.#problem = el("p", { class: "problem", id: name("problem"), hidden: true });
    this.#reason = el("p", { class: "faint reason", id: name("reason"), hidden: true });
    this.#activity.addEventListener("change", () => this.#prefill());
    this.button.addEventListener("click", () => this.#press());
    const field = (/** @type {Node[]} */ ...parts) => el("div", { class: "field" }, ...parts);
    this.element = el(
      "details",
      { class: "signal", hidden: true },
      this.#summary,
      el(
        "div",
        { class: "fields" },
        field(this.#activityLabel, this.#activity),
        field(this.#sourceLabel, this.#source),
        field(this.#parametersLabel, this.#parameters, this.#hint, this.#problem),
        el("div", { class: "send" }, this.button, this.#reason),
      ),
    );
  }

  /** @param {readonly SignalActivity[]} activities @param {string} reason why no signal can be sent now; empty: it can */
  update(activities, reason) {
    setAttributes(this.element, { hidden: activities.length === 0 });
    setText(this.#summary, t("signal.title"));
    setText(this.#activityLabel, t("signal.activity"));
    setText(this.#sourceLabel, t("signal.source"));
    setText(this.#parametersLabel, t("signal.parameters"));
    setText(this.#hint, t("signal.parameters.about"));
    setText(this.button, t("signal.send"));
    setText(this.#reason, reason);
    setAttributes(this.#reason, { hidden: reason === "" });
    setAttributes(this.button, {
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
    if (!this.#problem.hidden) this.#showProblem();
    const drawn = JSON.stringify(activities);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#activities = activities;
    const chosen = this.#activity.value;
    setChildren(
      this.#activity,
      activities.map(({ name, label }) => el("option", { value: name }, label === name ? name : `${name} (${label})`)),
    );
    if (activities.some(({ name }) => name === chosen)) this.#activity.value = chosen;
    else this.#prefill();
  }

  /** Fills in the names of the declared parameters. */
  #prefill() {
    const activity = this.#activities.find(({ name }) => name === this.#activity.value);
    this.#parameters.value = (activity?.parameters ?? []).map((name) => `${name} = `).join("\n");
  }

  #press() {
    const reason = this.#reason.textContent ?? "";
    if (reason) return announce(reason);
    const problem = this.#showProblem();
    if (problem) return announce(problem);
    const result = parseParameters(this.#parameters.value);
    if ("parameters" in result)
      this.#onSend(this.#activity.value, { source: this.#source.value, parameters: result.parameters });
  }

  #showProblem() {
    const result = parseParameters(this.#parameters.value);
    const problem = "line" in result ? t("signal.parameters.invalid", { line: result.line }) : "";
    setText(this.#problem, problem);
    setAttributes(this.#problem, { hidden: problem === "" });
    setAttributes(this.#parameters, { "aria-invalid": problem ? "true" : null });
    return problem;
  }
}
