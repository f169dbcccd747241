// @ts-check
// What all routes of the Worker have in common: allowed pages, hidden details, headers of every response; and how commands for later
// are accepted and retried.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, afterEach, before, describe, test } from "node:test";
import { startExample } from "./example.mjs";
import { secrets } from "../support/secrets.mjs";
import { until } from "../support/wait.mjs";
import { call, command, historyOf, idOf, pathOf, stateOf } from "../support/worker-client.mjs";

const page = "https://page.example";
const post = (/** @type {unknown} */ body) => ({ method: "POST", body });
const bulk = (/** @type {any[]} */ ...commands) => post({ commands });
const start = { workflowId: "WKF1", command: "start" };

/** Each route: its address for a workflow, its methods, and a request to it. @type {[string, (id: string) => string, string, (id: string) => object][]} */
const routes = [
  ["a command", (id) => pathOf(id), "POST", () => post({ method: "start" })],
  ["the workflow", (id) => pathOf(id, "").slice(0, -1), "GET", () => ({})],
  ["a signal", (id) => pathOf(id, "activities/activity/a/trigger/"), "POST", () => post({ source: "API" })],
  ["the history", (id) => pathOf(id, "history"), "GET", () => ({})],
  ["many commands", () => "/api/queue", "POST", (id) => bulk({ ...start, workflowId: id })],
  ["a state", (id) => `/api/queue/${idOf(id, "none")}`, "GET, DELETE", () => ({})],
  ["a cancellation", (id) => `/api/queue/${idOf(id, "none")}`, "GET, DELETE", () => ({ method: "DELETE" })],
  ["the list", () => "/api/workflows", "GET", () => ({})],
];

/** @type {import("./example.mjs").Example} */
let example;
const url = () => example.url();
before(async () => {
  const WORKFLOWS = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`WKF${i}`, ["start", "stop", "read", "signal"]]),
  );
  example = await startExample({
    bindings: { WORKFLOWS, ALLOWED_ORIGINS: [page], MAX_TRIES: 3, RETRY_MS: 1, TIMEOUT_MS: 3000 },
  });
});
after(() => example.close());
afterEach(() => example.campaign.emulator.clearFaults());

describe("a listed page", () => {
  for (const [what, path, methods] of routes) {
    test(`may call ${what}`, async () => {
      for (const requestedMethod of methods.split(", ")) {
        const headers = { authorization: "", origin: page, "access-control-request-method": requestedMethod };
        const answer = await call(url(), path("WKF1"), { method: "OPTIONS", headers });
        const allowed = (/** @type {string} */ name) => answer.headers.get(`access-control-allow-${name}`);
        assert.deepEqual([answer.status, allowed("origin"), allowed("methods")], [204, page, methods]);
        for (const name of ["authorization", "content-type", "idempotency-key", "prefer", "delay-seconds"])
          assert.ok(allowed("headers")?.includes(name), name);
      }
    });
  }

  test("may read the Location of its queued command, and the errors", async () => {
    const headers = { origin: page, prefer: "respond-async" };
    const taken = await command(url(), "WKF1", "start", headers);
    assert.deepEqual([taken.status, taken.headers.get("access-control-allow-origin")], [202, page]);
    assert.match(taken.headers.get("access-control-expose-headers") ?? "", /Location/);
    const state = await call(url(), taken.headers.get("location") ?? "", { headers: { origin: page } });
    assert.deepEqual([state.status, state.headers.get("access-control-allow-origin")], [200, page]);
    const many = await call(url(), "/api/queue", { ...bulk(start), headers: { origin: page } });
    assert.deepEqual([many.status, many.headers.get("access-control-allow-origin")], [202, page]);
  });
});

describe("every response", () => {
  for (const [what, path, , options] of routes) {
    test(`to ${what} is not cached, and its content type not guessed`, async () => {
      const ways = [
        {},
        { headers: { authorization: "" } },
        { headers: { origin: "https://evil.example" } },
        { method: "PUT" },
      ];
      for (const way of ways) {
        const { status, headers } = await call(url(), path("WKF1"), { ...options("WKF1"), ...way });
        const actual = ["cache-control", "x-content-type-options", "vary"].map((name) => headers.get(name));
        assert.deepEqual(actual, ["no-store", "nosniff", "Origin"], `${status} ${JSON.stringify(way)}`);
      }
    });
  }

  test("to a caller without rights is the same", async () => {
    const actual = new Set();
    for (const [what, path, , options] of routes) {
      for (const id of ["WKF1", "WKF99"]) {
        const { status, text } = await call(url(), path(id), {
          ...options(id),
          headers: { authorization: "Bearer another" },
        });
        // In a bulk request each command has this response.
        actual.add(
          what === "many commands" ? `${status} ${JSON.stringify(JSON.parse(text).commands[0])}` : `${status} ${text}`,
        );
      }
    }
    const kinds = new Set([...actual].map((text) => JSON.stringify(Object.entries(JSON.parse(text.slice(4))).sort())));
    assert.equal(kinds.size, 1, [...actual].join("\n"));
    assert.ok(
      [...actual].every((text) => text.startsWith("403 ")),
      [...actual].join("\n"),
    );
  });

  test("and the history are free of Adobe's HTML pages", async () => {
    await example.campaign.emulator.addFault({ kind: "html", workflowId: "WKF2" });
    const answer = await example.send("WKF2", "html");
    assert.equal(answer.status, 502);
    assert.doesNotMatch(answer.text, /<html|<body|<!doctype/i);
    assert.doesNotMatch(JSON.stringify(await historyOf(url(), "WKF2")), /<html|<body|<!doctype/i);
  });
});

