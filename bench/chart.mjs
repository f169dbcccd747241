// @ts-check
// Draws the results as bars on a logarithmic scale: a group for each table, and a bar for each peer.

import { ours } from "./peers.mjs";

const titles = ["Bytes shipped", "Cold start", "CPU per call, a Response, one by one", "Loopback, 1 in flight"];
const [width, left, right, barHeight, gap] = [760, 190, 90, 16, 6];

/** @param {string} text */
const escapeXml = (text) => text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);

/** @param {readonly import("./run.mjs").Table[]} tables */
export function chart(tables) {
  let y = 8;
  /** @type {string[]} */
  const parts = [];
  for (const { title, unit, results } of tables.filter(({ title }) => titles.includes(title))) {
    parts.push(
      `<text class="title" x="8" y="${y + 14}">${escapeXml(title)}, ${escapeXml(unit)}: less is better</text>`,
    );
    y += 24;
    const values = results.map(({ value }) => value.median);
    const low = Math.min(...values) / 2;
    const scale = (width - left - right) / Math.log(Math.max(...values) / low);
    for (const { peer, value } of results) {
      const length = Math.max(2, Math.log(value.median / low) * scale);
      const figure = value.median >= 100 ? value.median.toFixed(0) : value.median.toPrecision(3);
      parts.push(
        `<text class="peer" x="${left - 8}" y="${y + 12}">${escapeXml(peer)}</text>`,
        `<rect class="${peer === ours ? "ours" : "other"}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3"/>`,
        `<text x="${(left + length + 6).toFixed(1)}" y="${y + 12}">${figure}</text>`,
      );
      y += barHeight + gap;
    }
    y += 14;
  }
  const style = [
    "text { font: 12px system-ui, sans-serif; fill: #1f2933 } .title { font-weight: 600 } .peer { text-anchor: end }",
    ".other { fill: #9aa5b1 } .ours { fill: #0b7285 }",
    "@media (prefers-color-scheme: dark) { text { fill: #e4e7eb } .other { fill: #616e7c } .ours { fill: #22b8cf } }",
  ].join(" ");
  const label = `The peers side by side, on a logarithmic scale: ${titles.join("; ")}. The figures are in RESULTS.md.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="${escapeXml(label)}">`,
    `<style>${style}</style>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
