// @ts-check
// A command is retried only if it was certainly not executed: after 429, after 503 with Retry-After, once after 401 with a token
// function, and after a refused connection. Everything else is sent exactly once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  acceptedCall,
  accessToken,
  apiKey,
  failedCall,
  requestTo,
  withoutBackOff,
  warmServer,
} from "./checked-calls.mjs";
import { cutBody, documented, executeThen, hangAfterExecution, refuse, throttled } from "../support/faults.mjs";
import { FaultyServer } from "../support/faulty-server.mjs";
import { freePort } from "../support/free-port.mjs";
import { sleep, until } from "../support/wait.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @type {FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

test("429 and 503 with Retry-After are followed by a retry", async () => {
  const { receipt, requests } = await acceptedCall(server, [throttled("0"), throttled("0", 503)], {
    headers: { "X-Own": "1" },
  });
  assert.equal(receipt.attempts, 3);
  for (const { method, body, headers, path } of requests) {
    assert.deepEqual([method, body, path], ["POST", '{"method":"start"}', requests[0]?.path]);
    assert.deepEqual(
      [
        headers.authorization,
        headers["x-api-key"],
        headers["content-type"],
        headers["cache-control"],
        headers["x-own"],
      ],
      [`Bearer ${accessToken}`, apiKey, "application/json", "no-cache", "1"],
    );
  }
});

test("429 without Retry-After is followed by a retry after a random back-off", async (t) => {
  const { receipt, tookMs } = await withoutBackOff(() => acceptedCall(server, [throttled(), throttled()]));
  assert.equal(receipt.attempts, 3);
  assert.ok(tookMs < 1000);
  t.mock.method(Math, "random", () => 0.4);
  const { requests } = await acceptedCall(server, [throttled(), throttled()]);
  const [first, second, third] = requests.map(({ at }) => at);
  assert.ok(Number(second) - Number(first) >= 195, "0.4 of 500 ms");
  assert.ok(Number(third) - Number(second) >= 395, "0.4 of 1000 ms");
});

test("Retry-After is seconds or a date", async () => {
  const gap = async (/** @type {string} */ value) => {
    const { requests } = await acceptedCall(server, [throttled(value)]);
    return Number(requests[1]?.at) - Number(requests[0]?.at);
  };
  assert.ok((await gap("1")) >= 990);
  const date = await gap(new Date(Date.now() + 2000).toUTCString());
  assert.ok(date >= 800 && date < 2500, `a date has whole seconds: ${date}`);
  assert.ok((await gap("Sun, 06 Nov 1994 08:49:37 GMT")) < 500, "a date that has passed");
});

test("an invalid Retry-After is ignored", async () => {
  for (const bad of ["soon", "-5", "1.5", "1e3", "0x10", "2099-01-01", "", "NaN", "é", "Infinity", "1, 2"]) {
    await withoutBackOff(() => acceptedCall(server, [throttled(bad)]));
    const { error } = await failedCall(server, [throttled(bad)], { maxRetries: 0 });
    assert.deepEqual([error.code, error.retryAfterMs], ["rate-limited", null], bad);
    const unavailable = await failedCall(server, [executeThen(503, "", { "Retry-After": bad })]);
    assert.deepEqual(
      [unavailable.error.code, unavailable.error.outcome, unavailable.requests.length],
      ["server-error", "unknown", 1],
      bad,
    );
  }
});

test("there are at most maxRetries retries", async () => {
  for (const maxRetries of [0, 1, 10]) {
    const steps = Array.from({ length: 11 }, () => throttled("0"));
    const { error, requests } = await failedCall(server, steps, { maxRetries });
    assert.deepEqual([error.attempts, requests.length], [maxRetries + 1, maxRetries + 1]);
  }
});

test("401 is followed by a fresh token and one retry, whatever maxRetries is", async () => {
  /** @type {boolean[]} */
  const refreshes = [];
  const token = (/** @type {{ refresh: boolean }} */ { refresh }) => (
    refreshes.push(refresh), refresh ? "fresh-token" : accessToken
  );
  const { requests } = await acceptedCall(server, [documented.tokenExpired], { accessToken: token, maxRetries: 0 });
  assert.deepEqual(refreshes, [false, true]);
  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization),
    [`Bearer ${accessToken}`, "Bearer fresh-token"],
  );
  const again = await failedCall(server, [documented.tokenExpired, throttled("0"), documented.tokenExpired], {
    accessToken: async (need) => token(need),
  });
  assert.deepEqual([again.error.code, again.error.attempts], ["unauthenticated", 3], "a second 401 is final");
});

