// @ts-check
// IMS does not respond to a token request, and its caller goes away. The deadlines are the Worker's defaults.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep, until } from "../support/wait.mjs";
import { assertOutcomesAreTrue, startChain } from "./setup.mjs";

const workflows = ["WKFfirst", "WKFwaits", "WKFwaitskey", "WKFlater"];

/** A chain whose Worker has no token yet. The first token request hangs. @param {import("node:test").TestContext} t */
async function startWithoutToken(t) {
  const chain = await startChain(workflows, { withIms: true });
  t.after(() => chain.close());
  const ims = chain.ims ?? assert.fail();
  ims.hang(1);
  const untilRequested = () => until("a request for a token", async () => ims.requests() > 0, 5000);
  return { chain, ims, untilRequested };
}

describe("a token request and its caller", { concurrency: true, timeout: 60_000 }, () => {
  for (const key of [undefined, "the-key"]) {
    test(`the object is reset during its token request, ${key ? "with" : "without"} a key: callers that wait for the token get one`, async (t) => {
      const { chain, ims, untilRequested } = await startWithoutToken(t);
      const first = chain.send("WKFfirst", "start", { idempotencyKey: key });
      await untilRequested();
      const waiting = [
        chain.send("WKFwaits", "start"),
        chain.send("WKFwaitskey", "start", { idempotencyKey: "waits" }),
      ];
      await sleep(100);
      await chain.reset("WKFfirst");
      const [one, ...others] = await Promise.all([first, ...waiting]);
      const later = await chain.send("WKFlater", "start", { idempotencyKey: key });
      const results = [one, ...others, later];
      await assertOutcomesAreTrue(
        chain,
        workflows.map((workflowId, index) => ({ workflowId, command: "start", result: results[index] ?? null })),
      );
      for (const result of [...others, later]) assert.ok(result.receipt, JSON.stringify(result));
      assert.ok(ims.requests() <= 4, `${ims.requests()} requests for a token`);
    });
  }

  test("the caller disconnects during the token request: later commands get a token", async (t) => {
    const { chain, ims, untilRequested } = await startWithoutToken(t);
    const caller = new AbortController();
    const first = chain.send("WKFfirst", "start", { signal: caller.signal });
    await untilRequested();
    caller.abort();
    const left = await first;
    // The Worker gives the hanging request up after 8 s. Until then commands may fail without a token, and are not executed.
    /** @type {import("./setup.mjs").Result[]} */
    const results = [];
    await until(
      "a token",
      async () => {
        const result = await chain.send("WKFlater", "start");
        assert.notEqual(result.error?.outcome, "unknown", JSON.stringify(result));
        results.push(result);
        return result.receipt !== undefined;
      },
      20_000,
    );
    await assertOutcomesAreTrue(chain, [
      { workflowId: "WKFfirst", command: "start", result: left },
      { workflowId: "WKFlater", command: "start", result: results.at(-1) ?? null },
    ]);
    assert.ok(ims.requests() <= 4, `${ims.requests()} requests for a token`);
  });
});
