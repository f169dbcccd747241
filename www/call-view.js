// @ts-check
// One call in the timeline: its trace, its outcome, the next step, and details to unfold.

import { outcomeBadge } from "./badge.js";
import { mayBeExecuted, traceExplanation } from "./call-trace.js";
import { campaignLogSection } from "./campaign-log-view.js";
import { el } from "./dom.js";
import { gatewayRequestsSection } from "./gateway-requests-view.js";
import { duration, firstOf, t, timeOfDay } from "./i18n.js";
import { jsonView } from "./json-view.js";
import { traceView } from "./trace-view.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./dom.js").Child} Child
 */
/**
 * Creates a section that can be folded and remembers whether it is.
 * @typedef {(name: string, title: readonly Child[], ...content: Child[]) => HTMLElement} Fold
 */

/** @param {Call} call @param {Fold} fold */
export function callView(call, fold) {
  const title = el("h3", { id: `call-${call.id}-title` }, ...commandText(call), " ", call.workflow.label);
  const head = el(
    "div",
    { class: "call-head" },
    title,
    outcomeBadge(call.outcome),
    el("time", { datetime: call.startedAt.toISOString() }, timeOfDay(call.startedAt)),
  );
  const failureCase =
    call.failureCase &&
    el("p", { class: "faint" }, t("timeline.failure-case", { title: firstOf([`case.${call.failureCase}.title`]) }));
  const hasEnded = call.outcome !== "in-flight";
  return el(
    "article",
    { class: "call", id: `call-${call.id}`, tabindex: -1, "aria-labelledby": title.id, "data-outcome": call.outcome },
    head,
    failureCase,
    ...traceView(call),
    ...(hasEnded ? resultView(call) : pendingView(call)),
    gatewayRequestsSection(call, fold),
    hasEnded && campaignLogSection(call, fold),
    hasEnded && resultSection(call, fold),
  );
}

/** @param {Call} call */
function commandText({ command, activity }) {
  return activity === null ? [code(printable(command))] : [code(command), " ", code(printable(activity))];
}

/** @param {Call} call */
function pendingView(call) {
  const cancel = el("button", { type: "button", class: "cancel" }, t("command.cancel"));
  cancel.addEventListener("click", () => call.cancel());
  return [el("p", { class: "call-wait" }, t(waitingText(call)), cancel)];
}

/** @param {Call} call */
function waitingText({ requests, options }) {
  const last = requests.at(-1);
  if (options.idempotencyKey && last && mayBeExecuted(last)) return "timeline.repeating";
  return last?.state === "responded" && (last.status ?? 0) >= 400 ? "timeline.retrying" : "timeline.waiting";
}

/** @param {Call} call */
function resultView(call) {
  const { error, receipt } = call;
  const requestId = error?.requestId ?? receipt?.requestId;
  const wait = error?.retryAfterMs ? duration(error.retryAfterMs) : "";
  return [
    error && el("p", { class: "message", lang: "en" }, error.message),
    el("p", { class: "next-step" }, el("strong", {}, t("timeline.next")), " ", firstOf(nextStepKeys(call), { wait })),
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

/** The texts for the next step, the most specific first. @param {Call} call */
function nextStepKeys(call) {
  const { error, receipt, outcome, activity } = call;
  const general = [...(activity === null ? [] : [`next.${outcome}.signal`]), `next.${outcome}`];
  if (receipt && "tooSoon" in receipt && receipt.tooSoon) return ["next.too-soon"];
  // If the outcome is unknown, the next step is the same for every code.
  if (error?.outcome !== "not-executed") return general;
  const refused = traceExplanation(call) === "refused" ? [`next.${error.code}.refused`] : [];
  return [...refused, `next.${error.code}.not-executed`, `next.${error.code}`, ...general];
}

/** @param {readonly [string, Child | number][]} pairs without a value they are left out */
function facts(pairs) {
  const present = pairs.filter(([, value]) => typeof value === "number" || value);
  return el(
    "dl",
    { class: "facts" },
    ...present.map(([name, value]) =>
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
function resultSection({ receipt, error, durationMs }, fold) {
  const took = el("span", { class: "faint" }, t("result.took", { duration: duration(durationMs) }));
  if (receipt) return fold("result", [t("result.receipt"), took], jsonView(receipt));
  if (!error) return null;
  const { name, message, code, outcome, status, errorCode, hint, retryAfterMs, requestId, attempts } = error;
  const fields = { name, message, code, outcome, status, errorCode, hint, retryAfterMs, requestId, attempts };
  return fold("result", [t("result.error"), took], jsonView(fields));
}

/** @param {string} text */
function code(text) {
  return el("code", { translate: "no", lang: "en" }, text);
}

/** Makes control characters visible. @param {string} text */
function printable(text) {
  return JSON.stringify(text).slice(1, -1);
}
