// @ts-check
// npm test: everything that a change has to pass. A check that can't run has failed.
//
//   npm test                          all of it
//   npm test -- --only rust           one check; may be repeated
//   npm test -- --list                their names

import { parseArgs } from "node:util";
import { allChecks } from "./lib/checks.mjs";
import { attempt, endWithNpm, Failure } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { bold, columns, dim, duration, green, print, red, step } from "./lib/terminal.mjs";

/** @typedef {import("./lib/checks.mjs").Check} Check */
/** @typedef {{ check: Check, passed: number, failed: number, skipped: number, ms: number, output: string }} Result */

function chosenChecks() {
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, list: { type: "boolean" } } });
  const { only = [], list = false } = values;
  const checks = allChecks();
  const unknown = only.find((name) => !checks.some((check) => check.name === name));
  if (unknown !== undefined)
    throw new Failure(`There is no check "${unknown}": ${checks.map(({ name }) => name).join(", ")}.`);
  return { list, checks: only.length === 0 ? checks : checks.filter(({ name }) => only.includes(name)) };
}

async function main() {
  const { list, checks } = chosenChecks();
  if (list)
    return void print(
      columns(
        checks.map(({ name, what }) => [bold(name), what]),
        { indent: 0 },
      ),
    );

  endWithNpm();
  print(bold("\nSet-up and checks\n"));
  const results = await performAll(checks);
  report(checks.flatMap((check) => results.get(check) ?? []));
}

/** How many checks run at the same time: they wait for servers and timers more than they compute. */
const SLOTS = 2;

/**
 * Runs the checks in their order, two at a time. Those of cargo run one after the other, because they would wait for each other's
 * lock. The first that needs the package waits for its build.
 * @param {readonly Check[]} checks
 * @returns {Promise<Map<Check, Result>>}
 */
async function performAll(checks) {
  /** @type {Map<Check, Result>} */
  const results = new Map();
  const queue = [...checks];
  /** @type {Set<Check>} */
  const running = new Set();
  const next = () => {
    const isCargoBusy = [...running].some(({ runs }) => runs === "cargo");
    const index = queue.findIndex(({ runs }) => !(isCargoBusy && runs === "cargo"));
    return index < 0 ? undefined : queue.splice(index, 1)[0];
  };
  const slot = async () => {
    for (let check = next(); check; check = next()) {
      running.add(check);
      results.set(check, await perform(check));
      running.delete(check);
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, slot));
  return results;
}

/** @typedef {Check["needs"][number]} Need */

/** The needs so far, and the reasons of those that failed. @type {Map<Need, Promise<string | undefined>>} */
const met = new Map();
const printedReasons = new Set();

/** Meets a need once. @param {Need} need @returns {Promise<string | undefined>} why it can't be met */
function meet(need) {
  let promise = met.get(need);
  if (!promise)
    met.set(need, (promise = (need === "build" ? buildPackage() : setUp(need)).then(() => undefined, failed)));
  return promise;

  /** @param {unknown} error */
  function failed(error) {
    const reason = explain(error);
    if (!printedReasons.has(reason)) print(`\n${reason}\n`);
    printedReasons.add(reason);
    return reason;
  }
}

async function buildPackage() {
  await setUp("npm", "tools");
  const { build } = await import("./build.mjs");
  await build();
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof Failure) return `${error.output.trimEnd()}\n${red(error.message)}`.trim();
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** @param {Check} check @returns {Promise<Result>} */
async function perform(check) {
  let missing = "";
  for (const need of check.needs) if ((await meet(need)) !== undefined) missing ||= need;
  const startedAt = Date.now();
  let outcome = { passed: 0, failed: 1, skipped: 0, output: `It could not run: ${missing} is missing, see above.` };
  const work = step(`${check.name.padEnd(12)}  ${check.what}`, async (task) => {
    if (!missing) outcome = await runCommands(check, task);
    task.note(missing ? "could not run" : countsOf(outcome));
    if (outcome.failed > 0) throw new Failure(check.name);
  });
  await work.catch((error) => {
    if (outcome.failed === 0) outcome = { passed: 0, failed: 1, skipped: 0, output: explain(error) };
    print(`\n${withoutProgress(outcome.output).trimEnd()}\n`);
  });
  return { check, ms: Date.now() - startedAt, ...outcome };
}

/** Without the lines that cargo prints for every crate: they would bury the failure. @param {string} output */
function withoutProgress(output) {
  return output.replace(
    /^ +(Compiling|Checking|Documenting|Downloading|Downloaded|Updating|Locking|Adding) .*\n/gm,
    "",
  );
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
function countsOf({ passed, failed, skipped }) {
  return [`${passed} passed`, failed > 0 ? `${failed} failed` : "", skipped > 0 ? `${skipped} skipped` : ""]
    .filter(Boolean)
    .join(", ");
}

/** @param {Check} check @param {import("./lib/terminal.mjs").Task} task */
async function runCommands({ commands, counts, around }, task) {
  const surroundings = await around?.();
  let output = "";
  let broken = false;
  try {
    for (const { command, args, env } of commands) {
      const ended = await attempt(command, args, { env: { ...env, ...surroundings?.env }, onLine: task.status });
      output += ended.output;
      if (ended.code === 0) continue;
      broken = true;
      output += `\n${dim(`\`${[command, ...args].join(" ")}\` ended with exit code ${ended.code}`)}\n`;
    }
  } finally {
    await surroundings?.close();
  }
  if (!counts) return { passed: broken ? 0 : 1, failed: broken ? 1 : 0, skipped: 0, output };
  const counted = counts(output);
  const noneRan = counted.passed + counted.failed === 0;
  if (noneRan) output += "\nNo test ran.";
  return { ...counted, failed: Math.max(counted.failed, broken || noneRan ? 1 : 0), output };
}

/** @param {readonly Result[]} results */
function report(results) {
  print(bold("\nSummary\n"));
  const rows = results.map(({ check, passed, failed, skipped, ms }) => [
    failed > 0 ? red("✗") : green("✓"),
    check.name,
    String(passed),
    failed > 0 ? red(String(failed)) : "0",
    String(skipped),
    duration(ms),
  ]);
  print(columns([["", "check", "passed", "failed", "skipped", "time"].map(dim), ...rows], { right: [2, 3, 4, 5] }));
  const sum = (/** @type {"passed" | "failed"} */ key) => results.reduce((total, result) => total + result[key], 0);
  print(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = sum("failed") > 0 ? 1 : 0;
}

main().catch((error) => {
  print(`\n${explain(error)}`);
  process.exit(1);
});
