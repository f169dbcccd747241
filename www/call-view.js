// @ts-check
// One call in the timeline: its way, how it ended, what to do now, and both hops to unfold.

import { outcomeBadge } from "./badge.js";
import { el } from "./dom.js";
import { leavesDoubt, reasonOf } from "./call-trace.js";
import { duration, firstOf, t, timeOfDay } from "./i18n.js";
import { jsonView } from "./json-view.js";
import { requestSection } from "./gateway-requests-view.js";
import { routeView } from "./trace-view.js";
import { witnessSection } from "./campaign-log-view.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./dom.js").Child} Child
 */
/**
 * Makes a part that can be folded; it stays as the person left it.
 * @typedef {(name: string, title: readonly Child[], ...content: Child[]) => HTMLElement} Fold
 */

/** @param {Call} call @param {Fold} fold */
export function callView(call, fold) {
  const title = el("h3", { id: `call-${call.id}-title` }, ...what(call), " ", call.workflow.label);
  const head = el(
    "div",
    { class: "call-head" },
    title,
    outcomeBadge(call.outcome),
    el("time", { datetime: call.startedAt.toISOString() }, timeOfDay(call.startedAt)),
  );
  const trial =
    call.trial && el("p", { class: "faint" }, t("timeline.trial", { title: firstOf([`trial.${call.trial}.title`]) }));
  return el(
    "article",
    { class: "call", id: `call-${call.id}`, tabindex: -1, "aria-labelledby": title.id, "data-outcome": call.outcome },
    head,
    trial,
    ...routeView(call),
    ...(call.outcome === "flight" ? inFlight(call) : settled(call)),
    requestSection(call, fold),
    call.outcome !== "flight" && witnessSection(call, fold),
    call.outcome !== "flight" && answerSection(call, fold),
  );
}

/** @param {Call} call */
function what({ command, activity }) {
  return activity === null ? [code(printable(command))] : [code(command), " ", code(printable(activity))];
}

/** @param {Call} call */
function inFlight(call) {
  const cancel = el("button", { type: "button", class: "cancel" }, t("command.cancel"));
  cancel.addEventListener("click", () => call.cancel());
  return [el("p", { class: "call-wait" }, t(waitingFor(call)), cancel)];
}

/** @param {Call} call */
function waitingFor({ exchanges, asked }) {
  const last = exchanges.at(-1);
  if (asked.idempotencyKey && last && leavesDoubt(last)) return "timeline.repeating";
  return last?.state === "answered" && (last.status ?? 0) >= 400 ? "timeline.retrying" : "timeline.waiting";
}

/** @param {Call} call */
function settled(call) {
  const { error, receipt } = call;
  const requestId = error?.requestId ?? receipt?.requestId;
  const wait = error?.retryAfterMs ? duration(error.retryAfterMs) : "";
  const tooSoon = receipt && "tooSoon" in receipt && receipt.tooSoon;
  // Where the outcome is unknown, one thing is to be done whatever the code.
  const safe = error?.outcome === "not-executed";
  const own = reasonOf(call) === "refused" ? [`now.${error?.code}.refused`] : [];
  const forSignal = call.activity === null ? [] : [`now.${call.outcome}.signal`];
  const general = [...forSignal, `now.${call.outcome}`];
  const keys = safe
    ? [...own, `now.${error.code}.not-executed`, `now.${error.code}`, ...general]
    : tooSoon
      ? ["now.too-soon"]
      : general;
  return [
    error && el("p", { class: "message", lang: "en" }, error.message),
    el("p", { class: "now" }, el("strong", {}, t("timeline.now")), " ", firstOf(keys, { wait })),
    facts([
      ["code", error && code(error.code)],
      ["status", error?.status ?? receipt?.status ?? null],
      ["errorCode", error?.errorCode && code(error.errorCode)],
      ["attempts", error?.attempts ?? receipt?.attempts ?? null],
      ["requestId", requestId && code(requestId)],
      ["retryAfterMs", error?.retryAfterMs ?? null],
      ["hint", error?.hint && el("span", { lang: "en" }, error.hint)],
    ]),
  ];
}

/** @param {readonly [string, Child | number][]} pairs those without a value are left out */
function facts(pairs) {
  const shown = pairs.filter(([, value]) => typeof value === "number" || value);
  return el(
    "dl",
    { class: "facts" },
    ...shown.map(([name, value]) =>
      el(
        "div",
        { class: name === "hint" ? "wide" : null },
        el("dt", { translate: "no", lang: "en" }, name),
        el("dd", {}, typeof value === "number" ? String(value) : value),
      ),
    ),
  );
}

/** @param {Call} call @param {Fold} fold */
function answerSection({ receipt, error, durationMs }, fold) {
  const took = el("span", { class: "faint" }, t("answer.took", { duration: duration(durationMs) }));
  if (receipt) return fold("answer", [t("answer.receipt"), took], jsonView(receipt));
  if (!error) return null;
  const { name, message, code, outcome, status, errorCode, hint, retryAfterMs, requestId, attempts } = error;
  const shown = { name, message, code, outcome, status, errorCode, hint, retryAfterMs, requestId, attempts };
  return fold("answer", [t("answer.error"), took], jsonView(shown));
}

/** @param {string} text */
function code(text) {
  return el("code", { translate: "no", lang: "en" }, text);
}

/** @param {string} text as it was given, control characters made visible */
function printable(text) {
  return JSON.stringify(text).slice(1, -1);
}
