// @ts-check
// One trial: what it means, what the client must answer, and, once tried, what it did answer.

import { outcomeBadge } from "./badge.js";
import { el, setAttributes, setChildren, setText } from "./dom.js";
import { duration, t } from "./i18n.js";

/**
 * @typedef {import("./failure-cases.js").Trial} Trial
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./i18n.js").Key} Key
 */

export class TrialRow {
  #title = el("h4");
  #about = el("p", { class: "faint" });
  #expected = el("p", { class: "expected" });
  #result = el("p", { class: "result", hidden: true });
  #button = el("button", { type: "button" });
  #reason;
  #drawn = "";

  /** @param {Trial} trial @param {() => void} onPress */
  constructor(trial, onPress) {
    this.trial = trial;
    this.#reason = el("span", { class: "visually-hidden", id: `reason-${trial.id}` });
    this.#button.addEventListener("click", onPress);
    const words = el("div", {}, this.#title, this.#about, this.#expected, this.#result);
    this.element = el("li", { class: "trial", "data-trial": trial.id }, words, this.#button, this.#reason);
  }

  /**
   * @param {boolean} runs @param {string} reason why it can't be tried now; empty: it can
   * @param {Call | undefined} call the last one of this trial
   */
  update(runs, reason, call) {
    const { id, code, outcome } = this.trial;
    const drawn = [runs, reason, call?.id, document.documentElement.lang].join(" ");
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const title = t(/** @type {Key} */ (`trial.${id}.title`));
    setText(this.#title, title);
    setText(this.#about, t(/** @type {Key} */ (`trial.${id}.about`)));
    const answer = code ? el("code", { class: "code", translate: "no" }, code) : t("trials.receipt");
    setChildren(this.#expected, [`${t("trials.expected")} `, answer, " ", outcomeBadge(outcome)]);
    this.#updateButton(runs, reason, title);
    this.#result.hidden = !call;
    setChildren(this.#result, call ? result(this.trial, call, title) : []);
  }

  /** @param {boolean} runs @param {string} reason @param {string} title */
  #updateButton(runs, reason, title) {
    setText(this.#button, t(runs ? "command.cancel" : "trials.try"));
    setText(this.#reason, reason);
    setAttributes(this.#button, {
      class: runs ? "cancel" : null,
      "aria-label": t(runs ? "trials.cancel.label" : "trials.try.label", { title }),
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
  }
}

/** @param {Trial} trial @param {Call} call @param {string} title */
function result({ code, outcome }, call, title) {
  const came = call.error?.code;
  const text =
    came === code && call.outcome === outcome
      ? t("trials.matches", { duration: duration(call.durationMs) })
      : t("trials.differs", { code: came ?? t("trials.receipt"), outcome: t(`outcome.${call.outcome}`) });
  const link = el("a", { href: `#call-${call.id}`, "aria-label": t("trials.show.label", { title }) }, t("trials.show"));
  return [text, " ", link];
}
