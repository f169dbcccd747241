// @ts-check
// The page's language: its texts, and how it formats numbers and times.

import en from "./i18n/en.js";
import nl from "./i18n/nl.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {"en" | "nl"} Language */

/** @type {Record<Language, Record<Key, string>>} */
const texts = { en, nl };
export const languages = /** @type {const} */ ([
  { code: "en", name: "English" },
  { code: "nl", name: "Nederlands" },
]);

const storageKey = "campaign-workflow.language";
/** @type {Set<() => void>} */
const listeners = new Set();
/** @type {Language} */
let language = firstLanguage();

/** @returns {Language} */
export function currentLanguage() {
  return language;
}

/** @param {Language} chosen */
export function setLanguage(chosen) {
  if (chosen === language) return;
  language = chosen;
  try {
    localStorage.setItem(storageKey, chosen);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  applyLanguage();
  for (const listener of listeners) listener();
}

/** @param {() => void} listener */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * @param {Key} key
 * @param {Record<string, string | number>} [values] for the {placeholders}
 */
export function t(key, values = {}) {
  return texts[language][key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A text that depends on a count. It has two forms: `key.one` and `key.other`.
 * @param {string} key @param {number} count @param {Record<string, string | number>} [values]
 */
export function tn(key, count, values = {}) {
  const form = new Intl.PluralRules(language).select(count) === "one" ? "one" : "other";
  return t(/** @type {Key} */ (`${key}.${form}`), { count: new Intl.NumberFormat(locale()).format(count), ...values });
}

/**
 * The text of the first key that exists.
 * @param {readonly string[]} keys @param {Record<string, string | number>} [values]
 */
export function firstOf(keys, values) {
  const key = keys.find((name) => name in en);
  return key === undefined ? "" : t(/** @type {Key} */ (key), values);
}

/** The browser's regional variant of the language, for example en-GB. */
function locale() {
  return navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
}

/** @param {number} ms */
export function duration(ms) {
  const seconds = ms >= 1000;
  const digits = seconds ? 1 : 0;
  const format = new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // The unit symbols are the same in every language. The space does not break.
  return seconds ? `${format.format(ms / 1000)}\u00a0s` : `${format.format(Math.max(ms, 1))}\u00a0ms`;
}

/** A time from now, such as "in 10 minutes". @param {number} seconds a multiple of a minute */
export function timeFromNow(seconds) {
  const format = new Intl.RelativeTimeFormat(locale());
  return seconds % 3600 === 0 ? format.format(seconds / 3600, "hour") : format.format(seconds / 60, "minute");
}

/** @param {Date} date */
export function timeOfDay(date) {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "medium" }).format(date);
}

/** The time, with the date unless it is today. @param {Date} date */
export function dateTime(date) {
  if (date.toDateString() === new Date().toDateString()) return timeOfDay(date);
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** The remaining time as a clock shows it: 0:42, or 1:00:00. @param {number} ms */
export function countdown(ms) {
  const seconds = Math.max(Math.ceil(ms / 1000), 0);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** Translates the texts of index.html. */
export function applyLanguage() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = t(/** @type {Key} */ (/** @type {HTMLElement} */ (element).dataset.text));
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(/** @type {Key} */ (/** @type {HTMLElement} */ (element).dataset.label)));
  }
}

/** @returns {Language} */
function firstLanguage() {
  try {
    const kept = localStorage.getItem(storageKey);
    if (kept === "en" || kept === "nl") return kept;
  } catch {
    // Without storage the browser's language decides.
  }
  return navigator.language.toLowerCase().startsWith("nl") ? "nl" : "en";
}
