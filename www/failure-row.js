// @ts-check
// One failure case: its description, the expected report of the client, and the result of the last try.

import { outcomeBadge } from "./badge.js";
import { el, setAttributes, setChildren, setText } from "./dom.js";
import { duration, t } from "./i18n.js";

/**
 * @typedef {import("./failure-cases.js").FailureCase} FailureCase
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./i18n.js").Key} Key
 */

export class FailureRow {
  #title = el("h4");
  #about = el("p", { class: "faint" });
  #expected = el("p", { class: "expected" });
  #result = el("p", { class: "result", hidden: true });
  #button = el("button", { type: "button" });
  #reason;
  #drawn = "";

  /** @param {FailureCase} failureCase @param {() => void} onPress */
  constructor(failureCase, onPress) {
    this.failureCase = failureCase;
    this.#reason = el("span", { class: "visually-hidden", id: `reason-${failureCase.id}` });
    this.#button.addEventListener("click", onPress);
    const texts = el("div", {}, this.#title, this.#about, this.#expected, this.#result);
    this.element = el("li", { class: "failure-case", "data-case": failureCase.id }, texts, this.#button, this.#reason);
  }

  /**
   * @param {boolean} isRunning @param {string} reason why the case can't be tried now; empty: it can
   * @param {Call | undefined} call the last call of this case
   */
  update(isRunning, reason, call) {
    const { id, code, outcome } = this.failureCase;
    const drawn = [isRunning, reason, call?.id, document.documentElement.lang].join(" ");
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const title = t(/** @type {Key} */ (`case.${id}.title`));
    setText(this.#title, title);
    setText(this.#about, t(/** @type {Key} */ (`case.${id}.about`)));
    const report = code ? el("code", { class: "code", translate: "no" }, code) : t("failures.receipt");
    setChildren(this.#expected, [`${t("failures.expected")} `, report, " ", outcomeBadge(outcome)]);
    this.#updateButton(isRunning, reason, title);
    this.#result.hidden = !call;
    setChildren(this.#result, call ? result(this.failureCase, call, title) : []);
  }

  /** @param {boolean} isRunning @param {string} reason @param {string} title */
  #updateButton(isRunning, reason, title) {
    setText(this.#button, t(isRunning ? "command.cancel" : "failures.try"));
    setText(this.#reason, reason);
    setAttributes(this.#button, {
      class: isRunning ? "cancel" : null,
      "aria-label": t(isRunning ? "failures.cancel.label" : "failures.try.label", { title }),
      "aria-disabled": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
  }
}

/** @param {FailureCase} failureCase @param {Call} call @param {string} title */
function result({ code, outcome }, call, title) {
  const actualCode = call.error?.code;
  const text =
    actualCode === code && call.outcome === outcome
      ? t("failures.as-expected", { duration: duration(call.durationMs) })
      : t("failures.different", { code: actualCode ?? t("failures.receipt"), outcome: t(`outcome.${call.outcome}`) });
  const link = el(
    "a",
    { href: `#call-${call.id}`, "aria-label": t("timeline.show.label", { title }) },
    t("timeline.show"),
  );
  return [text, " ", link];
}
