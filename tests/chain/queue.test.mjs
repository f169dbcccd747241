// @ts-check
// Commands for later over the whole chain, compared with Campaign's log.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sleep, until } from "../support/wait.mjs";
import { untilExecuted, startChain } from "./setup.mjs";

const deadlines = { timeoutMs: 25_000, attemptTimeoutMs: 12_000 };

describe("commands for later over the chain", { timeout: 90_000 }, () => {
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  /** @type {import("campaign-workflow/client").WorkflowClient} */
  let client;
  before(async () => {
    chain = await startChain(["WKFcancel", "WKFlater", "WKFlost", "WKFlostcancel", "WKFgone"], {
      bindings: { MAX_TRIES: 2, RETRY_MS: 1 },
    });
    client = new chain.client.WorkflowClient({ ...chain.connection, ...deadlines });
  });
  after(() => chain.close());

  /** @param {string} id @param {string} state */
  const becomes = (id, state) => until(`${state}`, async () => (await client.queued(id)).state === state, 20_000);

  test("queued, read and cancelled: Campaign gets no request", async () => {
    const queued = await client.enqueue("WKFcancel", "start", { delaySeconds: 2 });
    assert.deepEqual(
      [queued.workflowId, queued.command, queued.state, queued.outcome, queued.tries],
      ["WKFcancel", "start", "queued", null, 0],
    );
    assert.deepEqual(await client.queued(queued.id), queued);
    const cancelled = await client.cancel(queued.id);
    assert.deepEqual([cancelled.id, cancelled.state, cancelled.outcome], [queued.id, "cancelled", "not-executed"]);
    assert.equal((await client.cancel(queued.id)).state, "cancelled");
    await sleep(3000);
    assert.equal(await chain.executions("WKFcancel", "start"), 0);
    assert.deepEqual(chain.behind.requestsFor("WKFcancel"), []);
  });

  test("queued for a second later: executed once, and then it can't be cancelled", async () => {
    const startedAt = Date.now();
    const { id } = await client.enqueue("WKFlater", "start", { delaySeconds: 1 });
    await untilExecuted(chain, "WKFlater", "start");
    assert.ok(Date.now() - startedAt >= 900, "it came too early");
    await becomes(id, "accepted");
    assert.equal((await client.cancel(id)).state, "accepted");
    assert.equal(await chain.executions("WKFlater", "start"), 1);
  });

  test("a lost response with a key is repeated, and the command is executed once", async () => {
    chain.front.addFaults("WKFlost", { kind: "lose-response" }, { kind: "cut-response" });
    const { id } = await client.enqueue("WKFlost", "start", { idempotencyKey: "the-lost" });
    assert.deepEqual(
      chain.front.requestsFor("WKFlost").map(({ key }) => key),
      ["the-lost", "the-lost", "the-lost"],
    );
    await becomes(id, "accepted");
    assert.equal((await client.enqueue("WKFlost", "start", { idempotencyKey: "the-lost" })).state, "accepted");
    assert.equal(await chain.executions("WKFlost", "start"), 1);
  });

  test("a lost response without a key is unknown, and not repeated", async () => {
    chain.front.addFaults("WKFlostcancel", { kind: "lose-response" });
    const error = await client.enqueue("WKFlostcancel", "stop", { delaySeconds: 3600 }).then(
      () => null,
      (error) => error,
    );
    assert.deepEqual([error?.code, error?.outcome, error?.attempts], ["network", "unknown", 1]);
    assert.equal(chain.front.requestsFor("WKFlostcancel").length, 1);
  });

  test("a key whose command has failed rejects with its problem", async () => {
    await chain.campaign.emulator.addFault({ kind: "not-found", workflowId: "WKFgone", times: null });
    const { id } = await client.enqueue("WKFgone", "start", { idempotencyKey: "the-gone" });
    await becomes(id, "failed");
    const error = await client.enqueue("WKFgone", "start", { idempotencyKey: "the-gone" }).then(
      () => null,
      (error) => error,
    );
    assert.deepEqual([error?.code, error?.outcome, error?.attempts], ["not-found", "not-executed", 1], String(error));
  });

  test("an unknown id is not found", async () => {
    for (const name of /** @type {const} */ (["queued", "cancel"])) {
      const error = await client[name]("WyJhIl0").then(
        () => null,
        (error) => error,
      );
      assert.deepEqual([error?.code, error?.outcome], ["not-found", "not-executed"], String(error));
    }
  });
});
