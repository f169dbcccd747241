// @ts-check
// Shows a request in HTTP notation, and its response in one line.

import { el } from "./dom.js";
import { t } from "./i18n.js";

/** @param {{ method: string, url: string, headers: Record<string, string>, body: string }} request */
export function httpView({ method, url, headers, body }) {
  const { pathname, host } = new URL(url);
  const fields = Object.entries({ Host: host, ...headers });
  return el(
    "pre",
    { class: "http", lang: "en", translate: "no" },
    el("b", {}, method),
    ` ${pathname}\n`,
    ...fields.map(([name, value]) => el("span", {}, el("span", { class: "key" }, `${name}:`), ` ${value}\n`)),
    `\n${body}`,
  );
}

/** @param {"waiting" | "responded" | "redirect" | "failed"} state @param {number | null} status */
export function responseLine(state, status) {
  return el("p", { class: "faint response" }, `→ ${t(`request.${state}`, { status: status ?? "" })}`);
}
