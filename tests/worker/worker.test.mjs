// @ts-check
// The Worker: what it refuses, and its objects' keys, order and history.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { close, listen } from "../support/listen.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { bundleExample, fireTrigger, startExampleWorker } from "../support/example-worker.mjs";
import { assertNoSecrets, organization, secrets } from "../support/secrets.mjs";
import { storageFolder } from "../support/temporary-folder.mjs";
import { sleep, until } from "../support/wait.mjs";
import { call, command, historyOf, idOf, pathOf, stateOf } from "../support/worker-client.mjs";

const place = storageFolder();
const hour = 3_600_000;
/** The emulator's status for an accepted command; Adobe documents none. */
const accepted = 200;
const workflows = Array.from({ length: 40 }, (_, i) => ({ id: `WKF${i}` }));
const listed = {
  ...Object.fromEntries(workflows.map(({ id }) => [id, ["start", "pause", "resume", "stop"]])),
  WKF1: ["start"],
};

/** @type {Awaited<ReturnType<typeof bundleExample>>} */
let bundle;
/** @type {Awaited<ReturnType<typeof startCampaign>>} */
let campaign;
/** @type {import("../support/example-worker.mjs").ExampleWorker} */
let runtime;
/** @type {URL} */
let url;

/** @param {Record<string, unknown>} [bindings] */
async function start(bindings) {
  const times = { WAIT_MS: 60_000, TIMEOUT_MS: 60_000, ATTEMPT_TIMEOUT_MS: 30_000 };
  const all = {
    CAMPAIGN_URL: campaign.url,
    WORKFLOWS: listed,
    ALLOWED_ORIGINS: ["https://page.example"],
    ...times,
    ...bindings,
  };
  runtime = await startExampleWorker(bundle, join(place.folder, "objects"), all);
  url = runtime.url;
}

/** @param {Record<string, unknown>} [bindings] */
async function restart(bindings) {
  await runtime.close();
  await start(bindings);
}

before(async () => {
  bundle = await bundleExample();
  campaign = await startCampaign({ workflows });
  await start();
});

afterEach(async () => {
  await campaign.emulator.clearFaults();
  await campaign.emulator.clearLog();
});

after(async () => {
  await runtime.close();
  await campaign.close();
  place.remove();
  assertNoSecrets();
});

