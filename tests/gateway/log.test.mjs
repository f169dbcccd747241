// @ts-check
// The log has one line for each command, read and signal.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createGateway } from "campaign-workflow/gateway";
import { internalDetail } from "./authorize.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { collect, organization, secrets } from "../support/secrets.mjs";
import { collectResponse, commandRequest, optionsFor, pathOf } from "./setup.mjs";

/** @type {Awaited<ReturnType<typeof startCampaign>>} */
let campaign;
before(async () => void (campaign = await startCampaign()));
after(() => campaign.close());

const workflowPath = pathOf("WKF106").replace("/commands", "");

/** @param {object} [more] */
function logging(more) {
  /** @type {any[]} */
  const lines = [];
  const authorize = (/** @type {Request} */ request, /** @type {any} */ command) => {
    command.caller = request.headers.get("authorization")?.replace("Bearer ", "");
    return command.caller !== "nobody";
  };
  const log = (/** @type {any} */ line) => (collect(line), void lines.push(line));
  const gateway = createGateway(/** @type {any} */ ({ ...optionsFor(campaign.url), authorize, log, ...more }));
  const ask = async (/** @type {Parameters<typeof commandRequest>[0]} */ request) =>
    collectResponse(await gateway.fetch(commandRequest(request)));
  return { lines, ask };
}

test("a line has the caller, the command and the outcome", async () => {
  const { lines, ask } = logging({ workflows: { WKF101: ["start"], WKF106: ["read", "signal"] } });
  await campaign.emulator.addFault({ kind: "refused-by-campaign", text: "RST-360011 why" });
  await ask({});
  await ask({});
  await ask({ headers: { authorization: "Bearer nobody" } });
  await ask({ path: pathOf("WKF102") });
  await ask({ path: workflowPath, method: "GET" });
  await ask({ path: `${workflowPath}/activities/activity/none/trigger/`, body: '{"source":"API"}' });
  const actual = lines.map(({ caller, workflowId, command, outcome, code, status, attempts }) => [
    caller,
    workflowId,
    command,
    outcome,
    code,
    status,
    attempts,
  ]);
  assert.deepEqual(actual, [
    ["alice", "WKF101", "start", "unknown", "server-error", 502, 1],
    ["alice", "WKF101", "start", "accepted", null, 200, 1],
    ["nobody", "WKF101", "start", "not-executed", "forbidden", 403, 0],
    ["alice", "WKF102", "start", "not-executed", "not-found", 404, 0],
    ["alice", "WKF106", "read", "accepted", null, 200, 1],
    ["alice", "WKF106", "signal", "not-executed", "invalid-trigger", 404, 1],
  ]);
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), [
      "time",
      "requestId",
      "organization",
      "workflowId",
      "command",
      "outcome",
      "code",
      "status",
      "attempts",
      "ms",
      "caller",
    ]);
    assert.equal(line.organization, organization);
    assert.match(line.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.match(line.requestId, line.attempts > 0 && line.code !== "invalid-trigger" ? /^local-/ : /^[0-9a-f]{16}$/);
    assert.ok(line.ms >= 0 && line.ms < 1500);
    for (const secret of Object.values(secrets)) assert.ok(!JSON.stringify(line).includes(secret));
  }
  assert.equal(new Set(lines.map(({ requestId }) => requestId)).size, 6);
});

test("only commands, reads and signals are logged", async () => {
  const { lines, ask } = logging();
  for (const request of [
    { path: "/" },
    { method: "PUT" },
    { body: "{}" },
    { headers: { origin: "https://evil.example" } },
    { headers: { "content-type": "text/plain" } },
  ])
    await ask(request);
  assert.deepEqual(lines, []);
});

test("the results of authorize and of the user's own send are in the log", async () => {
  const { accessToken: _token, apiKey: _key, baseUrl: _base, maxRetries: _retries, ...open } = optionsFor(campaign.url);
  const receipt = { workflowId: "WKF101", command: "start", status: 202, body: null, requestId: "id-1", attempts: 3 };
  /** @type {[any, any[]][]} */
  const cases = [
    [{ send: async () => receipt }, ["accepted", null, 202, 3, "id-1"]],
    [{ send: async () => Response.json({}, { status: 202 }) }, ["accepted", null, 202, 0, undefined]],
    [{ send: async () => Response.json({}, { status: 409 }) }, ["unknown", null, 409, 0, undefined]],
    [{ send: () => Promise.reject(new Error(internalDetail)) }, ["unknown", "internal", 502, 0, undefined]],
    [{ send: () => new Promise(() => {}), timeoutMs: 50 }, ["unknown", "timeout", 504, 0, undefined]],
    [
      { send: async () => receipt, authorize: () => Promise.reject(new Error(internalDetail)) },
      ["not-executed", "internal", 500, 0, undefined],
    ],
  ];
  for (const [more, expected] of cases) {
    /** @type {any[]} */
    const lines = [];
    const gateway = createGateway(
      /** @type {any} */ ({
        ...open,
        authorize: () => true,
        log: (/** @type {any} */ line) => void lines.push(line),
        ...more,
      }),
    );
    await collectResponse(await gateway.fetch(commandRequest()));
    const [{ outcome, code, status, attempts, requestId, caller }, ...others] = lines;
    assert.deepEqual([outcome, code, status, attempts, requestId], [...expected.slice(0, 4), expected[4] ?? requestId]);
    assert.deepEqual([caller, others.length], [null, 0]);
  }
});

test("a log function that throws, rejects or hangs changes no response", async () => {
  for (const log of [
    () => {
      throw new Error(internalDetail);
    },
    () => Promise.reject(new Error(internalDetail)),
    () => new Promise(() => {}),
    async () => internalDetail,
  ]) {
    assert.equal((await logging({ log }).ask({})).status, 200);
  }
});
