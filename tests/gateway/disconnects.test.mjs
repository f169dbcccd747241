// @ts-check
// Callers that disconnect, in workerd: their commands go on, and what ends with a caller blocks no other.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startCampaign } from "../support/campaign.mjs";
import { startIms } from "../support/ims.mjs";
import { secrets } from "../support/secrets.mjs";
import { until } from "../support/wait.mjs";
import { commandRequest, optionsFor, pathOf, runWorker } from "./setup.mjs";

/** @type {Awaited<ReturnType<typeof startCampaign>>} */
let campaign;
/** @type {import("../support/ims.mjs").Ims} */
let ims;

before(async () => {
  ims = await startIms();
  campaign = await startCampaign();
});
after(async () => (await campaign.close(), await ims.close()));
beforeEach(async () => {
  ims.reset();
  await campaign.emulator.clearFaults();
  await campaign.emulator.clearLog();
});

/** A Worker that calls the gateway, and aborts after the milliseconds of a header. */
const front = `export default {
  async fetch(request, env) {
    const ms = Number(request.headers.get("x-leave-after"));
    if (!ms) return env.GATEWAY.fetch(request);
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), ms);
    try {
      return await env.GATEWAY.fetch(new Request(request, { signal: leaving.signal }));
    } catch (error) {
      return new Response(error.name);
    }
  },
};`;

/** Starts a gateway in workerd behind that Worker. @param {object} more */
async function start(more) {
  const { accessToken: _token, apiKey: _key, ...options } = optionsFor(campaign.url, { timeoutMs: 25_000, ...more });
  const credentials = {
    clientId: secrets.apiKey,
    clientSecret: secrets.clientSecret,
    scope: "openid",
    tokenUrl: ims.url,
  };
  return runWorker(
    `export { default } from "./tests/gateway/test-worker.mjs";`,
    { OPTIONS: { ...options, credentials } },
    { front },
  );
}

/** @param {import("./setup.mjs").RunningGateway} gateway @param {string} path @param {number} ms until the caller disconnects */
async function leaveAfter(gateway, path, ms) {
  const response = await gateway.fetch(commandRequest({ path, headers: { "x-leave-after": `${ms}` } }));
  assert.equal(await response.text(), "AbortError");
}

test("a command goes on after its caller disconnects", async () => {
  const gateway = await start({ maxRetries: 2 });
  try {
    await campaign.emulator.addFault({ kind: "throttled", retryAfterSeconds: 2 });
    await leaveAfter(gateway, pathOf("WKF101"), 1000);
    assert.equal((await campaign.log()).length, 1);
    await until("the second request", async () => (await campaign.log()).length === 2, 8000);
    assert.deepEqual(
      (await campaign.log()).map(({ status, executed }) => [status, executed]),
      [
        [429, false],
        [200, true],
      ],
    );
  } finally {
    await gateway.close();
  }
});

test("the gateway waits for Campaign's response after the caller has disconnected", async () => {
  const gateway = await start({});
  const outcomes = async () => (await gateway.fetch(commandRequest({ path: "/outcomes" }))).json();
  try {
    await campaign.emulator.addFault({ kind: "delay", delayMs: 2000 });
    await leaveAfter(gateway, `/sent${pathOf("WKF101")}`, 1000);
    assert.equal((await campaign.log()).length, 1);
    assert.deepEqual(await outcomes(), []);
    await until("the outcome", async () => (await outcomes()).length > 0, 8000);
    assert.deepEqual(await outcomes(), [200]);
    assert.deepEqual(
      (await campaign.log()).map(({ executed }) => executed),
      [true],
    );
  } finally {
    await gateway.close();
  }
});

test("a token request that ends with its caller costs the next ones three seconds at most, and one more request", async () => {
  const gateway = await start({});
  // Without a context, so workerd ends the token request with its caller.
  const path = `/without-context${pathOf("WKF101")}`;
  try {
    ims.hang(1);
    await leaveAfter(gateway, path, 700);
    assert.equal(ims.requests(), 1);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.fetch(commandRequest({ path }))));
    const took = performance.now() - startedAt;
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(20).fill(200),
    );
    assert.ok(took < 6000, `${took} ms`);
    assert.equal(ims.requests(), 2);
    assert.equal((await campaign.log()).filter(({ executed }) => executed).length, 20);
  } finally {
    await gateway.close();
  }
});
