// @ts-check
// Every row of the README's error table, over a real socket. Each call is compared with the server's log, so a wrong outcome fails.
// `invalid-trigger` is in signal.test.mjs, `internal` in trap-command.test.mjs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { accessToken, failedCall, withoutBackOff, warmServer } from "./checked-calls.mjs";
import {
  cutBody,
  documented,
  endless,
  executeThen,
  hangAfterExecution,
  hangInBody,
  refuse,
  throttled,
} from "../support/faults.mjs";
import { FaultyServer } from "../support/faulty-server.mjs";

/** @type {FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const look = /look at the workflow before you send it again/;
const never = () => new Promise(() => {});
/** @type {Record<string, string>} */
const json = { "Content-Type": "application/json" };
/** @type {import("../support/faulty-server.mjs").Step} */
const resetAfterExecution = (reply) => reply.execute().reset();

/**
 * @typedef {object} Row
 * @property {string} when
 * @property {import("../support/faulty-server.mjs").Step[]} [steps]
 * @property {Partial<import("./checked-calls.mjs").Request>} [request]
 * @property {"not-executed" | "unknown"} outcome
 * @property {number} [executed]  how often the server executed the command; default 1 if the outcome is unknown
 * @property {number | null} [status]
 * @property {string | null} [errorCode]
 * @property {RegExp | null} [hint]
 * @property {number | null} [retryAfterMs]
 * @property {number} [attempts]
 */
