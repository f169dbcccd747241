// @ts-check
// The requests from gateway to Campaign, from Campaign's log. The server of this page has masked the gateway's credentials.

import { el } from "./dom.js";
import { hasKey } from "./gateway-requests-view.js";
import { httpView, responseLine } from "./http-view.js";
import { duration, t, tn } from "./i18n.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 * @typedef {import("./call-view.js").Fold} Fold
 */

/** Shown first, in Adobe's spelling; the log has lower-case names. */
const documentedHeaders = ["Content-Type", "Authorization", "Cache-Control", "X-Api-Key"];

/** @param {Call} call @param {Fold} fold */
export function campaignLogSection({ campaignLog, requests, activity }, fold) {
  if (!campaignLog) return fold("campaign-log", [t("log.title")], el("p", {}, t("log.unavailable")));
  const emulatorOnly = el("p", { class: "faint" }, t("log.emulator-only"));
  if (campaignLog.length === 0) return fold("campaign-log", [t("log.title.none")], emulatorOnly);
  const isExecuted = campaignLog.some(({ executed }) => executed);
  return fold(
    "campaign-log",
    [tn("log.title", campaignLog.length)],
    ...campaignLog.flatMap((request, index) =>
      requestView(request, campaignLog[index - 1], index + 1, campaignLog.length),
    ),
    requests.some(hasKey) && el("p", { class: "faint" }, t("log.key")),
    el("p", {}, t(`log.${isExecuted ? "executed" : "not-executed"}${activity === null ? "" : ".signal"}`)),
    emulatorOnly,
  );
}

/**
 * A repeated request is identical, so only its response is shown.
 * @param {LoggedRequest} request @param {LoggedRequest | undefined} before @param {number} number @param {number} count
 */
function requestView({ method, url, headers, body, status, at }, before, number, count) {
  const heading = before
    ? t("request.repeated", { number, after: duration(at - before.at) })
    : t("request.first", { number });
  return [
    count > 1 && el("h4", {}, heading),
    !before && httpView({ method, url, headers: inOrder(headers), body }),
    responseLine(status === null ? "failed" : "responded", status),
  ];
}

/** @param {Record<string, string>} headers */
function inOrder(headers) {
  const { host: _, ...rest } = headers;
  const documented = documentedHeaders.flatMap((name) =>
    rest[name.toLowerCase()] === undefined ? [] : [[name, rest[name.toLowerCase()]]],
  );
  const others = Object.entries(rest).filter(
    ([name]) => !documentedHeaders.some((other) => other.toLowerCase() === name),
  );
  return Object.fromEntries([...documented, ...others]);
}