describe("a refused request never reaches Campaign", () => {
  const post = { method: "POST", body: { method: "start" } };
  const bulk = (/** @type {any[]} */ ...commands) => ({ method: "POST", body: { commands } });
  const start = { workflowId: "WKF2", command: "start" };
  const known = () => `/api/queue/${idOf("WKF2", "none")}`;

  /** @type {[string, number, string, object][]} */
  const refusals = [
    ["an unknown path of the API", 404, "/api/", post],
    ["an unknown path", 404, "/elsewhere", post],
    ["another organization", 404, pathOf("WKF2").replace(organization, "acme"), post],
    ["a workflow that is not listed", 404, pathOf("WKF99"), post],
    ["a command that is not listed", 404, pathOf("WKF1"), { ...post, body: { method: "stop" } }],
    ["GET of a command", 405, pathOf("WKF2"), {}],
    ["a body that is not JSON", 400, pathOf("WKF2"), { ...post, body: "{" }],
    ["an unknown command", 400, pathOf("WKF2"), { ...post, body: { method: "restart" } }],
    ["a form's content type", 415, pathOf("WKF2"), { ...post, headers: { "content-type": "text/plain" } }],
    ["a body that is too large", 413, pathOf("WKF2"), { ...post, body: { method: "start", more: "x".repeat(5000) } }],
    ["a foreign page", 403, pathOf("WKF2"), { ...post, headers: { origin: "https://evil.example" } }],
    ["a page without an origin", 403, pathOf("WKF2"), { ...post, headers: { origin: "null" } }],
    ["a caller without a key", 403, pathOf("WKF2"), { ...post, headers: { authorization: "" } }],
    [
      "a wrong secret",
      403,
      pathOf("WKF2"),
      { ...post, headers: { authorization: "Bearer the-gateway-secret-3f9c52" } },
    ],
    ["an empty secret", 403, pathOf("WKF2"), { ...post, headers: { authorization: "Bearer " } }],
    ["a key with a space", 400, pathOf("WKF2"), { ...post, headers: { "idempotency-key": "a b" } }],
    ["a key of 256 characters", 400, pathOf("WKF2"), { ...post, headers: { "idempotency-key": "k".repeat(256) } }],
    ["a key that is not ASCII", 400, pathOf("WKF2"), { ...post, headers: { "idempotency-key": "k\u00ff" } }],
    ["an invalid delay", 400, pathOf("WKF2"), { ...post, headers: { prefer: "respond-async", "delay-seconds": "-1" } }],
    [
      "a delay over a week",
      400,
      pathOf("WKF2"),
      { ...post, headers: { prefer: "respond-async", "delay-seconds": "604801" } },
    ],
    [
      "queued, without a caller's key",
      403,
      pathOf("WKF2"),
      { ...post, headers: { prefer: "respond-async", authorization: "" } },
    ],
    ["in bulk, GET", 405, "/api/queue", {}],
    ["in bulk, without a caller's key", 403, "/api/queue", { ...bulk(start), headers: { authorization: "" } }],
    [
      "in bulk, from a foreign page",
      403,
      "/api/queue",
      { ...bulk(start), headers: { origin: "https://evil.example" } },
    ],
    [
      "in bulk, a form's content type",
      415,
      "/api/queue",
      { ...bulk(start), headers: { "content-type": "text/plain" } },
    ],
    ["in bulk, none", 400, "/api/queue", bulk()],
    ["in bulk, 101", 400, "/api/queue", bulk(...Array(101).fill(start))],
    ["in bulk, a workflow that is not listed", 404, "/api/queue", bulk({ ...start, workflowId: "WKF99" })],
    ["in bulk, a path as a workflow", 404, "/api/queue", bulk({ ...start, workflowId: ".." })],
    ["in bulk, a fraction of a second", 400, "/api/queue", bulk({ ...start, delaySeconds: 0.5 })],
    ["in bulk, a key with a line", 400, "/api/queue", bulk({ ...start, idempotencyKey: "a\r\nb" })],
    ["in bulk, too large", 413, "/api/queue", bulk({ ...start, idempotencyKey: "k".repeat(70_000) })],
    ["the history, without a caller's key", 403, pathOf("WKF2", "history"), { headers: { authorization: "" } }],
    [
      "the history, for a foreign page",
      403,
      pathOf("WKF2", "history"),
      { headers: { origin: "https://evil.example" } },
    ],
    ["the history of a workflow that is not listed", 404, pathOf("WKF99", "history"), {}],
    ["POST to the history", 405, pathOf("WKF2", "history"), post],
    ["a state, without a caller's key", 403, known(), { headers: { authorization: "" } }],
    ["an unknown state", 404, known(), {}],
    ["a cancellation of an unknown command", 404, known(), { method: "DELETE" }],
    ["a cancellation, without a caller's key", 403, known(), { method: "DELETE", headers: { authorization: "" } }],
    ["POST to a state", 405, known(), post],
    [
      "a state of another organization",
      404,
      `/api/queue/${Buffer.from('["acme","WKF2","k","bearer of the key"]').toString("base64url")}`,
      {},
    ],
    ["a state with an invalid id", 404, "/api/queue/none", {}],
  ];
  for (const [what, status, path, options] of refusals) {
    test(`${what}: ${status}`, async () => {
      const answer = await call(url, path, options);
      assert.equal(answer.status, status, answer.text);
      await sleep(20);
      assert.deepEqual(await campaign.emulator.log(), []);
      const headers = { authorization: `Bearer ${secrets.callerKey}` };
      assert.deepEqual((await call(url, pathOf("WKF2", "history"), { headers })).body.commands, []);
    });
  }

  for (const [what, bindings] of /** @type {const} */ ([
    ["without a secret", undefined],
    ["with a short secret", "short"],
  ])) {
    test(`every caller, ${what}`, async () => {
      await restart({ CALLER_KEY: bindings });
      for (const given of [undefined, "", "undefined", "short"]) {
        const headers = { authorization: given === undefined ? "" : `Bearer ${given}` };
        assert.equal((await call(url, pathOf("WKF2"), { ...post, headers })).status, 403);
        assert.equal((await call(url, pathOf("WKF2", "history"), { headers })).status, 403);
      }
      assert.deepEqual(await campaign.emulator.log(), []);
      await restart();
    });
  }

  test("everything, without credentials", async () => {
    await restart({ ACCESS_TOKEN: undefined, API_KEY: undefined });
    const answer = await command(url, "WKF2", "start");
    assert.equal(answer.status, 503, answer.text);
    assert.equal(answer.body.outcome, "not-executed");
    assert.deepEqual(await campaign.emulator.log(), []);
    await restart();
  });
});

