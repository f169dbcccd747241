// @ts-check
// Stored responses are small, and a command whose outcome can't be stored is unknown, and never sent again.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { startExample } from "./example.mjs";
import { sleep, until } from "../support/wait.mjs";
import { historyOf, stateOf } from "../support/worker-client.mjs";

const bodyBytes = 8192;

/** @type {import("./example.mjs").Example} */
let example;
before(async () => {
  example = await startExample({ bindings: { RETRY_MS: 1 } });
});
after(() => example.close());
afterEach(async () => {
  await example.disk("ready");
  await example.campaign.emulator.clearFaults();
});

/** @param {string} workflowId @param {string} key */
const state = async (workflowId, key) => (await stateOf(example.url(), workflowId, key)).body;

/** @param {string} workflowId @param {number} [times] */
const atCampaign = (workflowId, times = 1) =>
  until("the request", async () => (await example.requests(workflowId)) === times);

/** The outcome is unknown, and nothing invites the caller to send the command again. @param {import("../support/worker-client.mjs").WorkerResponse} answer */
function assertUnknown({ status, body, headers, text }) {
  assert.deepEqual([status, body.outcome, headers.get("retry-after")], [502, "unknown", null], text);
}

describe("a response of Campaign that is too large to store", () => {
  const answer = /** @type {const} */ ({ kind: "answer", status: 200, executes: true, times: null });
  /** @type {[string, unknown, string][]} */
  const bodies = [
    // Each of these characters takes six in JSON: the 1 MiB that the client reads becomes 6 MB, which SQLite refuses.
    ["1 MB that is 6 MB of JSON", "\u0001".repeat(1_100_000), "\u0001".repeat(bodyBytes)],
    ["half a megabyte of JSON", { text: "x".repeat(500_000) }, `{"text":"${"x".repeat(bodyBytes)}`.slice(0, bodyBytes)],
  ];
  bodies.forEach(([what, body, expected], at) => {
    test(`${what}, by a request: the response is its first 8 KiB, each time`, async () => {
      const workflowId = `WKF${at}`;
      await example.campaign.emulator.addFault({ ...answer, body, workflowId });
      const first = await example.send(workflowId, "large");
      assert.equal(first.status, 200, first.text.slice(0, 300));
      assert.ok(first.text === expected, `${first.text.length} characters: ${first.text.slice(0, 100)}`);
      await example.restart();
      const again = await example.send(workflowId, "large");
      assert.deepEqual(
        [again.status, again.text, again.headers.get("content-type")],
        [200, first.text, first.headers.get("content-type")],
      );
      assert.equal(await example.executions(workflowId), 1);
    });

    test(`${what}, by the queue: executed once`, async () => {
      const workflowId = `WKF${at + 2}`;
      await example.campaign.emulator.addFault({ ...answer, body, workflowId });
      assert.equal((await example.send(workflowId, "large", { headers: { prefer: "respond-async" } })).status, 202);
      await until("the outcome", async () => (await example.executions(workflowId)) > 0);
      await sleep(4000);
      assert.equal(await example.executions(workflowId), 1);
      assert.equal((await state(workflowId, "large")).state, "accepted");
    });
  });

  test("a text of multibyte characters is cut between two of them", async () => {
    const body = `x${"é".repeat(bodyBytes)}`;
    await example.campaign.emulator.addFault({ kind: "answer", status: 200, executes: true, body, workflowId: "WKF4" });
    const { text } = await example.send("WKF4", "text");
    assert.equal(text, body.slice(0, bodyBytes / 2));
  });
});

