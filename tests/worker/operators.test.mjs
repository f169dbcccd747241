// @ts-check
// For operators: the list of waiting commands, dead commands that can be sent again or dismissed, the audit trail, rate limits.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startExample } from "./example.mjs";
import { until } from "../support/wait.mjs";
import { call, command, historyOf, idOf, pathOf } from "../support/worker-client.mjs";

const later = { prefer: "respond-async" };
const operator = "bearer of the key";

/** @type {import("./example.mjs").Example} */
let example;
before(async () => {
  example = await startExample({ more: { d1Databases: { AUDIT: "audit" } } });
});
after(() => example.close());

/** @param {string} workflowId @param {string} list @returns {Promise<any[]>} */
const listed = async (workflowId, list) => (await call(example.url(), pathOf(workflowId, list))).body.commands;

/** A queued command that has failed. @param {string} workflowId @param {object} fault @param {string} [key] */
async function deadCommand(workflowId, fault, key = "dead") {
  await example.campaign.emulator.addFault(/** @type {any} */ ({ ...fault, workflowId, times: 1 }));
  assert.equal((await example.send(workflowId, key, { headers: later })).status, 202);
  await until("a dead command", async () => (await listed(workflowId, "dead")).length === 1);
  const [entry] = await listed(workflowId, "dead");
  return entry;
}

describe("a waiting command", () => {
  test("is listed by its time and its id, and the entry of a cancelled one says who cancelled it", async () => {
    const delays = { late: "600", soon: "60" };
    for (const [key, delay] of Object.entries(delays)) {
      await example.send("WKF0", key, { headers: { ...later, "delay-seconds": delay } });
    }
    const waiting = await listed("WKF0", "queue");
    assert.deepEqual(
      waiting.map(({ id, state }) => [id, state]),
      [
        [idOf("WKF0", "soon"), "queued"],
        [idOf("WKF0", "late"), "queued"],
      ],
    );
    assert.ok(Date.parse(waiting[0].dueAt) < Date.parse(waiting[1].dueAt));
    const cancelled = await call(example.url(), `/api/queue/${waiting[0].id}`, { method: "DELETE" });
    assert.deepEqual([cancelled.body.state, cancelled.body.closedBy], ["cancelled", operator], cancelled.text);
    assert.deepEqual(
      (await listed("WKF0", "queue")).map(({ id }) => id),
      [waiting[1].id],
    );
    assert.equal(await example.requests("WKF0"), 0);
  });
});

describe("a dead command", () => {
  test("is listed until it is sent again, which happens once, however often it is requested", async () => {
    const dead = await deadCommand("WKF1", { kind: "not-found" });
    assert.deepEqual(
      [dead.state, dead.outcome, dead.isDead, dead.problem.code],
      ["failed", "not-executed", true, "not-found"],
    );
    const path = pathOf("WKF1", `dead/${dead.number}`);
    assert.deepEqual((await call(example.url(), path)).body.number, dead.number);
    const answers = await Promise.all([1, 2, 3].map(() => call(example.url(), path, { method: "POST" })));
    const taken = answers.filter(({ status }) => status === 202);
    assert.equal(taken.length, 1, answers.map(({ text }) => text).join("\n"));
    for (const { status, body } of answers.filter((answer) => !taken.includes(answer))) {
      assert.deepEqual([status, body.outcome], [409, "not-executed"]);
    }
    await until("it is executed", async () => (await historyOf(example.url(), "WKF1"))[0].state === "accepted");
    assert.equal(await example.executions("WKF1"), 1);
    assert.deepEqual(await listed("WKF1", "dead"), []);
    const [again, before] = await historyOf(example.url(), "WKF1");
    assert.deepEqual(
      [before.state, before.isDead, before.closedBy, before.sentAgainAs],
      ["failed", false, operator, again.number],
    );
    assert.equal(taken[0]?.headers.get("location"), `/api/queue/${again.id}`);
  });

  test("keeps its key: repeating the key does not send it once more", async () => {
    const dead = await deadCommand("WKF2", { kind: "lost-request" });
    assert.equal(dead.outcome, "unknown");
    await call(example.url(), pathOf("WKF2", `dead/${dead.number}`), { method: "POST" });
    await until("it is executed", async () => (await example.executions("WKF2")) === 1);
    await until(
      "its outcome",
      async () => (await call(example.url(), `/api/queue/${idOf("WKF2", "dead")}`)).body.state === "accepted",
    );
    const repeated = await example.send("WKF2", "dead", { headers: later });
    assert.deepEqual([repeated.status, repeated.body.state], [202, "accepted"], repeated.text);
    assert.equal(await example.executions("WKF2"), 1);
  });

  test("that is dismissed leaves the list, and nothing is sent", async () => {
    const dead = await deadCommand("WKF3", { kind: "not-found" });
    const path = pathOf("WKF3", `dead/${dead.number}`);
    const dismissed = await call(example.url(), path, { method: "DELETE" });
    assert.deepEqual(
      [dismissed.status, dismissed.body.isDead, dismissed.body.closedBy],
      [200, false, operator],
      dismissed.text,
    );
    assert.deepEqual(await listed("WKF3", "dead"), []);
    assert.equal((await call(example.url(), path, { method: "POST" })).status, 409);
    assert.equal(await example.requests("WKF3"), 1);
  });

  test("survives a restart, and so does who closed it", async () => {
    const dead = await deadCommand("WKF4", { kind: "not-found" });
    await example.restart();
    assert.deepEqual(
      (await listed("WKF4", "dead")).map(({ number }) => number),
      [dead.number],
    );
    await call(example.url(), pathOf("WKF4", `dead/${dead.number}`), { method: "DELETE" });
    await example.restart();
    assert.deepEqual(
      [await listed("WKF4", "dead"), (await historyOf(example.url(), "WKF4"))[0].closedBy],
      [[], operator],
    );
  });

  test("that does not exist: 404, whatever the number", async () => {
    await deadCommand("WKF5", { kind: "not-found" });
    for (const number of ["99", "0", "-1", "1.5", "01", "x", "", "9007199254740993"]) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const { status, body } = await call(example.url(), pathOf("WKF5", `dead/${number}`), { method });
        assert.deepEqual([status, body.outcome], [404, "not-executed"], `${method} ${number}`);
      }
    }
  });

  test("is hidden from callers who may not read it, or may not send it", async () => {
    const { number } = await deadCommand("WKF6", { kind: "not-found" });
    for (const list of ["queue", "dead", `dead/${number}`]) {
      const { status } = await call(example.url(), pathOf("WKF6", list), { headers: { authorization: "" } });
      assert.equal(status, 403, list);
    }
    for (const method of ["POST", "DELETE"]) {
      const { status } = await call(example.url(), pathOf("WKF6", `dead/${number}`), {
        method,
        headers: { authorization: "" },
      });
      assert.equal(status, 403, method);
      const foreign = await call(example.url(), pathOf("WKF6", `dead/${number}`), {
        method,
        headers: { origin: "https://evil.example" },
      });
      assert.equal(foreign.status, 403, method);
    }
    assert.equal((await listed("WKF6", "dead")).length, 1);
    assert.equal(await example.requests("WKF6"), 1);
  });
});

