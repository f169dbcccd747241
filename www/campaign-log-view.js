// @ts-check
// The second hop: what Campaign's own log has of a call. The server of this page has masked the gateway's credentials in it.

import { el } from "./dom.js";
import { answeredLine, httpView } from "./http-view.js";
import { duration, t, tn } from "./i18n.js";
import { hasKey } from "./gateway-requests-view.js";

/**
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 * @typedef {import("./call-view.js").Fold} Fold
 */

/** As Adobe writes them; the log has them in lower case. */
const documented = ["Content-Type", "Authorization", "Cache-Control", "X-Api-Key"];

/** @param {Call} call @param {Fold} fold */
export function witnessSection({ witness, exchanges, activity }, fold) {
  if (!witness) return fold("witness", [t("witness.title")], el("p", {}, t("witness.unavailable")));
  const only = el("p", { class: "faint" }, t("witness.only"));
  if (witness.length === 0) return fold("witness", [t("witness.title.none")], only);
  const taken = witness.some(({ executed }) => executed);
  return fold(
    "witness",
    [tn("witness.title", witness.length)],
    ...witness.flatMap((request, index) => requestView(request, witness[index - 1], index + 1, witness.length)),
    exchanges.some(hasKey) && el("p", { class: "faint" }, t("witness.key")),
    el("p", {}, t(`witness.${taken ? "taken" : "left"}${activity === null ? "" : ".signal"}`)),
    only,
  );
}

/**
 * A repeated request is the same again, so it is not shown again.
 * @param {LoggedRequest} request @param {LoggedRequest | undefined} before @param {number} number @param {number} count
 */
function requestView({ method, url, headers, body, status, at }, before, number, count) {
  const heading = before
    ? t("request.repeated", { number, after: duration(at - before.at) })
    : t("request.first", { number });
  const answered = answeredLine(status === null ? "failed" : "answered", status);
  return [
    count > 1 && el("h4", {}, heading),
    !before && httpView({ method, url, headers: inOrder(headers), body }),
    answered,
  ];
}

/** @param {Record<string, string>} headers */
function inOrder(headers) {
  const { host: _, ...rest } = headers;
  const known = documented.flatMap((name) =>
    rest[name.toLowerCase()] === undefined ? [] : [[name, rest[name.toLowerCase()]]],
  );
  const others = Object.entries(rest).filter(([name]) => !documented.some((other) => other.toLowerCase() === name));
  return Object.fromEntries([...known, ...others]);
}