describe("an outcome that can't be stored", () => {
  test("by a request: its key responds with unknown at once, and nothing is sent again", async () => {
    await example.campaign.emulator.addFault({ kind: "delay", delayMs: 500, workflowId: "WKF5" });
    const first = example.send("WKF5", "lost");
    await atCampaign("WKF5");
    await example.disk("full");
    assertUnknown(await first);
    assertUnknown(await example.send("WKF5", "lost"));
    await example.disk("ready");
    const startedAt = performance.now();
    const again = await example.send("WKF5", "lost");
    assert.ok(performance.now() - startedAt < 2000, "at once");
    assertUnknown(again);
    assert.equal(again.body.stored, true);
    await example.restart();
    assert.deepEqual((await example.send("WKF5", "lost")).body, again.body);
    assert.equal(await example.executions("WKF5"), 1);
    assert.deepEqual(
      (await historyOf(example.url(), "WKF5")).map((entry) => entry.state),
      ["unknown"],
    );
    assert.equal((await example.send("WKF5", "another")).status, 200, "the workflow goes on");
  });

  test("by the queue: unknown, a log line, and nothing is sent again", async () => {
    await example.campaign.emulator.addFault({ kind: "delay", delayMs: 500, workflowId: "WKF6" });
    await example.send("WKF6", "lost", { headers: { prefer: "respond-async" } });
    await atCampaign("WKF6");
    await example.disk("full");
    await sleep(4000);
    assert.equal(await example.executions("WKF6"), 1);
    await example.disk("ready");
    await until("the line", async () => example.dead().some(({ workflowId }) => workflowId === "WKF6"));
    assert.equal((await state("WKF6", "lost")).state, "unknown");
    assertUnknown(await example.send("WKF6", "lost", { headers: { prefer: "respond-async" } }));
    await sleep(2000);
    assert.equal(await example.executions("WKF6"), 1);
  });

  test("a command that can't be stored before it is sent is not sent, and its key is released", async () => {
    await example.campaign.emulator.addFault({ kind: "delay", delayMs: 800, workflowId: "WKF7" });
    const first = example.send("WKF7", "first");
    await atCampaign("WKF7");
    const second = example.send("WKF7", "second", { name: "stop" });
    await until("its turn", async () => (await state("WKF7", "second"))?.state === "waiting");
    await example.disk("full");
    assertUnknown(await first);
    const { status, body, headers } = await second;
    assert.deepEqual(
      [status, body.outcome, headers.get("retry-after"), body.stored],
      [503, "not-executed", "1", undefined],
    );
    assert.equal(await example.executions("WKF7", "stop"), 0);
    await example.disk("ready");
    assert.equal((await example.send("WKF7", "second", { name: "stop" })).status, 200);
    assert.equal(await example.executions("WKF7", "stop"), 1);
    assertUnknown(await example.send("WKF7", "first"));
  });
});

describe("an object that is reset while a command is in flight", () => {
  test("the command is unknown, without an invitation to repeat; a waiting one was not sent, and its key is released", async () => {
    await example.campaign.emulator.addFault({ kind: "delay", delayMs: 3000, workflowId: "WKF8" });
    const first = example.send("WKF8", "first");
    await atCampaign("WKF8");
    const second = example.send("WKF8", "second", { name: "stop" });
    await until("its turn", async () => (await state("WKF8", "second"))?.state === "waiting");
    await example.reset("WKF8");
    for (const answer of await Promise.all([first, second])) assertUnknown(answer);
    const again = await example.send("WKF8", "first");
    assertUnknown(again);
    assert.equal(again.body.stored, true);
    assert.equal((await example.send("WKF8", "second", { name: "stop" })).status, 200);
    assert.deepEqual([await example.executions("WKF8"), await example.executions("WKF8", "stop")], [1, 1]);
  });
});

describe("the tables of version 1", () => {
  test("are migrated: keys stay in use, and the history is complete", async () => {
    const now = Date.now();
    const receipt = JSON.stringify({
      receipt: { workflowId: "WKF9", command: "start", status: 200, body: null, requestId: null, attempts: 1 },
    });
    const row = (/** @type {string} */ key, /** @type {string} */ state, /** @type {string} */ answer) =>
      `INSERT INTO commands (key, command, who, via, state, createdAt, dueAt, sentAt, settledAt, answer)
        VALUES ('${key}', 'start', 'bearer of the key', 'request', '${state}', ${now}, ${now}, ${now}, ${answer ? `${now}, '${answer}'` : "NULL, NULL"})`;
    const FIRST_STATEMENTS = [
      `CREATE TABLE commands (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, command TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
        state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, createdAt INTEGER NOT NULL, dueAt INTEGER NOT NULL,
        sentAt INTEGER, settledAt INTEGER, postAt INTEGER, answer TEXT)`,
      "CREATE INDEX toPost ON commands (postAt) WHERE postAt IS NOT NULL",
      "CREATE INDEX toForget ON commands (settledAt) WHERE key IS NOT NULL",
      row("accepted", "accepted", receipt),
      row("out", "sending", ""),
    ];
    await example.restart({ FIRST_STATEMENTS });
    assert.equal((await example.send("WKF9", "accepted")).status, 200);
    assertUnknown(await example.send("WKF9", "out"));
    await example.restart();
    assert.equal((await example.send("WKF9", "accepted")).status, 200);
    assert.equal(await example.executions("WKF9"), 0);
    assert.equal((await example.send("WKF9", "new")).status, 200);
    assert.deepEqual(
      (await historyOf(example.url(), "WKF9")).map((entry) => entry.state),
      ["accepted", "unknown", "accepted"],
    );
  });
});

