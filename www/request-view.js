// @ts-check
// What went out: each request of a call exactly as the client made it, and the same as a line for the terminal.

import { announce } from "./announce.js";
import { asCurl } from "./curl.js";
import { el } from "./dom.js";
import { duration, t, tn } from "./i18n.js";
import { jsonView, textView } from "./json-view.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./recorder.js").Exchange} Exchange
 * @typedef {import("./call-view.js").Fold} Fold
 */

/** @param {Call} call @param {Fold} fold */
export function requestSection({ exchanges, asked, outcome }, fold) {
  const [first] = exchanges;
  if (!first) {
    if (outcome === "flight") return null;
    return fold("request", [t("request.none")], el("p", {}, t("request.none.about")), jsonView(asked));
  }
  const curl = asCurl(first);
  return fold(
    "request",
    [tn("request.title", exchanges.length)],
    ...exchanges.flatMap((exchange, index) => exchangeView(exchange, index, exchanges)),
    fold("curl", [t("request.curl")], textView(curl), copyButton(curl)),
  );
}

/** @param {Exchange} exchange @param {number} index @param {readonly Exchange[]} all */
function exchangeView(exchange, index, all) {
  const number = index + 1;
  const before = all[index - 1];
  const heading = before
    ? t("request.repeated", { number, after: duration(exchange.sentAfterMs - before.sentAfterMs) })
    : t("request.first", { number });
  const url = new URL(exchange.url);
  return [
    all.length > 1 && el("h4", {}, heading),
    el(
      "pre",
      { class: "http", lang: "en", translate: "no" },
      el("b", {}, exchange.method),
      ` ${url.pathname}\n`,
      field("Host", url.host),
      ...Object.entries(exchange.headers).map(([name, value]) => field(name, value)),
      `\n${exchange.body}`,
    ),
    el("p", { class: "faint answered" }, `→ ${t(`request.${exchange.state}`, { status: exchange.status ?? "" })}`),
  ];
}

/** @param {string} name @param {string} value */
function field(name, value) {
  const line = el("span", {}, el("span", { class: "key" }, `${name}:`), ` ${value}\n`);
  return line;
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