describe("an invalid variable", () => {
  for (const [name, value, what] of /** @type {const} */ ([
    ["WAIT_MS", "8s", "a whole number"],
    ["MAX_TRIES", "six", "a whole number"],
    ["TIMEOUT_MS", -1, "a whole number"],
    ["WHEN_BUSY", "later", '"wait" or "refuse"'],
    ["CAMPAIGN_URL", "http://elsewhere.example", "https"],
    ["ACCESS_TOKEN", `${secrets.accessToken} `, ""],
  ])) {
    test(`${name} is named without its value, and nothing is sent`, async () => {
      await restart({ [name]: value });
      const { status, body, text } = await command(url, "WKF33", "start");
      assert.deepEqual([status, body.code, body.outcome], [503, "token-unavailable", "not-executed"], text);
      assert.ok(body.detail.includes(`${name} must`) && body.detail.includes(what), body.detail);
      assert.ok(!text.includes(String(value)), text);
      assert.deepEqual(await campaign.emulator.log(), []);
      await restart();
    });
  }
});

describe("an Idempotency-Key", () => {
  test("of 1,000 commands at once: one is executed, and all get its response", async () => {
    const key = { "idempotency-key": "the-same" };
    const answers = await Promise.all(Array.from({ length: 1000 }, () => command(url, "WKF3", "start", key)));
    assert.equal(answers[0]?.status, accepted, answers[0]?.text);
    const different = new Set(
      answers.map(({ status, text, headers }) => `${status} ${text} ${headers.get("x-request-id")}`),
    );
    assert.equal(different.size, 1, [...different].join("\n"));
    assert.equal((await campaign.emulator.log()).length, 1);
    assert.equal((await campaign.executions()).get("WKF3 start"), 1);
    assert.equal((await historyOf(url, "WKF3")).length, 1);
  });

  test("repeats a failure, too, for 24 hours and after a restart; then it is released", async () => {
    const key = { "idempotency-key": "a-day" };
    await campaign.emulator.addFault({ kind: "lost-answer", workflowId: "WKF4" });
    const first = await command(url, "WKF4", "start", key);
    assert.equal(first.body.outcome, "unknown", first.text);
    assert.equal((await campaign.executions()).get("WKF4 start"), 1);
    for (const offset of [0, 24 * hour - 60_000]) {
      await restart({ CLOCK_OFFSET_MS: offset });
      assert.deepEqual((await command(url, "WKF4", "start", key)).body, first.body);
    }
    assert.equal((await campaign.executions()).get("WKF4 start"), 1);
    await restart({ CLOCK_OFFSET_MS: 24 * hour + 60_000 });
    assert.equal((await command(url, "WKF4", "start", key)).status, accepted);
    assert.equal((await campaign.executions()).get("WKF4 start"), 2);
    assert.equal((await historyOf(url, "WKF4")).length, 2);
    await restart();
  });

  test("is deleted by an alarm after 24 hours, without a request", async () => {
    await command(url, "WKF5", "start", { "idempotency-key": "forgotten" });
    await until("deleted", async () => {
      // Reading the history wakes the object, whose alarm then deletes the key. With the clock put back, a stored key would be found.
      await restart({ CLOCK_OFFSET_MS: 24 * hour + 1000 });
      await historyOf(url, "WKF5");
      await sleep(500);
      await restart();
      return (await stateOf(url, "WKF5", "forgotten")).status === 404;
    });
    assert.equal((await historyOf(url, "WKF5")).length, 1);
  });

  test("with another command, or queued instead of sent: 422, and nothing is sent", async () => {
    const key = { "idempotency-key": "one" };
    assert.equal((await command(url, "WKF6", "start", key)).status, accepted);
    const others = [
      command(url, "WKF6", "stop", key),
      command(url, "WKF6", "start", { ...key, prefer: "respond-async" }),
    ];
    for (const other of await Promise.all(others)) {
      assert.equal(other.status, 422, other.text);
      assert.equal(other.body.outcome, "not-executed");
    }
    assert.equal((await campaign.emulator.log()).length, 1);
    assert.equal((await command(url, "WKF7", "stop", key)).status, accepted, "another workflow has its own keys");
  });

  test("of a command that goes on after its caller disconnects", async () => {
    await campaign.emulator.addFault({ kind: "delay", delayMs: 400, workflowId: "WKF8" });
    const key = { "idempotency-key": "gone" };
    const gone = call(url, pathOf("WKF8"), {
      method: "POST",
      body: { method: "start" },
      headers: key,
      signal: AbortSignal.timeout(150),
    });
    await assert.rejects(gone);
    await until("the outcome", async () => (await stateOf(url, "WKF8", "gone")).body?.settledAt);
    const again = await command(url, "WKF8", "start", key);
    assert.equal((await campaign.emulator.log()).length, 1);
    assert.ok(again.status === accepted || again.body.outcome === "unknown", again.text);
  });
});

