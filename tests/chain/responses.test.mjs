// @ts-check
// Responses of Campaign that are difficult for the chain: one of 6 MB, and 429 with a Retry-After of 12 seconds. All deadlines are the
// defaults.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "@hono/node-server";
import { organization, secrets } from "../support/secrets.mjs";
import { sleep, until } from "../support/wait.mjs";
import { call, pathOf, stateOf } from "../support/worker-client.mjs";
import { assertOutcomesAreTrue, startChain } from "./setup.mjs";

/** Characters that JSON escapes: the 1 MiB of a receipt takes 6 MiB as JSON. */
const sixMegabytes = Buffer.alloc(6_000_000, 1);
const throttledFor = 12;

const large = ["WKFlarge", "WKFlargekey", "WKFlargequeue"];
const throttled = ["gateway", "worker"].flatMap((by) => [`WKFonce${by}`, `WKFalways${by}`, `WKFonce${by}key`]);

describe("large and throttled responses", { concurrency: true, timeout: 90_000 }, () => {
  /** @type {import("./setup.mjs").Chain} */
  let chain;
  /** @type {{ url: string, close: () => void }} */
  let gateway;
  before(async () => {
    chain = await startChain([...large, ...throttled]);
    gateway = await startGateway(chain);
    const fault = { kind: /** @type {const} */ ("replace-body"), text: sixMegabytes };
    for (const workflowId of large) chain.behind.addFaults(workflowId, ...Array(20).fill(fault));
  });
  after(async () => {
    gateway?.close();
    await chain.close();
  });

  for (const [workflowId, key] of /** @type {const} */ ([
    ["WKFlarge", undefined],
    ["WKFlargekey", "large"],
  ])) {
    test(`a response of 6 MB, ${key ? "with" : "without"} a key: a receipt, executed once`, async () => {
      const result = await chain.send(workflowId, "start", { idempotencyKey: key });
      assert.ok(result.receipt, JSON.stringify(result).slice(0, 500));
      if (key) {
        const again = await chain.send(workflowId, "start", { idempotencyKey: key });
        assert.ok(again.receipt, JSON.stringify(again).slice(0, 500));
      }
      await assertOutcomesAreTrue(chain, [{ workflowId, command: "start", result }]);
      assert.equal(chain.behind.requestsFor(workflowId).length, 1);
      // The workflow's next command is not delayed.
      assert.ok((await chain.send(workflowId, "stop", { idempotencyKey: key && "stop" })).receipt);
    });
  }

  test("a response of 6 MB to a queued command: executed once, and its state is known", async () => {
    const url = new URL(chain.front.url);
    const headers = { prefer: "respond-async", "idempotency-key": "large" };
    const { status } = await call(url, pathOf("WKFlargequeue"), { method: "POST", body: { method: "start" }, headers });
    assert.equal(status, 202);
    const state = async () => (await stateOf(url, "WKFlargequeue", "large")).body?.state;
    await until("an outcome", async () => ["accepted", "unknown"].includes(await state()), 20_000);
    await sleep(4000);
    assert.equal(await chain.executions("WKFlargequeue", "start"), 1);
    assert.equal(chain.behind.requestsFor("WKFlargequeue").length, 1);
    assert.equal(await state(), "accepted");
  });

  for (const by of /** @type {const} */ (["gateway", "worker"])) {
    const through = by === "gateway" ? "a plain gateway" : "the Worker";
    const baseUrl = () => (by === "gateway" ? { baseUrl: gateway.url } : {});

    test(`429 with Retry-After ${throttledFor} each time, through ${through}: not executed, with the time to wait`, async () => {
      const workflowId = `WKFalways${by}`;
      await chain.campaign.emulator.addFault({
        kind: "throttled",
        retryAfterSeconds: throttledFor,
        times: null,
        workflowId,
      });
      const result = await chain.send(workflowId, "start", baseUrl());
      assert.equal(result.error?.outcome, "not-executed", JSON.stringify(result));
      assert.equal(result.error.code, "rate-limited");
      assert.ok((result.error.retryAfterMs ?? 0) > 1000, `${result.error.retryAfterMs} ms`);
      await assertOutcomesAreTrue(chain, [{ workflowId, command: "start", result }]);
    });

    for (const key of by === "worker" ? [undefined, "once"] : [undefined]) {
      test(`429 with Retry-After ${throttledFor} once, through ${through}, ${key ? "with" : "without"} a key: executed after the wait`, async () => {
        const workflowId = `WKFonce${by}${key ? "key" : ""}`;
        await chain.campaign.emulator.addFault({
          kind: "throttled",
          retryAfterSeconds: throttledFor,
          times: 1,
          workflowId,
        });
        const result = await chain.send(workflowId, "start", { ...baseUrl(), idempotencyKey: key });
        assert.ok(result.receipt, JSON.stringify(result));
        await assertOutcomesAreTrue(chain, [{ workflowId, command: "start", result }]);
      });
    }
  }
});

/** The installed package's gateway, over a socket. @param {import("./setup.mjs").Chain} chain */
async function startGateway({ installed, behind }) {
  /** @type {typeof import("campaign-workflow/gateway")} */
  const { createGateway } = await installed.load("campaign-workflow/gateway");
  const { fetch } = createGateway({
    organization,
    accessToken: secrets.accessToken,
    apiKey: secrets.apiKey,
    baseUrl: behind.url,
    authorize: (request) => request.headers.get("authorization") === `Bearer ${secrets.callerKey}`,
  });
  /** @type {import("node:http").Server} */
  let server;
  const port = await new Promise((resolve) => {
    server = /** @type {any} */ (
      serve(
        { fetch: (request) => fetch(request), port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
        (info) => resolve(info.port),
      )
    );
  });
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
