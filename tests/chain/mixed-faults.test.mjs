// @ts-check
// 200 commands, with faults at both proxies, in Campaign and in the objects, while workerd is killed once. CAMPAIGN_SEED=<seed> repeats
// the faults of a run; the timing of the operating system differs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { randomNumbers, seed } from "../support/random.mjs";
import { sleep } from "../support/wait.mjs";
import { assertOutcomesAreTrue, commands, countByOutcome, startChain, workflowIds } from "./setup.mjs";

const count = 200;
const inFlight = 16;

const bindings = { TIMEOUT_MS: 2500, ATTEMPT_TIMEOUT_MS: 800, WAIT_MS: 1500 };
const deadlines = { timeoutMs: 6000, attemptTimeoutMs: 3000 };
/** The longest delay of a request or a response. */
const longestMs = 1500;

test(`${count} commands with faults everywhere: each is executed at most once, and its outcome is true`, {
  timeout: 90_000,
}, async (t) => {
  t.diagnostic(`CAMPAIGN_SEED=${seed}`);
  const random = randomNumbers();
  const workflows = workflowIds(count / commands.length);
  const chain = await startChain(workflows, { bindings });
  t.after(() => chain.close());

  const orders = workflows.flatMap((workflowId) => commands.map((command) => ({ workflowId, command })));
  const plans = orders.map((order, index) => {
    const isKeyed = random() < 0.5;
    return {
      ...order,
      idempotencyKey: isKeyed ? `key-${index}` : undefined,
      leavesAfterMs: random() < 0.1 ? random() * 1000 : null,
    };
  });
  for (const { workflowId, command } of orders) {
    for (const proxy of [chain.front, chain.behind])
      if (random() < 0.25) proxy.addFaults(workflowId, networkFault(random));
    const fault = campaignFault(random);
    if (fault) await chain.campaign.emulator.addFault({ ...fault, workflowId, command });
  }
  const resets = workflows
    .filter(() => random() < 0.6)
    .map((workflowId) => ({ workflowId, plan: { mode: "reset-after", at: 8 + Math.floor(random() * 30) } }));
  for (const { workflowId, plan } of resets) await chain.plan(workflowId, plan);
  const killAt = Math.floor((0.3 + random() * 0.4) * count);

  /** @type {{ workflowId: string, command: typeof commands[number], result: import("./setup.mjs").Result, note: string }[]} */
  const sent = [];
  /** No command is sent while workerd starts, so that the kill hits commands in flight. */
  let up = Promise.resolve();
  const entries = plans.entries();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const [index, { workflowId, command, idempotencyKey, leavesAfterMs }] of entries) {
        if (index === killAt) up = chain.crash();
        await up;
        const caller = new AbortController();
        const leaving = leavesAfterMs === null ? undefined : setTimeout(() => caller.abort(), leavesAfterMs);
        const result = await chain.send(workflowId, command, { ...deadlines, signal: caller.signal, idempotencyKey });
        clearTimeout(leaving);
        sent.push({ workflowId, command, result, note: `${idempotencyKey ?? "no key"}, CAMPAIGN_SEED=${seed}` });
      }
    }),
  );
  // Delayed requests arrive.
  await sleep(longestMs + bindings.TIMEOUT_MS);

  const counts = countByOutcome(sent.map(({ result }) => result));
  t.diagnostic(
    `${JSON.stringify(counts)}, faults met: ${chain.front.faultsApplied()} in front, ${chain.behind.faultsApplied()} behind; ${resets.length} resets, 1 kill`,
  );
  await assertOutcomesAreTrue(chain, sent);
  assert.equal(sent.length, count);
  assert.ok(
    Object.values(counts).every((number) => number > 0),
    `each outcome occurs: ${JSON.stringify(counts)}; CAMPAIGN_SEED=${seed}`,
  );
});

/** @param {() => number} random @returns {import("../support/proxy.mjs").Fault} */
function networkFault(random) {
  const kinds = /** @type {const} */ (["reset", "hold-request", "lose-response", "cut-response", "delay-response"]);
  const kind = kinds[Math.floor(random() * kinds.length)] ?? "reset";
  return { kind, delayMs: Math.floor(random() * longestMs) };
}

/** @param {() => number} random @returns {import("campaign-workflow/emulator").Fault | null} */
function campaignFault(random) {
  const faults = /** @type {import("campaign-workflow/emulator").Fault[]} */ ([
    { kind: "throttled", retryAfterSeconds: 0 },
    { kind: "throttled", retryAfterSeconds: 30 },
    { kind: "unavailable", retryAfterSeconds: 0 },
    { kind: "token-expired" },
    { kind: "refused-by-campaign" },
    { kind: "not-found" },
    { kind: "html" },
    { kind: "hang" },
    { kind: "lost-answer" },
    { kind: "delay", delayMs: Math.floor(random() * longestMs) },
  ]);
  return random() < 0.4 ? (faults[Math.floor(random() * faults.length)] ?? null) : null;
}
