// @ts-check
// The first hop: each request to the gateway exactly as the client made it, the problem that came back, and the same as a line
// for the terminal.

import { announce } from "./announce.js";
import { asCurl } from "./curl.js";
import { el } from "./dom.js";
import { answeredLine, httpView } from "./http-view.js";
import { duration, t, tn } from "./i18n.js";
import { bodyView, jsonView, textView } from "./json-view.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./traced-fetch.js").Exchange} Exchange
 * @typedef {import("./call-view.js").Fold} Fold
 */

/** @param {Call} call @param {Fold} fold */
export function requestSection({ exchanges, asked, outcome, activity }, fold) {
  const [first] = exchanges;
  if (!first) {
    if (outcome === "flight") return null;
    return fold("request", [t("request.none")], el("p", {}, t("request.none.about")), jsonView(asked));
  }
  // A signal is preceded by reading the workflow, which tells its address.
  const curl = asCurl(exchanges.findLast(({ method }) => method === "POST") ?? first);
  const about = first.signedIn && el("p", { class: "faint" }, t("request.curl.about"));
  const sameKey = hasKey(first) && el("p", { class: "faint" }, t("request.curl.key"));
  return fold(
    "request",
    [tn("request.title", exchanges.length)],
    el("p", { class: "faint" }, t(first.signedIn ? "request.session" : "request.session.none")),
    el(
      "p",
      { class: "faint" },
      t(hasKey(first) ? "request.key" : activity === null ? "request.key.none" : "request.key.signal"),
    ),
    ...exchanges.flatMap((exchange, index) => exchangeView(exchange, index, exchanges)),
    fold("curl", [t("request.curl")], textView(curl), about, sameKey, copyButton(curl)),
  );
}

/** @param {Exchange} exchange */
export function hasKey({ headers }) {
  return "Idempotency-Key" in headers;
}

/** @param {Exchange} exchange @param {number} index @param {readonly Exchange[]} all */
function exchangeView(exchange, index, all) {
  const number = index + 1;
  const before = all[index - 1];
  const heading = before
    ? t("request.repeated", { number, after: duration(exchange.sentAfterMs - before.sentAfterMs) })
    : t("request.first", { number });
  return [
    all.length > 1 && el("h4", {}, heading),
    httpView(exchange),
    answeredLine(exchange.state, exchange.status),
    exchange.problem !== null && bodyView(exchange.problem),
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
