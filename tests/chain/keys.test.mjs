// @ts-check
// A command is executed once, however often it is sent: 200 times at once with one key, and as 31 copies of its queue message.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep, until } from "../support/wait.mjs";
import { stateOf } from "../support/worker-client.mjs";
import { assertOutcomesAreTrue, untilExecuted, startChain } from "./setup.mjs";
import { queueName } from "./worker.mjs";

const copies = 31;
const callers = 200;

describe("one command that is sent many times", { concurrency: true, timeout: 60_000 }, () => {
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  before(async () => (chain = await startChain(["WKFone", "WKFcopies", "WKFprefer"])));
  after(() => chain.close());

  test(`${callers} at once with one key: executed once, and each gets the same receipt`, async () => {
    await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 500, workflowId: "WKFone" });
    const results = await Promise.all(
      Array.from({ length: callers }, () => chain.send("WKFone", "start", { idempotencyKey: "the-one" })),
    );
    await assertOutcomesAreTrue(
      chain,
      results.map((result) => ({ workflowId: "WKFone", command: "start", result })),
    );
    const { attempts, ...first } = results[0]?.receipt ?? assert.fail(JSON.stringify(results[0]));
    for (const result of results) {
      assert.ok(result.receipt, JSON.stringify(result));
      assert.deepEqual({ ...result.receipt, attempts }, { ...first, attempts });
    }
    assert.equal(chain.behind.requestsFor("WKFone").length, 1);
    const late = await chain.send("WKFone", "start", { idempotencyKey: "the-one" });
    assert.deepEqual({ ...late.receipt, attempts }, { ...first, attempts });
    assert.equal(chain.behind.requestsFor("WKFone").length, 1);
  });

  test(`a scheduled command, ${copies} copies of its message while it is sent, and ${copies} afterwards: executed once`, async () => {
    await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 500, workflowId: "WKFcopies" });
    const body = {
      organization: chain.connection.organization,
      workflowId: "WKFcopies",
      key: "the scheduled",
      command: "start",
    };

    /** @type {any} */
    const worker = await chain.worker().miniflare.getWorker();
    let given = 0;
    const copy = () => ({ id: `copy ${(given += 1)}`, timestamp: new Date(), attempts: 1, body });
    const deliver = (/** @type {number} */ count) => worker.queue(queueName, Array.from({ length: count }, copy));
    // Half of them in one batch, the others in one batch each.
    const together = Math.floor(copies / 2);
    const taking = [deliver(together), ...Array.from({ length: copies - together }, () => deliver(1))];
    await untilExecuted(chain, "WKFcopies", "start");
    const outcomes = await Promise.all(taking);
    assert.ok(
      outcomes.every(({ outcome }) => outcome === "ok"),
      JSON.stringify(outcomes),
    );
    const after = await deliver(copies);
    assert.equal(after.explicitAcks.length + (after.ackAll ? copies : 0), copies, JSON.stringify(after));

    const state = () => stateOf(new URL(chain.front.url), "WKFcopies", "the scheduled", "schedule");
    await until("the outcome", async () => (await state()).body.state === "accepted");
    await assertOutcomesAreTrue(chain, [{ workflowId: "WKFcopies", command: "start", result: null }]);
    assert.equal(await chain.executions("WKFcopies", "start"), 1);
    assert.equal(chain.behind.requestsFor("WKFcopies").length, 1);
  });

  test("the client refuses a Prefer header, so a queued command gives no receipt", async () => {
    const result = await chain.send("WKFprefer", "start", { headers: { Prefer: "respond-async" } });
    assert.equal(result.error?.code, "invalid-argument", JSON.stringify(result));
    await sleep(1500);
    await assertOutcomesAreTrue(chain, [{ workflowId: "WKFprefer", command: "start", result }]);
    assert.equal(chain.front.requestsFor("WKFprefer").length, 0);
  });
});
