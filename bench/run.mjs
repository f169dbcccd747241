// @ts-check
// npm run bench: the client beside what a user would pick instead, in one run on one machine.
//
//   npm run bench                     all of it; writes RESULTS.md and results.svg
//   npm run bench -- --quick          few rounds, writes nothing
//   npm run bench -- --only "Cold"    what has this in its title; writes nothing

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "../scripts/build.mjs";
import { attempt, endWithNpm, Failure, npm } from "../scripts/lib/process.mjs";
import { bold, columns, dim, print, red, step } from "../scripts/lib/terminal.mjs";

/** @typedef {import("./stats.mjs").Spread} Spread */
/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {string} what
 * @property {string} unit
 * @property {boolean} [exact]  the same in every run: measured once
 * @property {string} [base]    what the others are compared with; default the function written by hand
 * @property {(given: { peers: readonly import("./peers.mjs").Peer[], rounds: number, status: (text: string) => void, doing?: (text: string) => void }) => Promise<Row[]>} measure
 */
/** @typedef {{ peer: string, samples: number[], note?: string }} Row one sample a round, in the same rounds for all */
/** @typedef {{ peer: string, value: Spread, ratio: Spread | null, note: string }} Result */
/** @typedef {{ title: string, what: string, unit: string, base: string, exact: boolean, rounds: number, results: Result[] }} Table */

const { quick, only } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" } },
}).values;
const rounds = quick ? 3 : 20;
const calls = quick ? 20_000 : 1_000_000;

async function main() {
  endWithNpm();
  print(bold("\nSet-up\n"));
  await build();
  await installPeers();
  const [{ peers, byHand }, { measures }, { ratios, spread }, { markdown, versions }, { chart }] = await Promise.all([
    import("./peers.mjs"),
    import("./measures.mjs"),
    import("./stats.mjs"),
    import("./report.mjs"),
    import("./chart.mjs"),
  ]);
  print(bold("\nMeasures\n"));
  /** @type {Table[]} */
  const tables = [];
  for (const { title, what, unit, exact = false, base = byHand, measure } of measures(calls)) {
    if (only && !title.toLowerCase().includes(only.toLowerCase())) continue;
    await step(title, async (task) => {
      const rows = await measure({ peers, rounds, status: task.status, doing: task.doing });
      const baseSamples = rows.find(({ peer }) => peer === base)?.samples ?? [];
      const results = rows.map(({ peer, samples, note = "" }) => {
        // No base, or one that is nothing or less, makes no ratio.
        const ratio =
          peer === base || baseSamples.length === 0 || baseSamples.some((sample) => sample <= 0)
            ? null
            : ratios(samples, baseSamples);
        return { peer, value: spread(samples), ratio, note };
      });
      tables.push({ title, what, unit, base, exact, rounds: exact ? 1 : rounds, results });
    });
  }
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
  for (const table of tables) show(table);
  print(dim(`\n  ${machine}`));
  if (quick || only) return;
  writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), markdown(tables, machine, versions(peers)));
  writeFileSync(fileURLToPath(new URL("results.svg", import.meta.url)), chart(tables));
  print(`  Written: bench/RESULTS.md, bench/results.svg`);
}

/** The peers, with scripts off: none of them needs one, and none of them gets one. */
async function installPeers() {
  const folder = fileURLToPath(new URL("peers/", import.meta.url));
  const lock = `${folder}package-lock.json`;
  const mark = `${folder}node_modules/.package-lock.json`;
  if (existsSync(mark) && JSON.parse(readFileSync(mark, "utf8")).packages && !isNewer(lock, mark)) return;
  await step("The peers", async (task) => {
    const [command, args] = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund");
    const ended = await attempt(command, args, { cwd: folder, onLine: task.status });
    if (ended.code !== 0) throw new Failure("The peers could not be installed.", ended.output);
  });
}

/** @param {string} lock @param {string} mark what npm wrote of its last install */
function isNewer(lock, mark) {
  const wanted = JSON.parse(readFileSync(lock, "utf8")).packages;
  const installed = JSON.parse(readFileSync(mark, "utf8")).packages;
  return Object.entries(installed).some(([path, { version }]) => wanted[path]?.version !== version);
}

/** @param {Table} table */
function show({ title, what, unit, base, results }) {
  print(`\n  ${bold(title)}  ${dim(what)}`);
  const rows = results.map(({ peer, value, ratio, note }) => [
    peer === base ? dim(peer) : peer,
    `${number(value.median)} ${unit}`,
    ratio ? `${number(ratio.median)}×` : "",
    ratio && ratio.low !== ratio.high ? dim(`${number(ratio.low)} to ${number(ratio.high)}`) : "",
    dim(note),
  ]);
  print(columns(rows, { indent: 4, right: [1, 2] }));
}

/** @param {number} value */
const number = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

main().catch((error) => {
  if (error instanceof Failure && error.output) print(error.output);
  print(red(`\n${error instanceof Failure ? error.message : (error?.stack ?? error)}`));
  process.exit(1);
});