test("401 is final if the token is a string", async () => {
  const { error, requests } = await failedCall(server, [documented.tokenExpired]);
  assert.deepEqual([error.code, requests.length], ["unauthenticated", 1]);
});

/** @type {[string, Step][]} */
const once = [
  ...[500, 502, 503, 504, 599].map(
    (status) => /** @type {[string, Step]} */ ([`${status}`, executeThen(status, "RST-360000")]),
  ),
  ...[500, 502, 504, 508].map(
    (status) =>
      /** @type {[string, Step]} */ ([`${status} with Retry-After`, executeThen(status, "", { "Retry-After": "0" })]),
  ),
  ...[400, 403, 404, 408, 409, 425].map(
    (status) =>
      /** @type {[string, Step]} */ ([`${status} with Retry-After`, refuse(status, "", { "Retry-After": "0" })]),
  ),
  ["a redirect with Retry-After", refuse(307, "", { "Retry-After": "0", Location: "/" })],
  ["a reset", (reply) => reply.execute().reset()],
  ["an end", (reply) => reply.execute().end()],
  ["a hang", hangAfterExecution],
  ["a 500 that is cut", cutBody(500, "x")],
  ["a 404 that is cut", cutBody(404, "x")],
  ['Adobe\'s "Check your URI"', documented.oops(500)],
];
for (const [what, step] of once) {
  test(`sent once: ${what}`, async () => {
    const { error, requests } = await withoutBackOff(() =>
      failedCall(server, [step], { attemptTimeoutMs: 600, maxRetries: 10, accessToken: () => accessToken }),
    );
    assert.deepEqual([error.attempts, requests.length], [1, 1]);
    // No request follows later.
    await sleep(60);
    assert.equal(server.requestsFor(workflowOf(requests)).length, 1);
  });
}

/** @param {import("../support/faulty-server.mjs").ReceivedRequest[]} requests */
const workflowOf = ([first]) => String(first?.path.split("/").at(-2));

test("an unknown outcome after a retry is unknown, and not retried", async () => {
  const { error, requests } = await failedCall(server, [throttled("0"), (reply) => reply.execute().reset()], {
    maxRetries: 10,
  });
  assert.deepEqual([error.code, error.outcome, error.attempts, requests.length], ["network", "unknown", 2, 2]);
  assert.deepEqual(
    [error.status, error.retryAfterMs, error.body],
    [null, null, null],
    "the error of the second request has nothing of the 429",
  );
});

test("a refused connection is retried, and reaches a server that has started meanwhile", async (t) => {
  const port = await freePort();
  const late = new FaultyServer();
  setTimeout(() => late.listen(port), 100);
  const baseUrl = `http://127.0.0.1:${port}`;
  t.mock.method(Math, "random", () => 0.8);
  try {
    const { receipt } = await acceptedCall(late, [], { baseUrl }, { mayMissServer: true });
    assert.equal(receipt.attempts, 2, "the refused attempt counts");
  } finally {
    await late.close();
  }
});

test("a refused connection that the caller's own fetch reports is not retried", async () => {
  let calls = 0;
  const refused = async () => {
    calls++;
    throw Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED", syscall: "connect" }),
    });
  };
  const { error } = await failedCall(server, [], { fetch: refused }, { mayMissServer: true });
  assert.deepEqual([error.code, error.outcome, calls], ["unreachable", "not-executed", 1]);
});

test("responses that are finished leave no connection open", async () => {
  const request = requestTo(server);
  const endless429 = async (/** @type {import("../support/faulty-server.mjs").Reply} */ reply) => {
    await reply.head(429, { "Retry-After": "0" });
    await reply.repeat("x", 5);
  };
  const { requests } = await acceptedCall(server, [endless429, endless429], request);
  for (const one of requests.slice(0, 2)) await until("the connection of a 429 is closed", () => one.isClosed, 500);
});
