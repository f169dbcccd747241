// @ts-check
// npm run bench: compares the client with what a user would pick instead, in one run on one machine; then checks the budgets of time,
// and runs the long soaks.
//
//   npm run bench                     all of it; writes RESULTS.md, results.svg, SOAK.md and SEND-ALL.md
//   npm run bench -- --budgets        only the budgets; fails if one is exceeded
//   npm run bench -- --soak           only the soaks; fails if something grows
//   npm run bench -- --only "Cold"    only the comparisons with this in their title; writes nothing
//   npm run bench -- --quick          only the comparisons, with few rounds; writes nothing

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
 * @property {boolean} [exact]  has no variation: measured once
 * @property {string} [base]    the row that the others are compared with; default the function written by hand
 * @property {(given: { peers: readonly import("./peers.mjs").Peer[], rounds: number, status: (text: string) => void, doing?: (text: string) => void }) => Promise<Row[]>} measure
 */
/** @typedef {{ peer: string, samples: number[], note?: string }} Row one sample per round */
/** @typedef {{ peer: string, value: Spread, ratio: Spread | null, note: string }} Result */
/** @typedef {{ title: string, what: string, unit: string, base: string, exact: boolean, rounds: number, results: Result[] }} Table */

const { quick, only, budgets, soak } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    budgets: { type: "boolean", default: false },
    soak: { type: "boolean", default: false },
  },
}).values;
const isWhole = !quick && only === undefined && !budgets && !soak;
const rounds = quick ? 3 : 20;
const calls = quick ? 20_000 : 1_000_000;

async function main() {
  endWithNpm();
  print(bold("\nSet-up\n"));
  await build();
  if (isWhole || !soak) await installPeers();
  if (isWhole || quick || only !== undefined) await compare();
  if (isWhole || budgets) {
    const { checkBudgets } = await import("./budgets.mjs");
    print(bold("\nBudgets of time\n"));
    await checkBudgets();
  }
  if (isWhole || soak) {
    const { runSoaks } = await import("./soak.mjs");
    print(bold("\nSoaks\n"));
    await runSoaks();
  }
}

/** Runs the comparisons, and prints and writes their tables. */
async function compare() {
  const [{ peers }, { measures }, { markdown, versions }, { chart }] = await Promise.all([
    import("./peers.mjs"),
    import("./measures.mjs"),
    import("./report.mjs"),
    import("./chart.mjs"),
  ]);
  print(bold("\nComparisons\n"));
  /** @type {Table[]} */
  const tables = [];
  for (const measure of measures(calls)) {
    if (only && !measure.title.toLowerCase().includes(only.toLowerCase())) continue;
    await step(measure.title, async (task) => void tables.push(await tableOf(measure, task)));
  }
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
  for (const table of tables) show(table);
  print(dim(`\n  ${machine}`));
  if (!isWhole) return;
  writeFileSync(fileURLToPath(new URL("RESULTS.md", import.meta.url)), markdown(tables, machine, versions(peers)));
  writeFileSync(fileURLToPath(new URL("results.svg", import.meta.url)), chart(tables));
  print(`  Written: bench/RESULTS.md, bench/results.svg`);
}

/** @param {Measure} measure @param {import("../scripts/lib/terminal.mjs").Task} task @returns {Promise<Table>} */
async function tableOf({ title, what, unit, exact = false, base, measure }, task) {
  const { peers, byHand } = await import("./peers.mjs");
  const { ratios, spread } = await import("./stats.mjs");
  const compared = base ?? byHand;
  const rows = await measure({ peers, rounds, status: task.status, doing: task.doing });
  const baseSamples = rows.find(({ peer }) => peer === compared)?.samples ?? [];
  // There is no ratio to a base that is absent, zero or negative.
  const hasRatio = baseSamples.length > 0 && baseSamples.every((sample) => sample > 0);
  const results = rows.map(({ peer, samples, note = "" }) => ({
    peer,
    value: spread(samples),
    ratio: hasRatio && peer !== compared ? ratios(samples, baseSamples) : null,
    note,
  }));
  return { title, what, unit, base: compared, exact, rounds: exact ? 1 : rounds, results };
}

/** Installs the peers, without install scripts: none of them needs any. */
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

/** @param {string} lock @param {string} mark npm's record of its last install */
function isNewer(lock, mark) {
  const locked = JSON.parse(readFileSync(lock, "utf8")).packages;
  const installed = JSON.parse(readFileSync(mark, "utf8")).packages;
  return Object.entries(installed).some(([path, { version }]) => locked[path]?.version !== version);
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
