// @ts-check
// CPU time of a call beside the function written by hand, over a fetch that answers at once. Both take turns within one
// process, so that whatever slows the machine slows both.
//
//   node bench/cpu.mjs                the table
//   node bench/cpu.mjs --profile thin only the package, over one answer, for `node --cpu-prof`

import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { sendWorkflowCommand } from "campaign-workflow";
import { sendByHand } from "./by-hand.mjs";

const ROUNDS = 25;
const CALLS = 2000;
const AT_ONCE = 100;

const headers = { get: () => null };
const text = async () => "";
/** @type {Record<string, () => Promise<any>>} what the stubbed fetch answers */
const ANSWERS = {
  thin: async () => ({ status: 200, headers, text }),
  Response: async () => new Response("", { status: 200 }),
};

const accessToken = "e".repeat(600);
const apiKey = "0123456789abcdef0123456789abcdef";
const organization = "acme-mkt-stage";
const baseUrl = "https://gateway.example/campaign";

/**
 * What a server sends to Adobe, and what a page or a server sends by way of a gateway: each call has an object of its own,
 * written as one literal, because an object that is spread and added to is slow to read for either side.
 *
 * @type {Record<string, (workflowId: string, fetch: any) => import("campaign-workflow").WorkflowCommandRequest>}
 */
const REQUESTS = {
  Adobe: (workflowId, fetch) => ({ organization, workflowId, command: "start", accessToken, apiKey, fetch }),
  gateway: (workflowId, fetch) => ({ organization, workflowId, command: "start", baseUrl, fetch }),
};

let next = 0;

/**
 * @param {(request: any) => Promise<any>} send @param {{ answer: string, request: string, atOnce: number }} options
 * @param {number} calls
 */
async function microseconds(send, { answer, request, atOnce }, calls) {
  const make = /** @type {Function} */ (REQUESTS[request]);
  const one = () => send(make(`WKF${next++}`, ANSWERS[answer]));
  const from = process.cpuUsage();
  for (let done = 0; done < calls; done += atOnce) {
    if (atOnce === 1) await one();
    else await Promise.all(Array.from({ length: atOnce }, one));
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / calls;
}

/** @param {number[]} values @param {number} share */
const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.round((values.length - 1) * share)] ?? NaN;

/**
 * The ratio of the package to the function written by hand.
 * @param {{ answer: string, request: string, atOnce: number, rounds?: number, calls?: number }} options
 */
export async function compare({ rounds = ROUNDS, calls = CALLS, ...options }) {
  /** @type {number[][]} */
  const [ours, byHand] = [[], []];
  // The first rounds are the compilers'.
  for (let round = -5; round < rounds; round++) {
    // Who begins alternates: the second one gets the first one's garbage.
    const turns = /** @type {const} */ ([[sendWorkflowCommand, ours], [sendByHand, byHand]]);
    for (const [send, times] of round % 2 ? turns : turns.toReversed()) {
      const time = await microseconds(send, options, calls);
      if (round >= 0) times?.push(time);
    }
  }
  const ratios = (ours ?? []).map((time, round) => time / (byHand?.[round] ?? NaN));
  return {
    ratio: quantile(ratios, 0.5),
    from: quantile(ratios, 0.1),
    to: quantile(ratios, 0.9),
    ours: quantile(ours ?? [], 0.5),
    byHand: quantile(byHand ?? [], 0.5),
  };
}

async function main() {
  const { values } = parseArgs({ options: { profile: { type: "string" }, rounds: { type: "string" } } });
  if (values.profile !== undefined) {
    return void (await microseconds(sendWorkflowCommand, { answer: values.profile, request: "Adobe", atOnce: 1 }, 200_000));
  }
  console.log("answer    request  at once   package   by hand   ratio (10 % to 90 % of the rounds)");
  for (const answer of Object.keys(ANSWERS)) {
    for (const request of Object.keys(REQUESTS)) {
      for (const atOnce of [1, AT_ONCE]) {
        const { ratio, from, to, ours, byHand } = await compare({ answer, request, atOnce, rounds: Number(values.rounds ?? ROUNDS) });
        const times = [ours, byHand].map((time) => `${time.toFixed(2)} µs`.padStart(9)).join(" ");
        const spread = `${ratio.toFixed(2)} (${from.toFixed(2)} to ${to.toFixed(2)})`;
        console.log(`${answer.padEnd(9)} ${request.padEnd(8)} ${String(atOnce).padStart(7)} ${times}   ${spread}`);
      }
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
