// @ts-check
// Shows JSON indented and with syntax colours.

import { el } from "./dom.js";

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** @param {unknown} value */
export function jsonView(value) {
  const text = JSON.stringify(value, null, 2) ?? String(value);
  const view = el("pre", { class: "json", lang: "en", translate: "no" });
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon] = match;
    view.append(text.slice(end, match.index));
    const kind = string ? (colon ? "key" : "string") : "literal";
    view.append(el("span", { class: kind }, string ?? whole), colon ?? "");
    end = match.index + whole.length;
  }
  view.append(text.slice(end));
  return view;
}

/** @param {string} text */
export function textView(text) {
  return el("pre", { lang: "en", translate: "no" }, text);
}

/** @param {string} body of a response; may be JSON or any text */
export function bodyView(body) {
  try {
    return jsonView(JSON.parse(body));
  } catch {
    return textView(body);
  }
}
