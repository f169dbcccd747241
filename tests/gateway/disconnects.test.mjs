// @ts-check
// Callers who leave, in workerd: what was begun for one ends well, and what died with one blocks nobody.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { optionsFor, order, pathOf, runWorker, secrets, serveCampaign } from "./setup.mjs";

/** @type {Awaited<ReturnType<typeof serveCampaign>>} */
let campaign;
/** How often the token host was asked; it never answers the first so many. */
let [asked, silent] = [0, 0];
const ims = createServer((request, response) => {
  asked += 1;
  request.resume();
  if (asked > silent) response.end(JSON.stringify({ access_token: secrets.accessToken, expires_in: 86_399 }));
});

before(async () => {
  await new Promise((resolve) => ims.listen(0, "127.0.0.1", () => resolve(undefined)));
  campaign = await serveCampaign();
});
after(async () => (await campaign.close(), ims.close(), ims.closeAllConnections()));
beforeEach(async () => {
  [asked, silent] = [0, 0];
  await campaign.emulator.clearFaults();
  await campaign.emulator.clearLog();
});

/** A Worker that calls the gateway, and leaves when it has heard nothing for as long as it is told. */
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

/** A gateway in workerd behind that Worker. @param {object} more */
async function start(more) {
  const { accessToken: _token, apiKey: _key, ...options } = optionsFor(campaign.url, { timeoutMs: 25_000, ...more });
  const { port } = /** @type {import("node:net").AddressInfo} */ (ims.address());
  const credentials = {
    clientId: secrets.apiKey,
    clientSecret: secrets.clientSecret,
    scope: "openid",
    tokenUrl: `http://127.0.0.1:${port}/`,
  };
  return runWorker(
    `export { default } from "./tests/gateway/test-worker.mjs";`,
    { OPTIONS: { ...options, credentials } },
    front,
  );
}

/** @param {import("./setup.mjs").Running} gateway @param {string} path @param {number} ms how long to stay */
async function leaveAfter(gateway, path, ms) {
  const response = await gateway.ask(order({ path, headers: { "x-leave-after": `${ms}` } }));
  assert.equal(await response.text(), "AbortError");
}

/** @param {() => Promise<boolean>} seen */
async function until(seen, ms = 8000) {
  for (const end = Date.now() + ms; !(await seen()); ) {
    assert.ok(Date.now() < end, "it was not seen in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("a command whose caller leaves goes on to its end", async () => {
  const gateway = await start({ maxRetries: 2 });
  try {
    await campaign.emulator.addFault({ kind: "throttled", retryAfterSeconds: 2 });
    await leaveAfter(gateway, pathOf("WKF101"), 1000);
    assert.equal((await campaign.log()).length, 1);
    await until(async () => (await campaign.log()).length === 2);
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

test("an answer that Campaign holds is waited for, though the caller has left", async () => {
  const gateway = await start({});
  const outcomes = async () => (await gateway.ask(order({ path: "/outcomes" }))).json();
  try {
    await campaign.emulator.addFault({ kind: "delay", delayMs: 2000 });
    await leaveAfter(gateway, `/sent${pathOf("WKF101")}`, 1000);
    assert.equal((await campaign.log()).length, 1);
    assert.deepEqual(await outcomes(), []);
    await until(async () => (await outcomes()).length > 0);
    assert.deepEqual(await outcomes(), [200]);
    assert.deepEqual(
      (await campaign.log()).map(({ executed }) => executed),
      [true],
    );
  } finally {
    await gateway.close();
  }
});

test("a token request that dies with its caller costs the next ones three seconds at most, and one request more", async () => {
  const gateway = await start({});
  // Without a context, so that the host ends what it has begun.
  const path = `/without-context${pathOf("WKF101")}`;
  try {
    silent = 1;
    await leaveAfter(gateway, path, 700);
    assert.equal(asked, 1);
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.ask(order({ path }))));
    const took = performance.now() - begun;
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(20).fill(200),
    );
    assert.ok(took < 6000, `${took} ms`);
    assert.equal(asked, 2);
    assert.equal((await campaign.log()).filter(({ executed }) => executed).length, 20);
  } finally {
    await gateway.close();
  }
});
