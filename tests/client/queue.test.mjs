// @ts-check
// Commands for later, to servers that respond correctly, wrongly or not at all, compared with the server's log.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkflowClient } from "campaign-workflow/client";
import { withoutBackOff } from "./checked-calls.mjs";
import { cutBody, throttled } from "../support/faults.mjs";
import { sleep } from "../support/wait.mjs";
import { credentials, failure, faulty } from "./servers.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */

const QUEUE = "queue";
const id = "WyJhY21lIl0";
const entry = { id, organization: "acme", workflowId: "WKF1", command: "start", state: "queued", outcome: null };

/** @param {number} status @param {unknown} value @returns {Step} */
const json = (status, value) => (reply) =>
  reply.respond(status, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
/** @param {number} status @param {object} value @returns {Step} */
const problem = (status, value) => (reply) =>
  reply.respond(status, {
    headers: { "Content-Type": "application/problem+json" },
    body: JSON.stringify({ status, hint: null, ...value }),
  });

test("a command is queued at the command's address, with the headers that request a later execution", async () => {
  const { server, client } = await faulty();
  server.script("WKF1", [json(202, entry), json(202, entry)]);
  assert.deepEqual(await client.enqueue("WKF1", "start", { delaySeconds: 604_800, idempotencyKey: "k" }), entry);
  assert.deepEqual(await client.enqueue("WKF1", "stop"), entry);
  const [late, now] = server.requests;
  assert.deepEqual(
    [late?.method, late?.path, late?.body],
    ["POST", "/acme/campaign/workflow/execution/WKF1/commands", '{"method":"start"}'],
  );
  const partsOf = (/** @type {typeof late} */ requests) =>
    ["prefer", "delay-seconds", "idempotency-key"].map((name) => requests?.headers[name]);
  assert.deepEqual(partsOf(late), ["respond-async", "604800", "k"]);
  assert.deepEqual(partsOf(now), ["respond-async", undefined, undefined]);
});

test("it is read and cancelled by its id, without a body or a key", async () => {
  const { server, client } = await faulty();
  server.script(QUEUE, [json(200, entry), json(200, { ...entry, state: "cancelled" })]);
  assert.equal((await client.queued(id)).state, "queued");
  assert.equal((await client.cancel(id)).state, "cancelled");
  assert.deepEqual(
    server.requests.map(({ method, path, body }) => [method, path, body]),
    [
      ["GET", `/queue/${id}`, ""],
      ["DELETE", `/queue/${id}`, ""],
    ],
  );
});

/** @type {Record<string, Step>} */
const notQueued = {
  "an empty 200": (reply) => reply.execute().respond(200),
  "an empty 202": (reply) => reply.execute().respond(202),
  "an entry with 200": json(200, entry),
  "a list": json(202, [entry]),
  "no id": json(202, { ...entry, id: undefined }),
  "an empty id": json(202, { ...entry, id: "" }),
  "an id that is no text": json(202, { ...entry, id: 5 }),
  "a state that nobody knows": json(202, { ...entry, state: "done" }),
  "no state": json(202, { id }),
  "a page": (reply) => reply.execute().respond(202, { headers: { "Content-Type": "text/html" }, body: "<html>" }),
};
for (const [what, step] of Object.entries(notQueued)) {
  test(`a server that ignores Prefer and responds with ${what}: unknown, and sent once, also with a key`, async () => {
    for (const idempotencyKey of [undefined, "k"]) {
      const { server, client } = await faulty();
      server.script("WKF1", [step]);
      const error = await failure(client.enqueue("WKF1", "start", { idempotencyKey }));
      assert.deepEqual(
        [error.code, error.outcome, error.attempts, server.requests.length],
        ["bad-response", "unknown", 1, 1],
      );
      assert.match(error.message, /not a queued command/);
      assert.match(String(error.hint), /may have been queued or executed/);
    }
  });
}

test("a command that may have been queued is repeated only with a key", async () => {
  /** @type {[Step, string][]} */
  const doubts = [
    [(reply) => reply.execute().reset(), "network"],
    [cutBody(202, JSON.stringify(entry).slice(0, 20)), "bad-response"],
    [(reply) => void reply.head(202, { "Content-Type": "application/json" }), "timeout"],
    [problem(502, { code: "server-error", outcome: "unknown" }), "server-error"],
  ];
  for (const [step, code] of doubts) {
    const { server, client } = await faulty({ attemptTimeoutMs: 200 });
    server.script("WKF1", [step, step, json(202, entry)]);
    const error = await failure(client.enqueue("WKF1", "start"));
    assert.deepEqual([error.code, error.outcome, error.attempts, server.requests.length], [code, "unknown", 1, 1]);
    assert.match(String(error.hint), /history/);
    server.script("WKF2", [step, step, json(202, entry)]);
    assert.deepEqual(await withoutBackOff(() => client.enqueue("WKF2", "start", { idempotencyKey: "k" })), entry);
    assert.deepEqual(
      server.requestsFor("WKF2").map(({ headers }) => headers["idempotency-key"]),
      ["k", "k", "k"],
    );
  }
});

test("a command that was certainly not queued is repeated, also without a key", async () => {
  const { server, client } = await faulty();
  server.script("WKF1", [throttled("0"), throttled("0"), json(202, entry)]);
  assert.deepEqual(await withoutBackOff(() => client.enqueue("WKF1", "start")), entry);
  assert.equal(server.requests.length, 3);
});

test("a key whose command has failed: the call rejects with its problem", async () => {
  const { server, client } = await faulty();
  server.script("WKF1", [
    problem(404, { code: "not-found", outcome: "not-executed", detail: "It is not there.", stored: true }),
  ]);
  const error = await failure(client.enqueue("WKF1", "start", { idempotencyKey: "k" }));
  assert.deepEqual(
    [error.code, error.outcome, error.message, error.attempts],
    ["not-found", "not-executed", "It is not there.", 1],
  );
});

test("reading and cancelling are retried; only a cancellation can be unknown", async () => {
  /** @type {[Step, string][]} */
  const passing = [
    [(reply) => reply.reset(), "network"],
    [(reply) => reply.respond(500), "server-error"],
    [cutBody(200, "{"), "bad-response"],
    [(reply) => reply.respond(200), "bad-response"],
    [problem(502, { code: "server-error", outcome: "unknown" }), "server-error"],
  ];
  for (const [step, code] of passing) {
    const { server, client } = await faulty();
    for (const [name, outcome] of /** @type {const} */ ([
      ["queued", "not-executed"],
      ["cancel", "unknown"],
    ])) {
      server.script(QUEUE, [step, step, json(200, entry)]);
      assert.deepEqual(await withoutBackOff(() => client[name](id)), entry);
      server.script(QUEUE, [step, step]);
      const error = await withoutBackOff(() => failure(client[name](id, { maxRetries: 1 })));
      assert.deepEqual([error.code, error.outcome, error.attempts], [code, outcome, 2]);
    }
  }
});

test("a refused cancellation is certain, but after a retry it proves nothing about the first request", async () => {
  const { server, client } = await faulty();
  const unknownHere = problem(404, { code: "not-found", outcome: "not-executed", detail: "Nobody knows it." });
  server.script(QUEUE, [unknownHere]);
  assert.equal((await failure(client.cancel(id))).outcome, "not-executed");
  server.script(QUEUE, [(reply) => reply.execute().reset(), unknownHere]);
  const error = await withoutBackOff(() => failure(client.cancel(id)));
  assert.deepEqual([error.code, error.outcome, error.attempts], ["not-found", "unknown", 2]);
  assert.match(String(error.hint), /cancel it again/);
});

test("a response to queued or cancel that is not a queued command rejects at once", async () => {
  const { server, client } = await faulty();
  for (const [name, outcome] of /** @type {const} */ ([
    ["queued", "not-executed"],
    ["cancel", "unknown"],
  ])) {
    server.script(QUEUE, [json(200, { PKey: "@a" })]);
    const error = await failure(client[name](id));
    assert.deepEqual([error.code, error.outcome, error.attempts], ["bad-response", outcome, 1]);
  }
});

test("invalid arguments are named, and nothing is sent", async () => {
  const { server, client } = await faulty();
  /** @type {[() => Promise<unknown>, string][]} */
  const calls = [
    ...[-1, 0.5, 604_801, NaN, Infinity, "5", null, 2 ** 40].map(
      (delaySeconds) =>
        /** @type {any} */ ([
          () => client.enqueue("WKF1", "start", /** @type {any} */ ({ delaySeconds })),
          "delaySeconds",
        ]),
    ),
    ...["", "a/b", "..", "a=", "a+b", "é", "\ud800", "a".repeat(2001), 5, null, undefined, {}].flatMap((bad) =>
      /** @type {const} */ (["queued", "cancel"]).map(
        (name) => /** @type {any} */ ([() => client[name](/** @type {any} */ (bad)), "id"]),
      ),
    ),
    [() => client.enqueue("", "start"), "workflowId"],
    [() => client.enqueue("WKF1", /** @type {any} */ ("restart")), "command"],
    [() => client.enqueue("WKF1", "start", { idempotencyKey: "a b" }), "idempotencyKey"],
    [() => client.enqueue("WKF1", "start", { headers: { "Delay-Seconds": "5" } }), "headers"],
    [() => client.enqueue("WKF1", "start", { headers: { Prefer: "respond-async" } }), "headers"],
    [() => client.start("WKF1", { headers: { "delay-seconds": "5" } }), "headers"],
  ];
  for (const [call, named] of calls) {
    const error = await failure(call());
    assert.deepEqual([error.code, error.outcome, error.attempts], ["invalid-argument", "not-executed", 0]);
    assert.match(error.message, new RegExp(`^${named} `));
  }
  assert.deepEqual(server.requests, []);
});

test("Adobe's host has no queue, and gets no request", async () => {
  let partsOf = 0;
  const fetch = async () => (partsOf++, new Response(null, { status: 200 }));
  const client = new WorkflowClient({ organization: "acme", ...credentials, fetch });
  for (const call of [client.enqueue("WKF1", "start"), client.queued(id), client.cancel(id)]) {
    const error = await failure(call);
    assert.deepEqual([error.code, error.outcome, error.attempts], ["invalid-argument", "not-executed", 0]);
    assert.match(error.message, /^baseUrl must not be Adobe's host/);
  }
  assert.equal(partsOf, 0);
});

test("an abort and close end these calls", async () => {
  const { server, client } = await faulty();
  server.script("WKF1", [() => {}]);
  server.script(QUEUE, [() => {}, () => {}]);
  const calls = [client.enqueue("WKF1", "start"), client.queued(id), client.cancel(id)].map(failure);
  while (server.requests.length < 3) await sleep(5);
  client.close();
  const errors = await Promise.all(calls);
  assert.deepEqual(
    errors.map(({ code, outcome }) => [code, outcome]),
    [
      ["aborted", "unknown"],
      ["aborted", "not-executed"],
      ["aborted", "unknown"],
    ],
  );
});
