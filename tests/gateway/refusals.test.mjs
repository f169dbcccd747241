// @ts-check
// Everything that the gateway refuses, in Node and in workerd. Campaign's log shows that nothing was sent.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startCampaign } from "../support/campaign.mjs";
import { organization } from "../support/secrets.mjs";
import { commandRequest, inNode, inWorkerd, optionsFor, pageOrigin, pathOf, problemIn } from "./setup.mjs";

/**
 * @typedef {object} Refused
 * @property {string} what
 * @property {Parameters<typeof commandRequest>[0]} request
 * @property {number} status
 * @property {string} code
 * @property {string} [allow]
 */

const workflowPath = pathOf("WKF101").replace("/commands", "");
const triggerPath = (/** @type {string} */ activity) => `${workflowPath}/activities/activity/${activity}/trigger/`;

/** @param {string} body */
const signal = (body) => ({ path: triggerPath("@a"), body });

/** @param {string} text */
const json = (text) => ({ body: text });
const long = `{"method":"start"${" ".repeat(4096)}}`;

/** @param {string} text */
const streamed = (text) =>
  new ReadableStream({
    start: (controller) => (controller.enqueue(new TextEncoder().encode(text)), controller.close()),
  });

/** Made for each runtime, because a stream can be read once. @returns {Refused[]} */
const refusals = () => [
  ...[
    "/",
    "/nothing",
    `${workflowPath}/`,
    `${workflowPath}/history`,
    triggerPath("a/b"),
    triggerPath("%2e%2e"),
    `${triggerPath("a")}/`,
    `${pathOf("WKF101")}/`,
    `/x${pathOf("WKF101")}`,
    pathOf("%ff"),
    pathOf("%20WKF101"),
    pathOf("a%00"),
    pathOf(""),
  ].map((path) => ({ what: `address ${path}`, request: { path }, status: 404, code: "not-found" })),
  { what: "an unknown address with GET", request: { path: "/", method: "GET" }, status: 404, code: "not-found" },
  ...["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"].map((method) => ({
    what: `method ${method}`,
    request: { method },
    status: 405,
    code: "rejected",
  })),
  ...["POST", "HEAD", "PUT", "OPTIONS"].map((method) => ({
    what: `method ${method} for a workflow`,
    request: { method, path: workflowPath },
    status: 405,
    code: "rejected",
    allow: "GET, OPTIONS",
  })),
  ...["GET", "PUT"].map((method) => ({
    what: `method ${method} for a trigger`,
    request: { method, path: triggerPath("a") },
    status: 405,
    code: "rejected",
  })),
  ...[
    "null",
    "https://evil.example",
    "https://app.example.evil",
    "http://app.example",
    "https://APP.example",
    `${pageOrigin}, ${pageOrigin}`,
    "https://gateway.example",
  ].map((origin) => ({ what: `origin ${origin}`, request: { headers: { origin } }, status: 403, code: "forbidden" })),
  ...["k-1", "two words", "k".repeat(256)].map((key) => ({
    what: `the key "${key.slice(0, 12)}"`,
    request: { headers: { "idempotency-key": key } },
    status: 400,
    code: "invalid-argument",
  })),
  {
    what: "a read with a key",
    request: { path: workflowPath, method: "GET", headers: { "idempotency-key": "k-1" } },
    status: 400,
    code: "invalid-argument",
  },
  {
    what: "a signal with a key",
    request: { ...signal('{"source":"API"}'), headers: { "idempotency-key": "k-1" } },
    status: 400,
    code: "invalid-argument",
  },
  ...[
    "",
    "[]",
    "{}",
    '{"source":""}',
    '{"source":1}',
    '{"source":"API","more":1}',
    '{"source":"API","parameters":null}',
    '{"source":"API","parameters":{"a":null}}',
    '{"source":"API","parameters":{"a":[1]}}',
    '{"source":"API","source":"API"}',
  ].map((body) => ({
    what: `signal ${body}`,
    request: signal(body),
    status: 400,
    code: "invalid-argument",
  })),
  {
    what: "a signal over 64 KiB",
    request: signal(`{"source":"${"x".repeat(65_536)}"}`),
    status: 413,
    code: "rejected",
  },
  {
    what: "a signal that is not JSON",
    request: { ...signal('{"source":"API"}'), headers: { "content-type": "text/plain" } },
    status: 415,
    code: "rejected",
  },
  {
    what: "to read a workflow that is not listed",
    request: { method: "GET", path: workflowPath.replace("WKF101", "WKF105") },
    status: 404,
    code: "not-found",
  },
  {
    what: "to read a workflow that may only be started",
    request: { method: "GET", path: workflowPath },
    status: 404,
    code: "not-found",
  },
  { what: "a signal that is not listed", request: signal('{"source":"API"}'), status: 404, code: "not-found" },
  { what: "a body over the limit", request: json(long), status: 413, code: "rejected" },
  {
    what: "a streamed body over the limit",
    request: json(/** @type {any} */ (streamed(long))),
    status: 413,
    code: "rejected",
  },
  ...[
    null,
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
  ].map((type) => ({
    what: `content type ${type}`,
    request: {
      headers: { "content-type": type },
      body: type === null ? streamed('{"method":"start"}') : '{"method":"start"}',
    },
    status: 415,
    code: "rejected",
  })),
  ...[
    "",
    "{",
    "[]",
    "null",
    '"start"',
    '{"method":"Start"}',
    '{"method":"restart"}',
    '{"method":["start"]}',
    '{"method":"start","method":"stop"}',
    '{"method":"start","more":1}',
  ].map((body) => ({
    what: `body ${body}`,
    request: { body },
    status: 400,
    code: "invalid-argument",
  })),
  { what: "another organization", request: { path: pathOf("WKF101", "other") }, status: 404, code: "not-found" },
  { what: "a workflow that is not listed", request: { path: pathOf("WKF105") }, status: 404, code: "not-found" },
  { what: "a command that is not listed", request: json('{"method":"stop"}'), status: 404, code: "not-found" },
  ...["nobody", "truthy", "object", "later-no"].map((who) => ({
    what: `caller ${who}`,
    request: { headers: { authorization: `Bearer ${who}` } },
    status: 403,
    code: "forbidden",
  })),
  ...["throws", "rejects", "hangs"].map((who) => ({
    what: `authorize that ${who}`,
    request: { headers: { authorization: `Bearer ${who}` } },
    status: 500,
    code: "internal",
  })),
];

