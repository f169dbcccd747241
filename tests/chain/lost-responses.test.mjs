// @ts-check
// Responses are lost, late or cut at either proxy, and callers disconnect. Without a key no command in doubt is sent again; with one a
// lost response becomes a receipt.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep, until } from "../support/wait.mjs";
import { historyOf } from "../support/worker-client.mjs";
import { assertOutcomesAreTrue, untilExecuted, startChain } from "./setup.mjs";

/** @typedef {import("../support/proxy.mjs").Fault} Fault */

/** The Worker's deadlines, the client's, and a delay beyond both. They allow for a busy machine. */
const bindings = { TIMEOUT_MS: 8000, ATTEMPT_TIMEOUT_MS: 3000 };
const deadlines = { timeoutMs: 25_000, attemptTimeoutMs: 12_000 };
const short = { attemptTimeoutMs: 2000 };
const tooLate = 4500;

/**
 * What a fault leads to. result: the caller's; executed: how often Campaign executes the command; requests: how many requests the proxy
 * got.
 * @typedef {{ result: "receipt" | "unknown", executed: number, requests: number }} Ending
 */
/** @type {{ what: string, proxy: "front" | "behind", faults: Fault[], options?: object, without: Ending, withKey: Ending }[]} */
const cases = [
  {
    what: "the Worker's response is lost",
    proxy: "front",
    faults: [{ kind: "lose-response" }],
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 2 },
  },
  {
    what: "the Worker's response is lost twice",
    proxy: "front",
    faults: [{ kind: "lose-response" }, { kind: "lose-response" }],
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 3 },
  },
  {
    what: "the client's connection is reset before the Worker has the command",
    proxy: "front",
    faults: [{ kind: "reset" }],
    without: { result: "unknown", executed: 0, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 2 },
  },
  {
    what: "the Worker's response comes after the client's deadline for it",
    proxy: "front",
    faults: [{ kind: "delay-response", delayMs: tooLate }],
    options: short,
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 2 },
  },
  {
    what: "the command reaches the Worker after the client has given up",
    proxy: "front",
    faults: [{ kind: "hold-request", delayMs: tooLate }],
    options: short,
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 2 },
  },
  {
    what: "the Worker's response is cut in its body",
    proxy: "front",
    faults: [{ kind: "cut-response" }],
    without: { result: "receipt", executed: 1, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 1 },
  },
  {
    what: "Campaign's response is lost",
    proxy: "behind",
    faults: [{ kind: "lose-response" }],
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "unknown", executed: 1, requests: 1 },
  },
  {
    what: "the Worker's connection is reset before Campaign has the command",
    proxy: "behind",
    faults: [{ kind: "reset" }],
    without: { result: "unknown", executed: 0, requests: 1 },
    withKey: { result: "unknown", executed: 0, requests: 1 },
  },
  {
    what: "Campaign's response comes after the Worker's deadline for it",
    proxy: "behind",
    faults: [{ kind: "delay-response", delayMs: tooLate }],
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "unknown", executed: 1, requests: 1 },
  },
  {
    what: "the command reaches Campaign after the Worker has given up",
    proxy: "behind",
    faults: [{ kind: "hold-request", delayMs: tooLate }],
    without: { result: "unknown", executed: 1, requests: 1 },
    withKey: { result: "unknown", executed: 1, requests: 1 },
  },
  {
    what: "Campaign's response is cut in its body",
    proxy: "behind",
    faults: [{ kind: "cut-response" }],
    without: { result: "receipt", executed: 1, requests: 1 },
    withKey: { result: "receipt", executed: 1, requests: 1 },
  },
];

const leaving = ["WKFleaves", "WKFleaveskey", "WKFdeadline", "WKFdeadlinekey"];
const first = "WKFfirst";
const many = ["WKFmany0", "WKFmany1", "WKFmany2"];
const workflows = [...cases.flatMap((_, index) => [`WKF${index}`, `WKF${index}key`]), ...leaving, ...many, first];

