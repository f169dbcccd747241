// @ts-check
// Draws a call's trace: three stations (page, gateway, Campaign) and the requests between them.

import { statusText, traceExplanation, traceOf } from "./call-trace.js";
import { el } from "./dom.js";
import { t, tn } from "./i18n.js";

/** @typedef {import("./store.js").Call} Call */
/** @typedef {import("./call-trace.js").TraceSegment} TraceSegment */

/** @param {Call} call */
export function traceView(call) {
  const [toGateway, toCampaign] = traceOf(call);
  const explanation = traceExplanation(call);
  return [
    el(
      "div",
      { class: "trace", role: "group", "aria-label": t("trace.label") },
      station("page", true),
      segmentView(toGateway),
      station("gateway", toGateway.state !== "none"),
      segmentView(toCampaign),
      station("campaign", (toCampaign.count ?? 0) > 0),
    ),
    explanation && el("p", { class: "trace-why" }, t(`trace.why.${explanation}`)),
  ];
}

/** Hidden from screen readers, because each segment names both of its ends. @param {"page" | "gateway" | "campaign"} id @param {boolean} isReached */
function station(id, isReached) {
  return el("span", { class: "station", "aria-hidden": "true", "data-reached": isReached }, t(`flow.${id}`));
}

/** @param {TraceSegment} segment */
function segmentView({ to, count, state, statuses }) {
  const result =
    state === "good" || state === "bad" ? statusText(statuses, t("trace.no-response")) : t(`trace.${state}`);
  return el(
    "p",
    { class: "segment", "data-to": to, "data-state": state },
    el("span", { class: "visually-hidden" }, t(`trace.to.${to}`), " "),
    el("strong", {}, result),
    count ? el("span", {}, el("span", { class: "visually-hidden" }, ", "), tn("trace.count", count)) : null,
  );
}
