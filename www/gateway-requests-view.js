// @ts-check
// The requests from page to gateway: each as the client made it, its problem document, and the same request as a curl command.

import { announce } from "./announce.js";
import { asCurl } from "./curl.js";
import { el } from "./dom.js";
import { httpView, responseLine } from "./http-view.js";
import { duration, t, tn } from "./i18n.js";
import { bodyView, jsonView, textView } from "./json-view.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./traced-fetch.js").TracedRequest} TracedRequest
 * @typedef {import("./call-view.js").Fold} Fold
 */

/** @param {Call} call @param {Fold} fold */
export function gatewayRequestsSection({ requests, options, outcome, activity }, fold) {
  const [first] = requests;
  if (!first) {
    if (outcome === "in-flight") return null;
    return fold("request", [t("request.none")], el("p", {}, t("request.none.about")), jsonView(options));
  }
  // Before a signal, the client reads the workflow to find the signal's address.
  const curl = asCurl(requests.findLast(({ method }) => method === "POST") ?? first);
  const about = first.signedIn && el("p", { class: "faint" }, t("request.curl.about"));
  const sameKey = hasKey(first) && el("p", { class: "faint" }, t("request.curl.key"));
  return fold(
    "request",
    [tn("request.title", requests.length)],
    el("p", { class: "faint" }, t(first.signedIn ? "request.session" : "request.session.none")),
    el(
      "p",
      { class: "faint" },
      t(hasKey(first) ? "request.key" : activity === null ? "request.key.none" : "request.key.signal"),
    ),
    ...requests.flatMap((request, index) => requestView(request, index, requests)),
    fold("curl", [t("request.curl")], textView(curl), about, sameKey, copyButton(curl)),
  );
}

/** @param {TracedRequest} request */
export function hasKey({ headers }) {
  return "Idempotency-Key" in headers;
}

/** @param {TracedRequest} request @param {number} index @param {readonly TracedRequest[]} all */
function requestView(request, index, all) {
  const number = index + 1;
  const before = all[index - 1];
  const heading = before
    ? t("request.repeated", { number, after: duration(request.sentAfterMs - before.sentAfterMs) })
    : t("request.first", { number });
  return [
    all.length > 1 && el("h4", {}, heading),
    httpView(request),
    responseLine(request.state, request.status),
    request.problem !== null && bodyView(request.problem),
  ];
}

/** @param {string} text */
function copyButton(text) {
  const button = el("button", { type: "button", class: "quiet" }, t("request.copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      announce(t("request.copied"));
      button.textContent = t("request.copied");
    } catch {
      announce(t("request.copy.failed"));
      button.textContent = t("request.copy.failed");
    }
  });
  return button;
}