describe("responses lost at either proxy", { concurrency: 12, timeout: 60_000 }, () => {
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  /** @type {Parameters<typeof assertOutcomesAreTrue>[1][number][]} */
  const sent = [];
  before(async () => {
    chain = await startChain(workflows, { bindings });
    // The first command compiles the modules, which takes time.
    await chain.send(first, "start");
  });
  after(async () => {
    try {
      await assertOutcomesAreTrue(chain, sent);
    } finally {
      await chain.close();
    }
  });

  /** Waits for the outcome of a command whose caller has disconnected. @param {string} workflowId */
  const acceptedAt = (workflowId) =>
    until(
      `the outcome of ${workflowId}`,
      async () => (await historyOf(new URL(chain.front.url), workflowId))[0]?.state === "accepted",
      15_000,
    );

  for (const [index, { what, proxy, faults, options, without, withKey }] of cases.entries()) {
    for (const [how, ending, workflowId] of /** @type {const} */ ([
      ["without a key", without, `WKF${index}`],
      ["with a key", withKey, `WKF${index}key`],
    ])) {
      test(`${what}, ${how}: ${ending.result}, executed ${ending.executed} times`, async () => {
        chain[proxy].addFaults(workflowId, ...faults);
        const key = how === "with a key" ? { idempotencyKey: `the-key-${index}` } : {};
        const began = Date.now();
        const result = await chain.send(workflowId, "start", { ...deadlines, ...options, ...key });
        sent.push({ workflowId, command: "start", result, note: what });
        // Delayed requests and responses arrive.
        if (faults.some(({ delayMs }) => delayMs)) await sleep(began + tooLate + 1000 - Date.now());
        if (ending.executed > 0) await untilExecuted(chain, workflowId, "start");
        const outcome = result.receipt ? "receipt" : result.error.outcome;
        const seen = chain[proxy].requestsFor(workflowId);
        const executed = await chain.executions(workflowId, "start");
        assert.deepEqual({ result: outcome, executed, requests: seen.length }, ending, JSON.stringify(result));
        if (proxy === "front")
          assert.deepEqual(new Set(seen.map(({ key }) => key)), new Set([key.idempotencyKey ?? null]));
      });
    }
  }

  for (const [workflowId, key] of /** @type {const} */ ([
    ["WKFleaves", undefined],
    ["WKFleaveskey", "leaves"],
  ])) {
    test(`the caller disconnects during the request to Campaign, ${key ? "with" : "without"} a key: the command goes on, once`, async () => {
      await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 1500, workflowId });
      const caller = new AbortController();
      const call = chain.send(workflowId, "start", { ...deadlines, signal: caller.signal, idempotencyKey: key });
      await untilExecuted(chain, workflowId, "start");
      caller.abort(new Error("enough"));
      const result = await call;
      sent.push({ workflowId, command: "start", result });
      assert.equal(result.error?.code, "aborted");
      assert.equal(result.error?.outcome, "unknown");
      await acceptedAt(workflowId);
      if (key) assert.ok((await chain.send(workflowId, "start", { ...deadlines, idempotencyKey: key })).receipt);
      assert.equal(await chain.executions(workflowId, "start"), 1);
    });
  }

  for (const [workflowId, key] of /** @type {const} */ ([
    ["WKFdeadline", undefined],
    ["WKFdeadlinekey", "deadline"],
  ])) {
    test(`the client's deadline passes before Campaign responds, ${key ? "with" : "without"} a key: unknown, executed once`, async () => {
      await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 2200, workflowId });
      const result = await chain.send(workflowId, "start", { timeoutMs: 1500, idempotencyKey: key });
      sent.push({ workflowId, command: "start", result });
      assert.equal(result.error?.code, "timeout");
      assert.equal(result.error?.outcome, "unknown");
      await acceptedAt(workflowId);
      // With the key, the receipt can still be had.
      if (key) assert.ok((await chain.send(workflowId, "start", { ...deadlines, idempotencyKey: key })).receipt);
      assert.equal(await chain.executions(workflowId, "start"), 1);
    });
  }

  test("sendAll with keys: each lost response becomes a receipt", async () => {
    for (const workflowId of many) chain.front.addFaults(workflowId, { kind: "lose-response" });
    const client = new chain.client.WorkflowClient({ ...chain.connection, ...deadlines });
    const list = many.map((workflowId) => ({
      workflowId,
      command: /** @type {const} */ ("stop"),
      idempotencyKey: `${workflowId}-stop`,
    }));
    for await (const result of client.sendAll(list)) {
      const { workflowId, command } = result;
      sent.push({ workflowId, command, result });
      assert.ok(result.receipt, `${workflowId} ${result.error}`);
      assert.equal(chain.front.requestsFor(workflowId).length, 2);
    }
    assert.equal(sent.filter(({ workflowId }) => many.includes(workflowId)).length, many.length);
  });
});
