// @ts-check
// Parses a signal's parameters: one "name = value" per line. Numbers, true and false keep their type; quotes make a value text.

/** @typedef {NonNullable<import("campaign-workflow/client").SignalContent["parameters"]>} Parameters */

/**
 * @param {string} text
 * @returns {{ parameters: Parameters } | { line: number }} the number of the first invalid line, from 1
 */
export function parseParameters(text) {
  /** @type {[string, string | number | boolean][]} */
  const entries = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, name = "", value = ""] = /^\s*([^=]*?)\s*(?:=\s*(.*?)\s*)?$/.exec(line) ?? [];
    if (line.includes("=") ? name === "" : name !== "") return { line: index + 1 };
    // The form prefills the declared names; those without a value are ignored.
    if (value !== "") entries.push([name, parameterValue(value)]);
  }
  return { parameters: Object.fromEntries(entries) };
}

/** @param {string} text */
function parameterValue(text) {
  if (text === "true" || text === "false") return text === "true";
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(text)) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}