describe("many commands", () => {
  test("in a chunked body are accepted", async () => {
    const text = JSON.stringify({ commands: [{ workflowId: "WKF3", command: "start" }] });
    const status = await new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${secrets.callerKey}`,
        "content-type": "application/json",
        "transfer-encoding": "chunked",
      };
      const outgoing = request(
        new URL("/api/queue", url()),
        { method: "POST", headers, agent: false },
        (answer) => (answer.resume(), resolve(answer.statusCode)),
      );
      outgoing.on("error", reject);
      outgoing.end(text);
    });
    assert.equal(status, 202);
    await until("the command", async () => (await example.executions("WKF3")) === 1);
  });

  test("in a body that never ends get 408 at the deadline", async () => {
    const startedAt = performance.now();
    const status = await new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": "1000" };
      const outgoing = request(
        new URL("/api/queue", url()),
        { method: "POST", headers, agent: false },
        (answer) => (outgoing.destroy(), resolve(answer.statusCode)),
      );
      outgoing.on("error", reject);
      outgoing.write('{"commands":');
    });
    assert.equal(status, 408);
    assert.ok(performance.now() - startedAt < 6000);
  });

  test("with a misspelt field are refused", async () => {
    const { status } = await call(
      url(),
      "/api/queue",
      bulk({ workflowId: "WKF4", command: "start", delaySecond: 600 }),
    );
    assert.equal(status, 400);
    assert.equal(await example.requests("WKF4"), 0);
  });
});

describe("many commands that are all refused temporarily", () => {
  before(() => example.restart({ MAX_WAITING: 1 }));
  after(() => example.restart());

  test("have a Retry-After header", async () => {
    const later = { workflowId: "WKF8", command: "start", delaySeconds: 600 };
    const statuses = [];
    for (let i = 0; i < 2; i += 1) {
      const { status, headers } = await call(url(), "/api/queue", bulk(later));
      statuses.push([status, headers.get("retry-after")]);
    }
    assert.deepEqual(statuses, [
      [202, null],
      [429, "60"],
    ]);
  });
});

test("the response to an invalid variable is not cached either", async () => {
  await example.restart({ WORKFLOWS: "WKF1" });
  const { status, headers } = await call(url(), "/api/workflows");
  const actual = ["cache-control", "x-content-type-options", "vary"].map((name) => headers.get(name));
  assert.deepEqual([status, ...actual], [503, "no-store", "nosniff", "Origin"]);
  await example.restart();
});

describe("a command for later", () => {
  test("may have a delay only with Prefer, so it is never sent at once by mistake", async () => {
    const { status, body } = await command(url(), "WKF5", "start", { "delay-seconds": "600" });
    assert.deepEqual([status, body.outcome], [400, "not-executed"]);
    assert.equal(await example.requests("WKF5"), 0);
  });

  test("keeps its delay: the same key with another delay is refused", async () => {
    const later = (/** @type {string} */ delay) =>
      command(url(), "WKF6", "start", { prefer: "respond-async", "delay-seconds": delay, "idempotency-key": "later" });
    assert.deepEqual(
      [(await later("600")).status, (await later("600")).status, (await later("0")).status],
      [202, 202, 422],
    );
  });

  test("is retried after a second at the earliest, and MAX_TRIES times at most", async () => {
    await example.campaign.emulator.addFault({
      kind: "throttled",
      retryAfterSeconds: 0,
      times: null,
      workflowId: "WKF7",
    });
    await example.send("WKF7", "throttled", { headers: { prefer: "respond-async" } });
    await until("the end", async () => (await stateOf(url(), "WKF7", "throttled")).body.state === "failed");
    const times = (await example.campaign.emulator.log())
      .filter(({ workflowId }) => workflowId === "WKF7")
      .map(({ at }) => at);
    assert.equal(times.length, 3);
    for (const [index, at] of times.slice(1).entries()) assert.ok(at - (times[index] ?? 0) >= 990, `${times}`);
  });
});

describe("without a list of workflows", () => {
  before(() => example.restart({ WORKFLOWS: undefined }));
  after(() => example.restart());

  for (const id of ["..%2F..", "%2e%2e", "%5C", "%252e%252e", "a%2Fb", "%E2%80%AE", "%00", "%0a"]) {
    test(`the id ${id} does not reach Campaign as another address`, async () => {
      const answer = await call(url(), pathOf(id), post({ method: "start" }));
      assert.ok([400, 404].includes(answer.status), answer.text);
      assert.equal((await example.campaign.emulator.log()).filter(({ path }) => !path.includes("/WKF")).length, 0);
    });
  }
});

test("only the value true turns the demo's sign-in on", async () => {
  for (const value of ["false", "", "0", "no", false, 1]) {
    await example.restart({ DEMO_SIGN_IN: value });
    assert.equal((await call(url(), "/sign-in")).status, 404, JSON.stringify(value));
    const { status } = await call(url(), pathOf("WKF1", "history"), {
      headers: { authorization: "", cookie: "campaign-workflow-demo-role=operator" },
    });
    assert.equal(status, 403, JSON.stringify(value));
  }
  await example.restart();
});
