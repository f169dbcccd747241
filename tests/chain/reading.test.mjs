// @ts-check
// Reading, waiting, confirming and signals over the whole chain, with faults at both proxies. A read is retried, a signal in doubt never.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { untilExecuted, startChain } from "./setup.mjs";

const bindings = { TIMEOUT_MS: 5000, ATTEMPT_TIMEOUT_MS: 2500 };
const deadlines = { timeoutMs: 20_000, attemptTimeoutMs: 6000 };
const intervalMs = 50;

/** @typedef {{ hop: "front" | "behind", kind: "reset" | "lose-response" }} Hop where a request or its response is lost */
/** @type {Hop[]} */
const hops = /** @type {const} */ (["front", "behind"]).flatMap((hop) =>
  /** @type {const} */ (["reset", "lose-response"]).map((kind) => ({ hop, kind })),
);
/** @param {string} prefix @param {Hop} hop */
const idFor = (prefix, { hop, kind }) => `WKF${prefix}-${hop}-${kind}`;

const reads = hops.map((hop) => idFor("read", hop));
const signals = hops.map((hop) => idFor("signal", hop));

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

  for (const hop of hops) {
    test(`a read is retried after a fault: ${hop.kind} ${hop.hop}`, async () => {
      const workflowId = idFor("read", hop);
      chain[hop.hop].addFaults(workflowId, { kind: hop.kind });
      const workflow = await client.waitFor(workflowId, () => true, { intervalMs });
      assert.equal(workflow.state, "Editing");
      assert.ok(chain[hop.hop].requestsFor(workflowId).length >= 2);
    });

    test(`a signal in doubt is unknown, and not retried: ${hop.kind} ${hop.hop}`, async () => {
      const workflowId = idFor("signal", hop);
      const { PKey } = await client.get(workflowId);
      // At the gateway the trigger's address has the workflow's id, at Campaign its PKey. Both read the workflow before the trigger.
      if (hop.hop === "front") chain.front.addFaults(workflowId, { kind: "pass" }, { kind: hop.kind });
      else chain.behind.addFaults(`${PKey}`, { kind: hop.kind });
      const error = await client.signal(workflowId, "go", { source: "API" }).then(
        () => null,
        (error) => error,
      );
      assert.equal(error?.outcome, "unknown", String(error));
      assert.equal(chain.front.requestsFor(workflowId).filter(({ url }) => url.endsWith("/trigger/")).length, 1);
      assert.equal(chain.behind.requestsFor(`${PKey}`).length, hop.hop === "front" && hop.kind === "reset" ? 0 : 1);
      assert.equal((await triggered(workflowId)).length, hop.kind === "reset" ? 0 : 1);
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
