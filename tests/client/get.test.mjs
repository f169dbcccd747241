// @ts-check
// Reading a workflow: the result, and the retry after every temporary failure. A read executes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cutBody, throttled } from "../support/faults.mjs";
import { withoutBackOff } from "./checked-calls.mjs";
import { campaign, failure, faulty, GET, json } from "./servers.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */

test("a workflow is returned as its JSON, and the request is the documented one", async () => {
  const { client, log } = await campaign();
  const workflow = await client.get("WKF106");
  assert.match(String(workflow.PKey), /^@/);
  assert.match(String(workflow.activities?.activity?.signal1?.trigger?.href), /\/trigger\/$/);
  assert.equal(workflow.state, "Started");
  const [request, ...more] = await log();
  assert.deepEqual(
    [request?.method, request?.problem, request?.status, request?.body, more],
    ["GET", null, 200, "", []],
  );
  assert.equal(request?.path, "/acme-mkt-stage/campaign/workflow/execution/WKF106");
});

/** @type {Record<string, Step>} */
const passing = {
  "a lost connection": (reply) => reply.reset(),
  500: (reply) => reply.respond(500, { body: "RST-360011 An error" }),
  "502 with a page": (reply) => reply.respond(502, { headers: { "Content-Type": "text/html" }, body: "<html>" }),
  "503 without Retry-After": (reply) => reply.respond(503),
  429: throttled("0"),
  "a body that breaks off": cutBody(200, "{"),
  "a page with status 200": (reply) => reply.respond(200, { headers: { "Content-Type": "text/html" }, body: "<html>" }),
  "an empty 200": (reply) => reply.respond(200),
  "a list": json([1]),
  "a text that is no JSON": (reply) =>
    reply.respond(200, { headers: { "Content-Type": "application/json" }, body: '{"PKey":' }),
  "bytes that are no UTF-8": (reply) =>
    reply.respond(200, { headers: { "Content-Type": "application/json" }, body: Buffer.from([0x7b, 0xff, 0x7d]) }),
};

for (const [name, step] of Object.entries(passing)) {
  test(`${name} is followed by a retry`, async () => {
    const { server, client } = await faulty();
    server.script(GET, [step, step, json({ PKey: "@a" })]);
    assert.deepEqual(await withoutBackOff(() => client.get("WKF1")), { PKey: "@a" });
    assert.deepEqual(
      server.requests.map(({ method, body }) => method + body),
      ["GET", "GET", "GET"],
    );
  });

  test(`${name}, again and again, ends as not-executed`, async () => {
    const { server, client } = await faulty({ maxRetries: 1 });
    server.script(GET, [step, step, step]);
    const error = await withoutBackOff(() => failure(client.get("WKF1")));
    assert.deepEqual([error.outcome, error.attempts, server.requests.length], ["not-executed", 2, 2]);
    assert.ok(["network", "server-error", "rate-limited", "bad-response"].includes(error.code), error.code);
  });
}

test("the deadline of an attempt is followed by a retry, the call's deadline ends it", async () => {
  const { server, client } = await faulty({ attemptTimeoutMs: 150 });
  server.script(GET, [
    () => {},
    (reply) => reply.head(200, { "Content-Type": "application/json" }),
    json({ PKey: "@a" }),
  ]);
  assert.deepEqual(await withoutBackOff(() => client.get("WKF1")), { PKey: "@a" });
  assert.equal(server.requests.length, 3);
  server.script(GET, [() => {}]);
  const error = await failure(client.get("WKF1", { timeoutMs: 100 }));
  assert.deepEqual([error.code, error.outcome, error.attempts], ["timeout", "not-executed", 1]);
});

test("a permanent failure rejects at once", async () => {
  for (const [status, code] of /** @type {const} */ ([
    [404, "not-found"],
    [403, "forbidden"],
    [401, "unauthenticated"],
    [400, "rejected"],
    [307, "redirected"],
  ])) {
    const { server, client } = await faulty();
    server.script(GET, [(reply) => reply.respond(status, { headers: { Location: "/x" }, body: "no" })]);
    const error = await failure(client.get("WKF1"));
    assert.deepEqual([error.code, error.outcome, error.attempts, server.requests.length], [code, "not-executed", 1, 1]);
  }
});

test("a gateway that reports an unknown outcome of a read does not make it unknown", async () => {
  const { server, client } = await faulty({ maxRetries: 0 });
  const body = JSON.stringify({ status: 502, code: "network", outcome: "unknown", hint: null, retryAfterMs: null });
  server.script(GET, [
    (reply) => reply.respond(502, { headers: { "Content-Type": "application/problem+json" }, body }),
  ]);
  assert.equal((await failure(client.get("WKF1"))).outcome, "not-executed");
});

test("an abort rejects with its reason", async () => {
  const { server, client } = await faulty();
  server.script(GET, [() => {}]);
  const reason = new Error("enough");
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 30);
  const error = await failure(client.get("WKF1", { signal: controller.signal }));
  assert.deepEqual([error.code, error.outcome, error.cause], ["aborted", "not-executed", reason]);
});

test("a credential that the server echoes is masked", async () => {
  const { server, client } = await faulty();
  server.script(GET, [json({ PKey: "@a", echo: "Bearer local-token" })]);
  assert.deepEqual(await client.get("WKF1"), { PKey: "@a", echo: "Bearer ***" });
});
