// @ts-check
// Reading, waiting, confirming and signals over the whole chain, with faults at both proxies. A read is retried, a signal in doubt never.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { untilExecuted, startChain } from "./setup.mjs";

const bindings = { TIMEOUT_MS: 5000, ATTEMPT_TIMEOUT_MS: 2500 };
const deadlines = { timeoutMs: 20_000, attemptTimeoutMs: 6000 };
const intervalMs = 50;

/** @typedef {{ proxy: "front" | "behind", kind: "reset" | "lose-response" }} Place where a request or its response is lost */
/** @type {Place[]} */
const places = /** @type {const} */ (["front", "behind"]).flatMap((proxy) =>
  /** @type {const} */ (["reset", "lose-response"]).map((kind) => ({ proxy, kind })),
);
/** @param {string} prefix @param {Place} place */
const idFor = (prefix, { proxy, kind }) => `WKF${prefix}-${proxy}-${kind}`;

const reads = places.map((place) => idFor("read", place));
const signals = places.map((place) => idFor("signal", place));

describe("reading and signals over the chain", { timeout: 90_000 }, () => {
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  /** @type {import("campaign-workflow/client").WorkflowClient} */
  let client;
  before(async () => {
    /** @type {import("campaign-workflow/emulator").WorkflowSetup[]} */
    const withSignal = signals.map((id) => ({ id, state: "Started", signals: [{ name: "go" }] }));
    chain = await startChain([...reads, ...withSignal, "WKFlost", "WKFkill"], { bindings });
    client = new chain.client.WorkflowClient({ ...chain.connection, ...deadlines });
  });
  after(() => chain.close());

  /** The signals that Campaign triggered for a workflow. @param {string} workflowId */
  const triggered = async (workflowId) =>
    (await chain.campaign.emulator.workflows()).find(({ id }) => id === workflowId)?.signals ?? [];

  for (const place of places) {
    test(`a read is retried after a fault: ${place.kind} ${place.proxy}`, async () => {
      const workflowId = idFor("read", place);
      chain[place.proxy].addFaults(workflowId, { kind: place.kind });
      const workflow = await client.waitFor(workflowId, () => true, { intervalMs });
      assert.equal(workflow.state, "Editing");
      assert.ok(chain[place.proxy].requestsFor(workflowId).length >= 2);
    });

    test(`a signal in doubt is unknown, and not retried: ${place.kind} ${place.proxy}`, async () => {
      const workflowId = idFor("signal", place);
      const { PKey } = await client.get(workflowId);
      // At the gateway the trigger's address has the workflow's id, at Campaign its PKey. Both read the workflow before the trigger.
      if (place.proxy === "front") chain.front.addFaults(workflowId, { kind: "pass" }, { kind: place.kind });
      else chain.behind.addFaults(`${PKey}`, { kind: place.kind });
      const error = await client.signal(workflowId, "go", { source: "API" }).then(
        () => null,
        (error) => error,
      );
      assert.equal(error?.outcome, "unknown", String(error));
      assert.equal(chain.front.requestsFor(workflowId).filter(({ url }) => url.endsWith("/trigger/")).length, 1);
      assert.equal(
        chain.behind.requestsFor(`${PKey}`).length,
        place.proxy === "front" && place.kind === "reset" ? 0 : 1,
      );
      assert.equal((await triggered(workflowId)).length, place.kind === "reset" ? 0 : 1);
    });
  }

  test("a command whose response is lost is confirmed by reading, and executed once", async () => {
    chain.front.addFaults("WKFlost", { kind: "pass" }, { kind: "lose-response" }, { kind: "reset" });
    const receipt = await client.start("WKFlost", { confirm: chain.client.hasState("Started"), intervalMs });
    assert.deepEqual([receipt.status, receipt.confirmed, receipt.workflow?.state], [null, true, "Started"]);
    assert.equal(await chain.executions("WKFlost", "start"), 1);
  });

  test("waitFor goes on while workerd is killed and restarted", async () => {
    await chain.campaign.emulator.addFault({ kind: "delay", delayMs: 800, workflowId: "WKFkill", command: "start" });
    const started = client.waitFor("WKFkill", chain.client.hasState("Started"), { intervalMs });
    const sent = chain.send("WKFkill", "start", deadlines);
    await untilExecuted(chain, "WKFkill", "start");
    await chain.crash();
    assert.equal((await sent).error?.outcome, "unknown");
    assert.equal((await started).state, "Started");
    assert.equal(await chain.executions("WKFkill", "start"), 1);
  });
});
