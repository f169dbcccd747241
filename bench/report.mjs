// @ts-check
// Writes the tables as Markdown.

import { readFileSync } from "node:fs";
import { ours } from "./peers.mjs";
import { differs } from "./stats.mjs";

/** @param {readonly import("./peers.mjs").Peer[]} peers */
export function versions(peers) {
  const here = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).version;
  return peers.flatMap(({ package: name }) => {
    if (!name) return [];
    return [`${name} ${here(name === ours ? "../package.json" : `peers/node_modules/${name}/package.json`)}`];
  });
}

/** @param {number} value */
const number = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** @param {import("./stats.mjs").Spread} spread @param {string} unit */
const range = ({ low, high }, unit) => (low === high ? "" : ` (${number(low)} to ${number(high)}${unit})`);

/**
 * @param {readonly import("./run.mjs").Table[]} tables @param {string} machine @param {readonly string[]} versions
 */
export function markdown(tables, machine, versions) {
  const parts = tables.map(({ title, what, unit, base, rounds, exact, results }) => {
    const rows = results.map(({ peer, value, ratio, note }) => {
      const comparison = ratio
        ? `${number(ratio.median)}×${range(ratio, "")}${exact || differs(ratio) ? "" : ", no difference shown"}`
        : peer === base
          ? "1×"
          : "";
      return `| ${peer === ours ? `**${peer}**` : peer} | ${number(value.median)} ${unit}${range(value, "")} | ${comparison} | ${note} |`;
    });
    const how = exact ? "" : `, median of ${rounds} interleaved rounds, with the 10th and the 90th percentile`;
    return [
      `## ${title}`,
      "",
      `${what[0]?.toUpperCase()}${what.slice(1)}${how}.`,
      "",
      `| | ${unit} | ${base ? `ratio to "${base}"` : ""} | |`,
      "| --- | --- | --- | --- |",
      ...rows,
      "",
    ].join("\n");
  });
  return [
    "# Side by side",
    "",
    "Results of `npm run bench`: the client compared with its alternatives, in one run on one machine. Ratios are computed round by round",
    "to a function written by hand for one page (`by-hand.mjs`). If the rounds vary more than the two differ, the row says",
    '"no difference shown".',
    "",
    `${machine}. ${versions.join(", ")}.`,
    "",
    ...parts,
  ].join("\n");
}
