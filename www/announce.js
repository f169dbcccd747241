// @ts-check
// The live region: announces changes to screen readers.

import { byId, el } from "./dom.js";

const removeAfterMs = 8000;

/** Announces a sentence politely, after what the screen reader is saying now. @param {string} sentence */
export function announce(sentence) {
  const region = byId("announcements");
  const line = el("p", {}, sentence);
  region.append(line);
  // Otherwise people who read through the page would find old announcements.
  setTimeout(() => line.remove(), removeAfterMs);
}