for (const [runtime, start] of /** @type {const} */ ([
  ["Node", inNode],
  ["workerd", inWorkerd],
])) {
  describe(`in ${runtime}`, () => {
    /** @type {Awaited<ReturnType<typeof startCampaign>>} */
    let campaign;
    /** @type {import("./setup.mjs").RunningGateway} */
    let gateway;
    before(async () => {
      campaign = await startCampaign();
      gateway = await start(
        optionsFor(campaign.url, { workflows: { WKF101: ["start"], "@pk/é": ["pause"] }, timeoutMs: 500 }),
      );
    });
    after(async () => (await gateway?.close(), await campaign?.close()));

    for (const { what, request, status, code, allow = "POST, OPTIONS" } of refusals()) {
      test(`refuses ${what}`, async () => {
        const httpRequest = commandRequest(request);
        const response = await gateway.fetch(httpRequest);
        assert.equal(response.status, status);
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
        assert.equal(response.headers.get("vary"), "Origin");
        assert.equal(response.headers.get("access-control-allow-origin"), null);
        assert.equal(response.headers.get("allow"), status === 405 ? allow : null);
        if (httpRequest.method !== "HEAD") {
          const problem = await problemIn(response);
          assert.deepEqual([problem.code, problem.outcome], [code, "not-executed"]);
        }
        assert.equal((await campaign.log()).length, 0);
      });
    }

    test("all 404 responses are equal, byte for byte", async () => {
      const requests = [
        { path: "/" },
        { path: pathOf("WKF105") },
        { path: pathOf("WKF101", "other") },
        json('{"method":"stop"}'),
      ];
      for (const origin of [null, pageOrigin]) {
        const responses = [];
        for (const request of requests) {
          const response = await gateway.fetch(commandRequest({ ...request, headers: { origin } }));
          const headers = [...response.headers].filter(([name]) => name !== "date");
          responses.push(JSON.stringify([response.status, headers, await response.text()]));
        }
        assert.equal(new Set(responses).size, 1, responses.join("\n"));
      }
    });

    test("a caller without rights gets the same 403 for everything", async () => {
      const requests = [
        { path: pathOf("WKF101") },
        { path: pathOf("WKF105") },
        { path: pathOf("WKF101", "other") },
        json('{"method":"stop"}'),
        { method: "GET", path: workflowPath },
        { method: "GET", path: workflowPath.replace("WKF101", "none") },
        signal('{"source":"API"}'),
      ];
      const responses = [];
      for (const request of requests) {
        const response = await gateway.fetch(
          commandRequest({ ...request, headers: { authorization: "Bearer nobody" } }),
        );
        const headers = [...response.headers].filter(([name]) => name !== "date");
        responses.push(JSON.stringify([response.status, headers, await response.text()]));
      }
      assert.equal(new Set(responses).size, 1, responses.join("\n"));
      assert.match(responses[0] ?? "", /^\[403,/);
      assert.equal((await campaign.log()).length, 0);
    });

    test("requests that a page can send without a preflight are refused", async () => {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
        for (const origin of [null, pageOrigin, "https://evil.example"]) {
          const response = await gateway.fetch(commandRequest({ headers: { "content-type": type, origin } }));
          assert.ok([403, 415].includes(response.status));
        }
      }
      assert.equal((await campaign.log()).length, 0);
    });

    test("a valid command reaches Campaign, once", async () => {
      for (const who of ["alice", "alice-later"]) {
        await campaign.emulator.clearLog();
        const response = await gateway.fetch(
          commandRequest({
            headers: { authorization: `Bearer ${who}`, "x-trace": "caller", cookie: "a=b", "x-api-key": "callers" },
          }),
        );
        assert.equal(response.status, 200);
        const [sent, ...others] = await campaign.log();
        assert.deepEqual(others, []);
        assert.equal(sent?.problem, null);
        assert.deepEqual([sent?.organization, sent?.workflowId, sent?.command], [organization, "WKF101", "start"]);
        for (const theirs of ["alice", "caller", "cookie", "gateway.example"])
          assert.ok(!JSON.stringify(sent).includes(theirs), theirs);
      }
    });
  });
}
