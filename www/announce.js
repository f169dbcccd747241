// @ts-check
// The one voice of the page: what changed, in words, for those who do not see it change.

import { byId, el } from "./dom.js";

const keptMs = 8000;

/**
 * Says a sentence politely, after what the screen reader is saying now.
 * @param {string} sentence
 */
export function announce(sentence) {
  const region = byId("announcements");
  const line = el("p", {}, sentence);
  region.append(line);
  // Said once; what stayed would be found again by everybody who reads through the page.
  setTimeout(() => line.remove(), keptMs);
}