describe("commands of one workflow", () => {
  test("1,000 with different keys are executed one at a time, and each gets a response", async () => {
    await campaign.emulator.addFault({ kind: "delay", delayMs: 1, times: null });
    campaign.resetMostInFlight();
    const keys = Array.from({ length: 1000 }, (_, i) => ({ "idempotency-key": `turn-${i}` }));
    const answers = await Promise.all(keys.map((key) => command(url, "WKF9", "start", key)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([accepted]));
    assert.equal((await campaign.executions()).get("WKF9 start"), 1000);
    assert.equal(campaign.mostInFlight(), 1);
  });

  test("the history has the last 100, the newest first, with caller, times and outcome", async () => {
    const history = await historyOf(url, "WKF9");
    assert.equal(history.length, 100);
    const times = history.map(({ createdAt }) => Date.parse(createdAt));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
    for (const { command, who, via, outcome, sentAt, settledAt } of history) {
      assert.deepEqual(
        { command, who, via, outcome },
        { command: "start", who: "bearer of the key", via: "request", outcome: "accepted" },
      );
      assert.ok(Date.parse(sentAt) <= Date.parse(settledAt));
    }
  });

  test("a stop is sent before the starts that wait", async () => {
    await campaign.emulator.addFault({ kind: "delay", delayMs: 200, workflowId: "WKF32", times: null });
    const commands = Array.from({ length: 40 }, () => ({ workflowId: "WKF32", command: "start" }));
    assert.equal((await call(url, "/api/queue", { method: "POST", body: { commands } })).status, 202);
    const waiting = Array.from({ length: 10 }, () => command(url, "WKF32", "pause"));
    await until("some", async () => (await campaign.emulator.log()).length > 2);
    const before = (await campaign.emulator.log()).length;
    assert.equal((await command(url, "WKF32", "stop")).status, accepted);
    const sent = (await campaign.emulator.log()).map((entry) => entry.command);
    // Some are sent while the stop is on its way to the object.
    assert.ok(sent.indexOf("stop") <= before + 4, `${before} before it, and it is number ${sent.indexOf("stop")}`);
    await Promise.all(waiting);
    await until("all", async () => (await campaign.emulator.log()).length === 51);
    assert.equal(campaign.mostInFlight(), 1);
  });

  test("of different workflows do not wait for each other", async () => {
    await campaign.emulator.addFault({ kind: "delay", delayMs: 1000, workflowId: "WKF10" });
    const slow = command(url, "WKF10", "start");
    const startedAt = performance.now();
    assert.equal((await command(url, "WKF11", "start")).status, accepted);
    assert.ok(performance.now() - startedAt < 900);
    assert.equal((await slow).status, accepted);
  });

  for (const bindings of [{ WHEN_BUSY: "refuse" }, { WAIT_MS: 100 }]) {
    test(`while one is pending with ${JSON.stringify(bindings)}: 409, and the key is released`, async () => {
      const workflowId = bindings.WAIT_MS ? "WKF12" : "WKF13";
      await restart(bindings);
      await campaign.emulator.addFault({ kind: "delay", delayMs: 800, workflowId });
      const first = command(url, workflowId, "start", { "idempotency-key": "first" });
      await until("the first", async () => (await campaign.emulator.log()).length === 1);
      const [second, repeated] = await Promise.all([
        command(url, workflowId, "stop", { "idempotency-key": "second" }),
        command(url, workflowId, "start", { "idempotency-key": "first" }),
      ]);
      assert.deepEqual([second.status, second.body.outcome], [409, "not-executed"], second.text);
      assert.deepEqual([repeated.status, repeated.body.outcome], [409, "unknown"], repeated.text);
      assert.equal((await first).status, accepted);
      assert.equal((await campaign.emulator.log()).length, 1);
      assert.equal((await command(url, workflowId, "stop", { "idempotency-key": "second" })).status, accepted);
      assert.equal((await campaign.emulator.log()).length, 2);
      await restart();
    });
  }
});

describe("access tokens", () => {
  test("one request to IMS serves many workflows at once, and the commands after them", async () => {
    /** @type {string[]} */
    const tokenRequests = [];
    const ims = createServer((request, response) => {
      let body = "";
      request.on("data", (data) => (body += data));
      request.on("end", () => {
        tokenRequests.push(body);
        const answer = JSON.stringify({ access_token: secrets.accessToken, token_type: "bearer", expires_in: 86_399 });
        setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end(answer), 300);
      });
    });
    const origin = await listen(ims);
    const credential = {
      ACCESS_TOKEN: undefined,
      IMS_CLIENT_ID: secrets.apiKey,
      IMS_CLIENT_SECRET: secrets.clientSecret,
      IMS_SCOPE: "openid",
    };
    await restart({ ...credential, IMS_TOKEN_URL: `${origin}/ims/token/v3` });
    const many = await Promise.all(Array.from({ length: 10 }, (_, i) => command(url, `WKF${20 + i}`, "start")));
    many.push(await command(url, "WKF30", "start"));
    assert.deepEqual(
      many.map(({ status }) => status),
      Array(11).fill(accepted),
      many.map(({ text }) => text).join("\n"),
    );
    assert.equal(tokenRequests.length, 1);
    assert.ok(tokenRequests[0]?.includes(secrets.clientSecret));
    assert.ok(!JSON.stringify(await campaign.emulator.log()).includes(secrets.clientSecret));
    await restart();
    await close(ims);
  });
});

