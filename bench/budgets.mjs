// @ts-check
// The budgets of time, which NOTES.md explains. Each ratio is taken round by round, between the client and one other, in turn. The lower
// of two runs counts, because other work on the machine only adds.

import { Failure } from "../scripts/lib/process.mjs";
import { step } from "../scripts/lib/terminal.mjs";
import { cold } from "./measures/cold.mjs";
import { cpu } from "./measures/cpu.mjs";
import { instantiate } from "./measures/start.mjs";
import { byHand, ours, peers } from "./peers.mjs";
import { ratios, spread } from "./stats.mjs";

/** @typedef {{ title: string, limit: number, unit: string, measure: (status: (text: string) => void) => Promise<number> }} TimeBudget */

/** @type {readonly TimeBudget[]} */
const budgets = [
  {
    title: "CPU time of a call over a minimal response, to the function by hand",
    limit: 3.5,
    unit: "times",
    measure: (status) => ratioTo(byHand, cpu("minimal", 1), status),
  },
  {
    title: "CPU time of a call over a Response, to the function by hand",
    limit: 1.75,
    unit: "times",
    measure: (status) => ratioTo(byHand, cpu("Response", 1), status),
  },
  {
    title: "Cold start, from the start of a process to its first request, to fetch alone",
    limit: 1.25,
    unit: "times",
    measure: (status) => ratioTo("fetch", cold, status),
  },
  {
    title: "An instance of the compiled module",
    limit: 1,
    unit: "ms",
    measure: async (status) => {
      const rows = await instantiate.measure({ peers, rounds: 40, status });
      return spread(rows[0]?.samples ?? []).median;
    },
  },
];

/** Measures all of them, and fails if one is exceeded. */
export async function checkBudgets() {
  /** @type {string[]} */
  const exceeded = [];
  for (const { title, limit, unit, measure } of budgets) {
    await step(title, async (task) => {
      const value = await measure(task.status);
      task.note(`${value.toFixed(2)} ${unit}, limit ${limit}`);
      if (!(value <= limit)) exceeded.push(`${title}: ${value.toFixed(2)} ${unit}, limit ${limit}`);
    });
  }
  if (exceeded.length > 0) throw new Failure(`Over the budget:\n${exceeded.join("\n")}`);
}

/**
 * The median ratio of the client to another: the lower of two runs.
 * @param {string} other @param {import("./run.mjs").Measure} measure @param {(text: string) => void} status
 */
async function ratioTo(other, measure, status) {
  const both = peers.filter(({ name }) => name === other || name === ours);
  const medians = [];
  for (let run = 0; run < 2; run += 1) {
    const rows = await measure.measure({ peers: both, rounds: 9, status });
    const samples = (/** @type {string} */ name) => rows.find(({ peer }) => peer === name)?.samples ?? [];
    medians.push(ratios(samples(ours), samples(other)).median);
  }
  return Math.min(...medians);
}