describe("the tables of version 3", () => {
  test("are migrated: waiting commands are sent, failed ones are dead, and keys stay in use", async () => {
    const now = Date.now();
    const problem = JSON.stringify({
      problem: {
        type: "about:blank",
        title: "Not Found",
        status: 404,
        detail: "",
        code: "not-found",
        outcome: "not-executed",
        hint: null,
        retryAfterMs: null,
      },
    });
    const row = (
      /** @type {string} */ key,
      /** @type {string} */ state,
      /** @type {number | string} */ settledAt,
      answer = "NULL",
    ) =>
      `INSERT INTO commands VALUES (NULL, '${key}', 'start', 'bearer of the key', 'queue', '${state}', 0, ${now}, ${now + 6000}, ${now + 60_000}, NULL, ${settledAt}, ${answer})`;
    const FIRST_STATEMENTS = [
      "CREATE TABLE schema (version INTEGER NOT NULL)",
      "INSERT INTO schema VALUES (3)",
      `CREATE TABLE commands (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, command TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
        state TEXT NOT NULL, tries INTEGER NOT NULL, createdAt INTEGER NOT NULL, dueAt INTEGER NOT NULL, giveUpAt INTEGER NOT NULL,
        sentAt INTEGER, settledAt INTEGER, answer TEXT, UNIQUE (who, key))`,
      "CREATE INDEX due ON commands (dueAt) WHERE state IN ('queued', 'retrying')",
      "CREATE INDEX underWay ON commands (seq) WHERE state IN ('waiting', 'sending')",
      "CREATE INDEX settled ON commands (settledAt) WHERE key IS NOT NULL",
      "CREATE TABLE target (organization TEXT NOT NULL, workflowId TEXT NOT NULL)",
      `INSERT INTO target VALUES ('acme-mkt-stage', 'WKF10')`,
      row("dead", "failed", now, `'${problem}'`),
      row("waits", "queued", "NULL"),
    ];
    await example.restart({ FIRST_STATEMENTS });
    assert.deepEqual(
      (await historyOf(example.url(), "WKF10")).map(({ state, isDead }) => [state, isDead]),
      [
        ["queued", false],
        ["failed", true],
      ],
    );
    const repeated = await example.send("WKF10", "dead", { headers: { prefer: "respond-async" } });
    assert.deepEqual([repeated.status, repeated.body.stored], [404, true], repeated.text);
    await example.restart();
    await until("what waits", async () => (await example.executions("WKF10")) === 1);
    assert.deepEqual(
      (await historyOf(example.url(), "WKF10")).map(({ state }) => state),
      ["accepted", "failed"],
    );
  });
});

describe("the tables of version 2", () => {
  test("are migrated: waiting commands are sent, the one in flight is unknown, and a key belongs to its caller", async () => {
    const now = Date.now();
    const row = (/** @type {string} */ key, /** @type {string} */ who, /** @type {string} */ state) =>
      `INSERT INTO commands (key, command, who, via, state, createdAt, dueAt, postAt) VALUES ('${key}', 'start', '${who}', 'queue', '${state}', ${now}, ${now + 1000}, ${now})`;
    const FIRST_STATEMENTS = [
      "CREATE TABLE schema (version INTEGER NOT NULL)",
      "INSERT INTO schema VALUES (2)",
      `CREATE TABLE commands (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, command TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
        state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, createdAt INTEGER NOT NULL, dueAt INTEGER NOT NULL,
        sentAt INTEGER, settledAt INTEGER, postAt INTEGER, answer TEXT, UNIQUE (who, key))`,
      "CREATE INDEX toPost ON commands (postAt) WHERE postAt IS NOT NULL",
      "CREATE INDEX toForget ON commands (settledAt) WHERE key IS NOT NULL",
      "CREATE INDEX sending ON commands (seq) WHERE state = 'sending'",
      "CREATE TABLE target (organization TEXT NOT NULL, workflowId TEXT NOT NULL)",
      "INSERT INTO target VALUES ('acme-mkt-stage', 'WKF11')",
      row("one", "somebody else", "sending"),
      row("one", "bearer of the key", "queued"),
    ];
    await example.restart({ FIRST_STATEMENTS });
    assert.equal((await historyOf(example.url(), "WKF11")).length, 2);
    await example.restart();
    await until("what waits", async () => (await state("WKF11", "one")).state === "accepted");
    assert.deepEqual(
      (await historyOf(example.url(), "WKF11")).map((entry) => [entry.who, entry.state]),
      [
        ["bearer of the key", "accepted"],
        ["somebody else", "unknown"],
      ],
    );
    assert.equal(await example.executions("WKF11"), 1);
  });
});