describe("the audit trail", () => {
  /** @param {string} workflowId @returns {Promise<any[]>} */
  async function trail(workflowId) {
    const database = await example.miniflare().getD1Database("AUDIT", "example");
    const query = "SELECT * FROM campaign_audit WHERE workflowId = ? ORDER BY line";
    return (
      await database
        .prepare(query)
        .bind(workflowId)
        .all()
        .catch(() => ({ results: [] }))
    ).results;
  }

  test("has each command, its caller, and its outcome", { timeout: 90_000 }, async () => {
    const dead = await deadCommand("WKF7", { kind: "not-found" });
    await call(example.url(), pathOf("WKF7", `dead/${dead.number}`), { method: "POST" });
    await example.send("WKF7", null, { name: "stop" });
    await until("the lines", async () => (await trail("WKF7")).length >= 6, 40_000);
    const lines = await trail("WKF7");
    const seen = lines.map(({ number, command, state, outcome, who, closedBy }) => ({
      number,
      command,
      state,
      outcome,
      who,
      closedBy,
    }));
    const line = (
      /** @type {number} */ number,
      /** @type {string} */ state,
      /** @type {string | null} */ outcome,
      closedBy = null,
    ) => ({ number, command: "start", state, outcome, who: operator, closedBy });
    assert.deepEqual(
      seen.filter(({ command }) => command === "start"),
      [
        line(1, "queued", null),
        line(1, "failed", "not-executed"),
        line(1, "failed", "not-executed", /** @type {any} */ (operator)),
        line(2, "queued", null),
        line(2, "accepted", "accepted"),
      ],
    );
    assert.deepEqual(
      seen.filter(({ command }) => command === "stop").map(({ state }) => state),
      ["accepted"],
    );
    for (const { time, entry } of lines) {
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 90_000);
      assert.equal(JSON.parse(entry).workflowId, "WKF7");
    }
  });
});

describe("rate limits", () => {
  test("a caller with too many requests gets 429 with Retry-After, and their commands are not sent", async () => {
    const bindings = { WORKFLOWS: Array.from({ length: 10 }, (_, i) => `WKF${i}`) };
    const limited = await startExample({
      bindings,
      more: { ratelimits: { RATE_LIMITER: { simple: { limit: 5, period: 60 } } } },
    });
    try {
      for (let i = 0; i < 3; i += 1) {
        const { status } = await call(limited.url(), pathOf("WKF1", "history"), { headers: { authorization: "" } });
        assert.equal(status, 403, "callers without rights are not counted");
      }
      /** @type {number[]} */
      const statuses = [];
      for (let i = 0; i < 7; i += 1) statuses.push((await command(limited.url(), `WKF${i}`, "start")).status);
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
      const commands = [{ workflowId: "WKF8", command: "start" }];
      for (const answer of [
        await command(limited.url(), "WKF9", "start"),
        await call(limited.url(), pathOf("WKF9", "history")),
        await call(limited.url(), pathOf("WKF9", "").slice(0, -1)),
        await call(limited.url(), "/api/workflows"),
      ]) {
        const { status, body, headers } = answer;
        assert.deepEqual(
          [status, body.code, body.outcome, headers.get("retry-after")],
          [429, "rate-limited", "not-executed", "60"],
          answer.text,
        );
      }
      const bulk = await call(limited.url(), "/api/queue", { method: "POST", body: { commands } });
      assert.equal(bulk.status, 429, bulk.text);
      assert.equal((await limited.campaign.emulator.log()).length, 5);
    } finally {
      await limited.close();
    }
  });
});
