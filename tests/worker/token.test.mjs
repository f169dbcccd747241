// @ts-check
// A token request that ends with its caller, or with its object, delays no later command.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { startExample } from "./example.mjs";
import { startIms } from "../support/ims.mjs";
import { secrets } from "../support/secrets.mjs";
import { until } from "../support/wait.mjs";

/** Aborts the request to the example after the milliseconds of a header. */
const front = `export default {
  async fetch(request, env) {
    const patience = request.headers.get("x-leave-after");
    try {
      return await env.EXAMPLE.fetch(request, patience ? { signal: AbortSignal.timeout(Number(patience)) } : {});
    } catch {
      return new Response("the caller has disconnected", { status: 599 });
    }
  },
}`;

/** @type {import("../support/ims.mjs").Ims} */
let ims;
/** @type {import("./example.mjs").Example} */
let example;

before(async () => {
  ims = await startIms();
  const credential = { IMS_CLIENT_ID: secrets.apiKey, IMS_CLIENT_SECRET: secrets.clientSecret, IMS_SCOPE: "openid" };
  const bindings = {
    ACCESS_TOKEN: undefined,
    API_KEY: undefined,
    ...credential,
    IMS_TOKEN_URL: ims.url,
  };
  example = await startExample({ front, bindings, start: false });
});
// A restarted Worker has no token.
beforeEach(async () => {
  await example.restart();
  ims.reset();
});
after(async () => {
  await example.close();
  await ims.close();
});

/** Commands of several workflows at once, and one after them, are executed within the time of a token request. @param {string[]} ids */
async function assertNotDelayed(...ids) {
  const startedAt = performance.now();
  const answers = await Promise.all(ids.map((workflowId) => example.send(workflowId, "later")));
  answers.push(await example.send(ids[0] ?? "", "last"));
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 200),
    answers.map(({ text }) => text).join("\n"),
  );
  const ms = performance.now() - startedAt;
  assert.ok(ms < 8000, `${ms} ms`);
  assert.ok(ims.requests() <= 3, `${ims.requests()} requests for a token`);
}

describe("a token request that hangs", () => {
  test("its caller, a Worker in front, disconnects", async () => {
    ims.hang(1);
    const left = await example.send("WKF0", "left", { headers: { "x-leave-after": "300" } });
    assert.deepEqual([left.status, ims.requests()], [599, 1]);
    await assertNotDelayed("WKF1", "WKF2", "WKF3");
  });

  test("its object is reset", async () => {
    ims.hang(1);
    const lost = example.send("WKF4", "lost");
    await until("the request", async () => ims.requests() === 1);
    await example.reset("WKF4");
    const { status, body, headers } = await lost;
    assert.deepEqual([status, body.outcome, headers.get("retry-after")], [502, "unknown", null]);
    await assertNotDelayed("WKF4", "WKF5", "WKF6", "WKF7");
    assert.equal((await example.send("WKF4", "lost")).body.outcome, "unknown");
    assert.equal(await example.executions("WKF4"), 2);
  });

  test("object after object is reset", async () => {
    ims.hang(3);
    for (const [at, workflowId] of ["WKF8", "WKF9", "WKF10"].entries()) {
      const lost = example.send(workflowId, "lost");
      await until("the request", async () => ims.requests() === at + 1);
      await example.reset(workflowId);
      await lost;
    }
    ims.reset();
    await assertNotDelayed("WKF8", "WKF11", "WKF12");
  });
});
