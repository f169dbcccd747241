// @ts-check
// Deadlines: per attempt and for the whole call, for the head, the body, the token function and waits. A call settles
// within its `timeoutMs` and 100 ms, and its request is cancelled.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sendWorkflowCommand } from "campaign-workflow";
import {
  GRACE_MS,
  acceptedCall,
  accessToken,
  failedCall,
  requestTo,
  warmServer,
  checkedCall,
} from "./checked-calls.mjs";
import { documented, hangAfterExecution, hangInBody, throttled } from "../support/faults.mjs";
import { sleep, until } from "../support/wait.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const never = () => new Promise(() => {});
const dripHead = async (/** @type {import("../support/faulty-server.mjs").Reply} */ reply) => {
  await reply.execute().write("HTTP/1.1 200 OK\r\n");
  await reply.repeat("X-Drip: drop\r\n", 15);
};
/** @type {(status: number) => Step} */
const dripBody = (status) => async (reply) => {
  if (status < 300) reply.execute();
  await reply.head(status);
  await reply.repeat("drop ", 15);
};

/** The phases in which a call can hang: the steps, the request, and the expected code. @type {[string, Step[], object, string][]} */
const phases = [
  ["before the head", [hangAfterExecution], {}, "timeout"],
  ["in a head that drips", [dripHead], {}, "timeout"],
  ["in a body that hangs", [hangInBody(500, "x")], {}, "timeout"],
  ["in a body that drips", [dripBody(400)], {}, "timeout"],
  ["in the body of a 429 without a retry left", [hangInBody(429, "x")], { maxRetries: 0 }, "timeout"],
  ["in the token function", [], { accessToken: never }, "token-unavailable"],
  ["in a token that is a thenable without an end", [], { accessToken: () => ({ then() {} }) }, "token-unavailable"],
  [
    "in the refresh of the token",
    [documented.tokenExpired],
    { accessToken: (/** @type {any} */ { refresh }) => (refresh ? never() : accessToken) },
    "token-unavailable",
  ],
];
for (const [phase, steps, request, code] of phases) {
  for (const limit of ["attemptTimeoutMs", "timeoutMs"]) {
    test(`${limit} ends a call ${phase}`, async () => {
      const { error, requests, tookMs, lateMs } = await failedCall(server, steps, {
        timeoutMs: 1500,
        ...request,
        [limit]: 150,
      });
      assert.equal(error.code, code);
      assert.ok(tookMs >= 145, `settled after ${tookMs} ms, too early`);
      assert.ok(limit === "timeoutMs" ? lateMs < GRACE_MS : tookMs < 1000, `took ${tookMs} ms`);
      for (const one of requests) await until("the connection is closed", () => one.isClosed, 500);
    });
  }
}

test("a fetch that never settles and ignores its signal is given up", async () => {
  const { error, lateMs } = await failedCall(server, [], { fetch: never, timeoutMs: 100 }, { mayMissServer: true });
  assert.deepEqual([error.code, error.outcome, error.attempts], ["timeout", "unknown", 1]);
  assert.ok(lateMs < GRACE_MS, `${lateMs} ms late`);
});

test("each attempt has its own attempt deadline", async () => {
  const { receipt, tookMs } = await acceptedCall(
    server,
    [1, 2].map(() => /** @type {Step} */ ((reply) => sleep(200).then(() => throttled("0")(reply)))),
    { attemptTimeoutMs: 400, maxRetries: 2 },
  );
  assert.equal(receipt.attempts, 3);
  assert.ok(tookMs >= 395);
});

test("the call's deadline covers attempts, waits and token functions together", async () => {
  const slowly = (/** @type {any} */ value) => sleep(60, value);
  const steps = Array.from(
    { length: 11 },
    () => /** @type {Step} */ ((reply) => slowly(0).then(() => throttled("0")(reply))),
  );
  const { error, lateMs, tookMs } = await failedCall(server, steps, {
    timeoutMs: 300,
    maxRetries: 10,
    accessToken: () => slowly(accessToken),
  });
  assert.equal(error.code, "timeout");
  assert.equal(error.outcome, "unknown", "a request was in flight");
  assert.ok(tookMs >= 295 && lateMs < GRACE_MS, `${lateMs} ms late`);
});

test("a wait that would not end in time is not started", async () => {
  for (const retryAfter of ["1", "4000000000", "9".repeat(200), new Date(Date.now() + 60_000).toUTCString()]) {
    const { error, tookMs } = await failedCall(server, [throttled(retryAfter)], { timeoutMs: 900 });
    assert.deepEqual([error.code, error.outcome, error.attempts], ["rate-limited", "not-executed", 1]);
    assert.ok(Number(error.retryAfterMs) >= 1000, `retryAfterMs ${error.retryAfterMs}`);
    assert.ok(tookMs < 850, `took ${tookMs} ms`);
  }
});

test("a deadline does not cut off a response that came in time", async () => {
  const body = "x".repeat(500_000);
  const { receipt } = await acceptedCall(server, [(reply) => reply.execute().respond(200, { body })], {
    timeoutMs: 2_147_483_647,
    attemptTimeoutMs: 2_147_483_647,
  });
  assert.equal(receipt.body, body);
});

test("deadlines that no timer can have are refused", async () => {
  for (const field of ["timeoutMs", "attemptTimeoutMs"]) {
    for (const value of [0, -1, 1.5, 2_147_483_648, NaN, Infinity, "5", null, 10n, {}]) {
      const message = new RegExp(`^${field} `);
      await assert.rejects(sendWorkflowCommand(requestTo(server, { [field]: value })), {
        code: "invalid-argument",
        outcome: "not-executed",
        message,
      });
    }
  }
});

test("the smallest deadline settles too", async () => {
  const { error, receipt, lateMs } = await checkedCall(
    server,
    [hangAfterExecution],
    { timeoutMs: 1 },
    { mayMissServer: true },
  );
  assert.ok(!receipt && error?.outcome === "unknown" && lateMs < GRACE_MS);
});
