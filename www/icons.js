// @ts-check
// Decorative icons; the text beside them carries the meaning.

const namespace = "http://www.w3.org/2000/svg";

/** Paths in a 16 × 16 viewBox, stroked unless the name is in `filled`. */
const paths = {
  start: "M5 3.2v9.6L12.6 8z",
  pause: "M4.5 3.5h2.2v9H4.5zM9.3 3.5h2.2v9H9.3z",
  resume: "M3.5 3.5h2v9h-2zM7.5 3.5v9L14 8z",
  stop: "M4 4h8v8H4z",
  Editing: "M3 13l.6-2.8L10.8 3 13 5.2l-7.2 7.2zM9.3 4.5l2.2 2.2",
  Started: "M5 3.2v9.6L12.6 8z",
  Paused: "M4.5 3.5h2.2v9H4.5zM9.3 3.5h2.2v9H9.3z",
  Finished: "M3.2 8.6l3.2 3.2 6.4-7.2",
  Erroneous: "M8 2.5L14.3 13.3H1.7zM8 6.6v3M8 11.3v.2",
  accepted: "M3.2 8.6l3.2 3.2 6.4-7.2",
  "not-executed": "M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
  unknown: "M5.6 6.1a2.4 2.4 0 1 1 3.6 2.1c-.8.4-1.2.9-1.2 1.7M8 12.3v.2",
  "in-flight": "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  reading: "M8 4.5V8l2.3 1.6M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2",
  waiting: "M8 4.5V8l2.3 1.6M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2",
};
const filled = new Set(["start", "pause", "resume", "stop", "Started", "Paused"]);

/** @typedef {keyof typeof paths} IconName */

/** @param {IconName} name */
export function icon(name) {
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", filled.has(name) ? "icon filled" : "icon");
  svg.dataset.icon = name;
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}