/** @type {Record<string, Row[]>} what is left out is null, `attempts` 1 */
const table = {
  "invalid-argument": [
    { when: "a workflow id is empty", request: { workflowId: "" }, outcome: "not-executed", attempts: 0 },
    { when: "a token has a line break", request: { accessToken: "abc\r\nX: y" }, outcome: "not-executed", attempts: 0 },
    {
      when: "a command is none",
      request: { command: /** @type {any} */ ("restart") },
      outcome: "not-executed",
      attempts: 0,
    },
  ],
  "token-unavailable": [
    {
      when: "the function throws",
      request: {
        accessToken: () => {
          throw new Error("no");
        },
      },
      outcome: "not-executed",
      attempts: 0,
      hint: /accessToken/,
    },
    {
      when: "it rejects",
      request: { accessToken: () => Promise.reject(new Error("no")) },
      outcome: "not-executed",
      attempts: 0,
      hint: /accessToken/,
    },
    {
      when: "it gives nothing",
      request: { accessToken: /** @type {any} */ (() => undefined) },
      outcome: "not-executed",
      attempts: 0,
      hint: /accessToken/,
    },
    {
      when: "it hangs",
      request: { accessToken: never, attemptTimeoutMs: 40 },
      outcome: "not-executed",
      attempts: 0,
      hint: /accessToken/,
    },
    {
      when: "it hangs at the refresh",
      steps: [documented.tokenExpired],
      request: { accessToken: ({ refresh }) => (refresh ? never() : accessToken), attemptTimeoutMs: 100 },
      outcome: "not-executed",
      status: 401,
      hint: /accessToken/,
    },
  ],
  unauthenticated: [
    {
      when: "401",
      steps: [documented.tokenExpired],
      outcome: "not-executed",
      status: 401,
      errorCode: "401013",
      hint: /get a new one/,
    },
    {
      when: "401 again after one refresh",
      steps: [documented.tokenExpired, documented.tokenExpired],
      request: { accessToken: () => accessToken, maxRetries: 0 },
      outcome: "not-executed",
      status: 401,
      errorCode: "401013",
      hint: /get a new one/,
      attempts: 2,
    },
  ],
  forbidden: [
    {
      when: "403",
      steps: [documented.profileInvalid],
      outcome: "not-executed",
      status: 403,
      errorCode: "403023",
      hint: /product profiles/,
    },
  ],
  "not-found": [
    {
      when: "404",
      steps: [documented.notFound],
      outcome: "not-executed",
      status: 404,
      errorCode: "RST-360011",
      hint: /^Was the workflow id changed in Campaign\?$/,
    },
    {
      when: "404 of a foreign PKey",
      steps: [refuse(404, "Unable to decrypt PKey. (PKey=@x)")],
      outcome: "not-executed",
      status: 404,
      hint: /another instance/,
    },
  ],
  "rate-limited": [
    {
      when: "429 until the retries are used up",
      steps: [throttled("0"), throttled("0"), throttled("0")],
      outcome: "not-executed",
      status: 429,
      retryAfterMs: 0,
      attempts: 3,
      hint: /retryAfterMs/,
    },
    {
      when: "429 for longer than the call may take",
      steps: [throttled("60")],
      outcome: "not-executed",
      status: 429,
      retryAfterMs: 60_000,
      hint: /retryAfterMs/,
    },
    {
      when: "429 without Retry-After, and no retry",
      steps: [throttled()],
      request: { maxRetries: 0 },
      outcome: "not-executed",
      status: 429,
      hint: /retryAfterMs/,
    },
  ],
  rejected: [400, 402, 405, 408, 409, 410, 413, 415, 422, 426, 431, 451, 499].map((status) => ({
    when: String(status),
    steps: [refuse(status, "RST-360099 no")],
    outcome: "not-executed",
    status,
    errorCode: "RST-360099",
  })),
  redirected: [300, 301, 302, 303, 304, 305, 307, 308].map((status) => ({
    when: String(status),
    steps: [refuse(status, "", { Location: "http://127.0.0.1:9/" })],
    outcome: "not-executed",
    status,
    hint: /baseUrl/,
  })),
  "server-error": [
    {
      when: "500 of Campaign itself",
      steps: [executeThen(500, "RST-360000 failed\nXTK-170036 so")],
      outcome: "unknown",
      status: 500,
      errorCode: "RST-360000",
      hint: /Look at the workflow/,
    },
    ...[500, 502].map(
      (status) =>
        /** @type {Row} */ ({
          when: `${status} "Check your URI"`,
          steps: [documented.oops(status)],
          outcome: "not-executed",
          status,
          hint: status === 500 ? /organization/ : /CNAME/,
        }),
    ),
    {
      when: "503 with Retry-After until the retries are used up",
      steps: [throttled("0", 503), throttled("0", 503)],
      request: { maxRetries: 1 },
      outcome: "not-executed",
      status: 503,
      retryAfterMs: 0,
      attempts: 2,
      hint: /later/,
    },
    ...[501, 502, 503, 504, 507, 599].map(
      (status) =>
        /** @type {Row} */ ({
          when: `a proxy's ${status}`,
          steps: [executeThen(status, "<html>")],
          outcome: "unknown",
          status,
          hint: look,
        }),
    ),
    {
      when: "502 that only looks like Adobe's",
      steps: [executeThen(502, '{"code":500,"message":"Check your URI"}', json)],
      outcome: "unknown",
      status: 502,
      hint: look,
    },
    {
      when: "504 with Retry-After, which proves nothing",
      steps: [executeThen(504, "", { "Retry-After": "0" })],
      outcome: "unknown",
      status: 504,
      hint: look,
      retryAfterMs: 0,
    },
  ],
  "bad-response": [
    {
      when: "a 404 broken off",
      steps: [cutBody(404, "RST-360011 An er")],
      outcome: "not-executed",
      status: 404,
      errorCode: "RST-360011",
    },
    {
      when: "a 500 broken off",
      steps: [cutBody(500, "RST-360000 fai")],
      outcome: "unknown",
      status: 500,
      errorCode: "RST-360000",
      hint: /ook at the workflow/,
    },
    {
      when: 'a 502 "Check your URI" broken off',
      steps: [cutBody(502, '{"code":502,"message":"Check your URI')],
      outcome: "unknown",
      status: 502,
      hint: look,
    },
    { when: "a 400 without an end", steps: [endless(400)], outcome: "not-executed", status: 400 },
    { when: "a 500 without an end", steps: [endless(500)], outcome: "unknown", status: 500, hint: look },
    {
      when: "a 500 that is no text",
      steps: [executeThen(500, new Uint8Array([0x52, 0xff, 0xfe, 0x00]))],
      outcome: "unknown",
      status: 500,
      hint: look,
    },
    {
      when: "a 403 that is no gzip",
      steps: [refuse(403, "plain", { "Content-Encoding": "gzip" })],
      outcome: "not-executed",
      status: 403,
    },
  ],
  network: [
    { when: "a reset before the head", steps: [resetAfterExecution], outcome: "unknown", hint: look },
    {
      when: "a reset in the head",
      steps: [
        async (reply) => {
          await reply.execute().write("HTTP/1.1 200 OK\r\nContent-Ty");
          await reply.reset();
        },
      ],
      outcome: "unknown",
      hint: look,
    },
    { when: "an end before the head", steps: [(reply) => reply.execute().end()], outcome: "unknown", hint: look },
    {
      when: "an end in the head",
      steps: [
        async (reply) => {
          await reply.execute().write("HTTP/1.1 200 OK\r\nContent-Ty");
          reply.end();
        },
      ],
      outcome: "unknown",
      hint: look,
    },
    {
      when: "an answer that is not HTTP",
      steps: [
        async (reply) => {
          await reply.execute().write("SSH-2.0-OpenSSH_9.2\r\n");
          reply.end();
        },
      ],
      outcome: "unknown",
      hint: look,
    },
    {
      when: "a head of megabytes",
      steps: [
        async (reply) => {
          await reply.execute().head(200, { "X-Large": "x".repeat(2_000_000) });
          reply.end();
        },
      ],
      outcome: "unknown",
      hint: look,
    },
  ],
  timeout: [
    {
      when: "no head in time",
      steps: [hangAfterExecution],
      request: { attemptTimeoutMs: 100 },
      outcome: "unknown",
      hint: look,
    },
    {
      when: "no head in the call's time",
      steps: [hangAfterExecution],
      request: { timeoutMs: 100 },
      outcome: "unknown",
      hint: look,
    },
    {
      when: "a 500 that hangs",
      steps: [hangInBody(500, "XTK-170036 and")],
      request: { attemptTimeoutMs: 100 },
      outcome: "unknown",
      status: 500,
      errorCode: "XTK-170036",
      hint: /ook at the workflow/,
    },
    {
      when: "a 404 that hangs: no request was out any more",
      steps: [hangInBody(404, "RST-360011 and")],
      request: { attemptTimeoutMs: 100 },
      outcome: "not-executed",
      status: 404,
      errorCode: "RST-360011",
    },
  ],
  aborted: [
    { when: "before the call", request: { signal: AbortSignal.abort("why") }, outcome: "not-executed", attempts: 0 },
    {
      when: "while the answer is out",
      steps: [hangAfterExecution],
      request: {
        get signal() {
          return AbortSignal.timeout(60);
        },
      },
      outcome: "unknown",
      hint: look,
    },
    {
      when: "in a wait after 429",
      steps: [throttled("20")],
      request: {
        get signal() {
          return AbortSignal.timeout(80);
        },
      },
      outcome: "not-executed",
      status: 429,
      retryAfterMs: 20_000,
    },
    {
      when: "in the token function",
      request: {
        accessToken: never,
        get signal() {
          return AbortSignal.timeout(60);
        },
      },
      outcome: "not-executed",
      attempts: 0,
    },
    {
      when: "in the body of a 500",
      steps: [hangInBody(500, "x")],
      request: {
        get signal() {
          return AbortSignal.timeout(80);
        },
      },
      outcome: "unknown",
      status: 500,
      hint: look,
    },
    {
      when: "in the body of a 400",
      steps: [hangInBody(400, "x")],
      request: {
        get signal() {
          return AbortSignal.timeout(80);
        },
      },
      outcome: "not-executed",
      status: 400,
    },
  ],
};