describe("the queue and the schedule", () => {
  test("a queued command gets 202 with an id, for reading its state", async () => {
    const answer = await command(url, "WKF14", "start", { prefer: "respond-async" });
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.body.state, "queued");
    const location = answer.headers.get("location") ?? "";
    assert.equal(location, `/api/queue/${answer.body.id}`);
    await until("accepted", async () => (await call(url, location)).body.state === "accepted");
    assert.equal((await campaign.executions()).get("WKF14 start"), 1);
  });

  test("a delayed command is not sent before its time", async () => {
    const commands = [
      { workflowId: "WKF15", command: "start", delaySeconds: 2 },
      { workflowId: "WKF16", command: "start" },
    ];
    const startedAt = Date.now();
    const answer = await call(url, "/api/queue", { method: "POST", body: { commands } });
    assert.equal(answer.status, 202, answer.text);
    await until("both", async () => (await campaign.emulator.log()).length === 2);
    const [first, second] = await campaign.emulator.log();
    assert.deepEqual([first?.workflowId, second?.workflowId], ["WKF16", "WKF15"]);
    assert.ok((second?.at ?? 0) - startedAt >= 1000, `${(second?.at ?? 0) - startedAt} ms`);
  });

  test("a delayed command can be cancelled until it is sent", async () => {
    const delayed = await command(url, "WKF31", "start", {
      prefer: "respond-async",
      "delay-seconds": "600",
      "idempotency-key": "later",
    });
    assert.ok(Date.parse(delayed.body.dueAt) > Date.now() + 500_000, delayed.text);
    const location = delayed.headers.get("location") ?? "";
    const cancelled = await call(url, location, { method: "DELETE" });
    assert.deepEqual(
      [cancelled.status, cancelled.body.state, cancelled.body.outcome],
      [200, "cancelled", "not-executed"],
      cancelled.text,
    );
    assert.equal((await call(url, location)).body.state, "cancelled");
    const repeated = await command(url, "WKF31", "start", { prefer: "respond-async", "idempotency-key": "later" });
    assert.deepEqual([repeated.status, repeated.body.stored], [409, true], repeated.text);
    assert.equal((await command(url, "WKF31", "start")).status, accepted);
    const sent = await call(url, location, { method: "DELETE" });
    assert.equal(sent.body.state, "cancelled");
    assert.equal((await campaign.executions()).get("WKF31 start"), 1);
  });

  test("if some of many are refused: 207, and the others are queued", async () => {
    const commands = [
      { workflowId: "WKF17", command: "start" },
      { workflowId: "WKF99", command: "start" },
    ];
    const answer = await call(url, "/api/queue", { method: "POST", body: { commands } });
    assert.equal(answer.status, 207, answer.text);
    assert.deepEqual(
      answer.body.commands.map((/** @type {any} */ { status }) => status),
      [202, 404],
    );
    await until("the one", async () => (await campaign.executions()).get("WKF17 start") === 1);
  });

  test("a trigger that fires three times sends its scheduled commands once", async () => {
    const SCHEDULE = [
      { cron: "0 6 * * *", workflowId: "WKF18", command: "start" },
      { cron: "0 7 * * *", workflowId: "WKF19", command: "start" },
    ];
    await restart({ SCHEDULE });
    const today = 1_800_000_000_000;
    for (let i = 0; i < 3; i += 1) assert.equal(await fireTrigger(runtime.miniflare, "0 6 * * *", today), "ok");
    await until("the command", async () => (await historyOf(url, "WKF18"))[0]?.state === "accepted");
    await fireTrigger(runtime.miniflare, "0 6 * * *", today + 24 * hour);
    await until("the next day's", async () => {
      const history = await historyOf(url, "WKF18");
      return history.length === 2 && history[0].state === "accepted";
    });
    await sleep(200);
    const executions = await campaign.executions();
    assert.deepEqual([executions.get("WKF18 start"), executions.get("WKF19 start")], [2, undefined]);
    assert.equal((await historyOf(url, "WKF18"))[0].who, "schedule");
    await restart();
  });
});
