// @ts-check
// The parameters of a signal as lines: name = value. Numbers, true and false are sent as such, and in quotes as text.

/** @typedef {NonNullable<import("campaign-workflow/client").SignalContent["parameters"]>} Parameters */

/**
 * @param {string} text
 * @returns {{ parameters: Parameters } | { line: number }} the number of the first line that is none, from 1
 */
export function readParameters(text) {
  /** @type {[string, string | number | boolean][]} */
  const read = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [, name = "", value = ""] = /^\s*([^=]*?)\s*(?:=\s*(.*?)\s*)?$/.exec(line) ?? [];
    if (line.includes("=") ? name === "" : name !== "") return { line: index + 1 };
    // Lines without a value are the names that the activity declares.
    if (value !== "") read.push([name, parameterValue(value)]);
  }
  return { parameters: Object.fromEntries(read) };
}

/** @param {string} text */
function parameterValue(text) {
  if (text === "true" || text === "false") return text === "true";
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(text)) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}
