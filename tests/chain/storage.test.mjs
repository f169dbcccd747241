// @ts-check
// An object is reset before and after each write to its storage, and each write is refused by its disk. In every case the command is
// executed at most once, and its reported outcome is true.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep, until } from "../support/wait.mjs";
import { call, pathOf, stateOf } from "../support/worker-client.mjs";
import { assertOutcomesAreTrue, startChain } from "./setup.mjs";

const modes = ["reset-before", "reset-after", "refuse", "full"];
const mostSteps = 40;
const inFlight = 24;

const bindings = { TIMEOUT_MS: 3000, ATTEMPT_TIMEOUT_MS: 1500, RETRY_MS: 200 };
const deadlines = { timeoutMs: 8000, attemptTimeoutMs: 4000, maxRetries: 2 };

/** @typedef {{ workflowId: string, mode: string, at: number }} Case */

/** @param {string} way @returns {Case[]} */
const casesOf = (way) =>
  modes.flatMap((mode) =>
    Array.from({ length: mostSteps }, (_, step) => ({
      workflowId: `WKF${way}${mode.replace("-", "")}${step + 1}`,
      mode,
      at: step + 1,
    })),
  );

/** @template T, R @param {readonly T[]} items @param {(item: T) => Promise<R>} work @returns {Promise<R[]>} in their order */
async function someAtOnce(items, work) {
  /** @type {R[]} */
  const results = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return results;
}

describe("an object is reset, or its disk fails, at each write", { timeout: 120_000 }, () => {
  const ways = ["plain", "keyed", "queued"];
  const workflows = ways.flatMap((way) => [`WKF${way}`, ...casesOf(way).map(({ workflowId }) => workflowId)]);
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  before(async () => (chain = await startChain(workflows, { bindings })));
  after(() => chain.close());

  /** The cases up to the last write of a command without faults. @param {string} way @param {() => Promise<unknown>} work */
  async function stepsOf(way, work) {
    await work();
    const { steps } = await chain.observe(`WKF${way}`);
    assert.ok(steps > 3 && steps <= mostSteps, `a command takes ${steps} steps`);
    return casesOf(way).filter(({ at }) => at <= steps);
  }

  for (const way of ["plain", "keyed"]) {
    test(`a command ${way === "keyed" ? "with" : "without"} a key`, async (t) => {
      const key = (/** @type {string} */ workflowId) =>
        way === "keyed" ? { idempotencyKey: `key-${workflowId}` } : {};
      const cases = await stepsOf(way, () => chain.send(`WKF${way}`, "start", key(`WKF${way}`)));
      const sent = await someAtOnce(cases, async ({ workflowId, mode, at }) => {
        await chain.plan(workflowId, { mode, at });
        const result = await chain.send(workflowId, "start", { ...deadlines, ...key(workflowId) });
        return { workflowId, command: /** @type {const} */ ("start"), result, note: `${mode} ${at}` };
      });
      await sleep(500);
      await assertOutcomesAreTrue(chain, sent);
      const actual = sent.map(({ result }) => (result.receipt ? "accepted" : result.error.outcome));
      t.diagnostic(
        `${sent.length} cases: ${["accepted", "unknown", "not-executed"].map((one) => `${one} ${actual.filter((other) => other === one).length}`).join(", ")}`,
      );
      // The workflow's next command is accepted in every case.
      const next = await someAtOnce(cases, async ({ workflowId }) => {
        await chain.plan(workflowId, null);
        return chain.send(workflowId, "stop", deadlines);
      });
      for (const [index, { workflowId }] of cases.entries())
        assert.ok(next[index]?.receipt, `${workflowId} stop: ${JSON.stringify(next[index])}`);
      assert.ok(actual.includes("unknown"), "no fault hit a command in flight");
    });
  }

  test("a queued command", async (t) => {
    const url = new URL(chain.front.url);
    const enqueue = (/** @type {string} */ workflowId) =>
      call(url, pathOf(workflowId), {
        method: "POST",
        body: { method: "start" },
        headers: { prefer: "respond-async", "idempotency-key": "queued" },
      });
    const isSettled = (/** @type {string} */ workflowId) => async () =>
      (await stateOf(url, workflowId, "queued")).body?.settledAt != null;
    const cases = await stepsOf("queued", async () => {
      assert.equal((await enqueue("WKFqueued")).status, 202);
      await until("the first", isSettled("WKFqueued"), 8000);
    });
    const taken = await someAtOnce(cases, async ({ workflowId, mode, at }) => {
      await chain.plan(workflowId, { mode, at });
      return (await enqueue(workflowId)).status === 202;
    });
    // The time in which a queue message may be repeated.
    await sleep(4000);
    const accepted = cases.filter((_, index) => taken[index]);
    const states = await someAtOnce(accepted, async ({ workflowId, mode, at }) => {
      await until(`${workflowId} is settled, ${mode} ${at}`, isSettled(workflowId), 8000);
      return (await stateOf(url, workflowId, "queued")).body.state;
    });
    await assertOutcomesAreTrue(
      chain,
      cases.map(({ workflowId, mode, at }) => ({ workflowId, command: "start", result: null, note: `${mode} ${at}` })),
    );
    for (const [index, { workflowId, mode, at }] of accepted.entries()) {
      const times = await chain.executions(workflowId, "start");
      const right = { accepted: [1], failed: [0], unknown: [0, 1] }[/** @type {"accepted"} */ (states[index])];
      assert.ok(
        right?.includes(times),
        `${workflowId} is ${states[index]}, and was executed ${times} times; ${mode} ${at}`,
      );
    }
    t.diagnostic(`${cases.length} cases, ${accepted.length} taken`);
    assert.ok(states.includes("accepted") && states.includes("unknown"));
  });
});
