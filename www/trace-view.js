// @ts-check
// The way of a call as a line of three stations: page, gateway, Campaign, and on each stretch what passed.

import { el } from "./dom.js";
import { t, tn } from "./i18n.js";
import { hopsOf, reasonOf, statusText } from "./call-trace.js";

/** @typedef {import("./store.js").Call} Call */
/** @typedef {import("./call-trace.js").Hop} Hop */

/** @param {Call} call */
export function routeView(call) {
  const [toGateway, toCampaign] = hopsOf(call);
  const reason = reasonOf(call);
  return [
    el(
      "div",
      { class: "route", role: "group", "aria-label": t("route.label") },
      station("page", true),
      hopView(toGateway),
      station("gateway", toGateway.state !== "none"),
      hopView(toCampaign),
      station("campaign", (toCampaign.count ?? 0) > 0),
    ),
    reason && el("p", { class: "route-why" }, t(`route.why.${reason}`)),
  ];
}

/** What is read aloud names both ends of each stretch, so the stations are for the eye. @param {string} id @param {boolean} reached */
function station(id, reached) {
  return el(
    "span",
    { class: "station", "aria-hidden": "true", "data-reached": reached },
    t(/** @type {any} */ (`flow.${id}`)),
  );
}

/** @param {Hop} hop */
function hopView({ to, count, state, statuses }) {
  const what = state === "good" || state === "bad" ? statusText(statuses, t("route.silent")) : t(`route.${state}`);
  return el(
    "p",
    { class: "hop", "data-to": to, "data-state": state },
    el("span", { class: "visually-hidden" }, t(`route.to.${to}`), " "),
    el("strong", {}, what),
    count ? el("span", {}, el("span", { class: "visually-hidden" }, ", "), tn("route.count", count)) : null,
  );
}
