// @ts-check
// A workflow's object is lost while a command is in flight: reset by the platform, or killed with workerd. A command in doubt without a
// key is never sent again, and one with a key is executed once.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertOutcomesAreTrue, untilExecuted, startChain } from "./setup.mjs";

const bindings = { TIMEOUT_MS: 5000, ATTEMPT_TIMEOUT_MS: 2500 };
const deadlines = { timeoutMs: 15_000, attemptTimeoutMs: 6000, maxRetries: 3 };

const ways = /** @type {const} */ ([
  { how: "without a key", suffix: "", key: undefined },
  { how: "with a key", suffix: "key", key: "the-key" },
]);
const workflows = ["WKFreset", "WKFkill"].flatMap((id) => ways.map(({ suffix }) => id + suffix));

describe("an object is lost while a command is in flight", { timeout: 60_000 }, () => {
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  /** @type {Parameters<typeof assertOutcomesAreTrue>[1][number][]} */
  const sent = [];
  before(async () => (chain = await startChain(workflows, { bindings })));
  after(() => chain.close());

  for (const { how, suffix, key } of ways) {
    test(`the object is reset during the request to Campaign, ${how}: executed once, unknown`, async () => {
      const workflowId = `WKFreset${suffix}`;
      await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 800, workflowId });
      const call = chain.send(workflowId, "start", { ...deadlines, idempotencyKey: key });
      await untilExecuted(chain, workflowId, "start");
      await chain.reset(workflowId);
      const result = await call;
      sent.push({ workflowId, command: "start", result });
      assert.equal(result.error?.outcome, "unknown", JSON.stringify(result));
      if (!key) assert.equal(result.error?.attempts, 1);
      await assertOutcomesAreTrue(chain, sent);
      assert.equal(chain.behind.requestsFor(workflowId).length, 1);
    });

    test(`workerd is killed during the request to Campaign, ${how}: executed once, unknown`, async () => {
      const workflowId = `WKFkill${suffix}`;
      await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 800, workflowId });
      const call = chain.send(workflowId, "start", { ...deadlines, idempotencyKey: key });
      await untilExecuted(chain, workflowId, "start");
      await chain.crash();
      const result = await call;
      sent.push({ workflowId, command: "start", result });
      assert.equal(result.error?.outcome, "unknown", JSON.stringify(result));
      const seen = chain.front.requestsFor(workflowId);
      if (key) assert.ok(seen.length > 1, "a command with a key is sent again, until the Worker reports its outcome");
      else assert.equal(seen.length, 1);
      await assertOutcomesAreTrue(chain, sent);
      assert.equal(chain.behind.requestsFor(workflowId).length, 1);
      // The next command is the caller's decision, after reading the workflow.
      assert.ok((await chain.send(workflowId, "stop", { ...deadlines, idempotencyKey: key && "another" })).receipt);
    });
  }
});