for (const [code, rows] of Object.entries(table)) {
  for (const { when, steps = [], request = {}, outcome, executed = outcome === "unknown" ? 1 : 0, ...row } of rows) {
    test(`${code}: ${when}`, async () => {
      const connections = server.connections;
      const result = await failedCall(server, steps, request);
      assert.deepEqual(
        { code: result.error.code, outcome: result.error.outcome, executed: result.executed },
        { code, outcome, executed },
      );
      check(result.error, row);
      if (result.error.attempts === 0)
        assert.equal(server.connections, connections, "nothing is sent, and no connection is made");
    });
  }
}

/** @param {import("campaign-workflow").WorkflowCommandError} error @param {Partial<Row>} expected */
function check(error, { status = null, errorCode = null, hint = null, retryAfterMs = null, attempts = 1 }) {
  const { status: s, errorCode: c, retryAfterMs: r, attempts: a } = error;
  assert.deepEqual(
    { status: s, errorCode: c, retryAfterMs: r, attempts: a },
    { status, errorCode, retryAfterMs, attempts },
  );
  if (hint) assert.match(String(error.hint), hint);
  else assert.equal(error.hint, null);
}

/** The row of `unreachable`: a port that nothing listens on any more. @returns {Promise<number>} */
async function closedPort() {
  const listening = createServer();
  await new Promise((resolve) => listening.listen(0, "127.0.0.1", () => resolve(0)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (listening.address());
  await new Promise((resolve) => listening.close(resolve));
  return port;
}

for (const host of ["127.0.0.1", "localhost"]) {
  test(`unreachable: nothing listens on ${host}`, async () => {
    const baseUrl = `http://${host}:${await closedPort()}`;
    const { error } = await withoutBackOff(() => failedCall(server, [], { baseUrl }, { mayMissServer: true }));
    assert.deepEqual([error.code, error.outcome], ["unreachable", "not-executed"]);
    check(error, { attempts: 3, hint: /baseUrl/ });
    assert.match(String(/** @type {any} */ (error.cause).message), /ECONNREFUSED/);
  });
}

test("network: the connection is reset before a byte of the request is read", async () => {
  const resetting = await new FaultyServer().listen();
  resetting.atConnect = (socket) => void setTimeout(() => socket.resetAndDestroy(), 30);
  const { error } = await failedCall(resetting, [], {}, { mayMissServer: true });
  assert.deepEqual(
    [error.code, error.outcome],
    ["network", "unknown"],
    "the request was written, so the outcome can't be known",
  );
  check(error, { hint: look });
  assert.equal(resetting.connections, 1, "and it is not sent again");
  await resetting.close();
});

test("every code of the declarations has a row", () => {
  const declarations = readFileSync(new URL("../../js/index.d.ts", import.meta.url), "utf8");
  const union = /type WorkflowCommandErrorCode =([^;]+);/.exec(declarations)?.[1] ?? "";
  const codes = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  assert.equal(codes.length, 16);
  assert.deepEqual(new Set(codes), new Set([...Object.keys(table), "unreachable", "invalid-trigger", "internal"]));
});
