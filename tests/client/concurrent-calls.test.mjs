// @ts-check
// Concurrent calls do not affect each other, and a request is read at the moment of the call.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sendWorkflowCommand } from "campaign-workflow";
import { acceptedCall, accessToken, requestTo, warmServer, checkedCall } from "./checked-calls.mjs";
import {
  cutBody,
  documented,
  executeThen,
  hangAfterExecution,
  hangInBody,
  refuse,
  throttled,
} from "../support/faults.mjs";
import { sleep } from "../support/wait.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

/** The steps, the request, and the error's code or the receipt's status. @type {[Step[], object, string | number][]} */
const kinds = [
  [[], {}, 200],
  [[executeThen(202, "x")], {}, 202],
  [[throttled("0")], {}, 200],
  [[documented.tokenExpired], { accessToken: () => accessToken }, 200],
  [[documented.tokenExpired], {}, "unauthenticated"],
  [[documented.notFound], {}, "not-found"],
  [[refuse(418)], {}, "rejected"],
  [[executeThen(500, "x")], {}, "server-error"],
  [[(reply) => reply.execute().reset()], {}, "network"],
  [[cutBody(500, "x")], {}, "bad-response"],
  [[hangInBody(200, "so far")], { attemptTimeoutMs: 4000 }, 200],
  [[hangAfterExecution], { attemptTimeoutMs: 4000 }, "timeout"],
  [[], { workflowId: "" }, "invalid-argument"],
  [
    [],
    {
      accessToken: () => {
        throw new Error("no");
      },
    },
    "token-unavailable",
  ],
];

test("two hundred calls at once with mixed faults each get their own result", async () => {
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const [steps, more, expected] = /** @type {(typeof kinds)[number]} */ (kinds[index % kinds.length]);
      const { receipt, error } = await checkedCall(server, steps, {
        command: /** @type {const} */ (["start", "pause", "resume", "stop"])[index % 4] ?? "stop",
        ...more,
      });
      assert.equal(receipt?.status ?? error?.code, expected);
    }),
  );
  assert.equal(new Set(server.requests.map(({ path, headers }) => path + headers.authorization)).size > 100, true);
});

test("no call gets the response of another", async () => {
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const step = async (/** @type {import("../support/faulty-server.mjs").Reply} */ reply) => {
        await sleep(((index * 37) % 60) + 1);
        await reply.execute().respond(200, { body: reply.request.path, headers: { "X-Request-Id": String(index) } });
      };
      const { receipt, requests } = await acceptedCall(server, [step]);
      assert.deepEqual([receipt.body, receipt.requestId], [requests[0]?.path, String(index)]);
    }),
  );
});

test("one request object for several calls, changed right after each call", async () => {
  const headers = { "X-Own": "first" };
  /** @type {any} */
  const request = { ...requestTo(server), headers };
  const { workflowId } = request;
  const first = sendWorkflowCommand(request);
  Object.assign(request, {
    workflowId: `${workflowId}-b`,
    command: "stop",
    accessToken: "other-token",
    apiKey: "other-key",
  });
  headers["X-Own"] = "second";
  const second = sendWorkflowCommand(request);
  for (const key of Object.keys(request)) delete request[key];
  headers["X-Own"] = "third";
  assert.deepEqual(
    (await Promise.all([first, second])).map((one) => [one.workflowId, one.command]),
    [
      [workflowId, "start"],
      [`${workflowId}-b`, "stop"],
    ],
  );
  const requests = [workflowId, `${workflowId}-b`].map((id) => server.requestsFor(id)[0]);
  assert.deepEqual(
    requests.map((one) => [one?.body, one?.headers.authorization, one?.headers["x-own"]]),
    [
      ['{"method":"start"}', `Bearer ${accessToken}`, "first"],
      ['{"method":"stop"}', "Bearer other-token", "second"],
    ],
  );
});

test("changing the request object while the call waits, or in the token function, has no effect", async () => {
  /** @type {any} */
  const request = requestTo(server, { headers: { "X-Own": "1" } });
  const { workflowId } = request;
  server.script(workflowId, [documented.tokenExpired, throttled("0")]);
  request.accessToken = () => {
    request.command = "stop";
    request.headers["X-Own"] = "2";
    request.baseUrl = "http://127.0.0.1:9";
    request.fetch = () => assert.fail("another fetch");
    return accessToken;
  };
  const receipt = await sendWorkflowCommand(request);
  assert.deepEqual([receipt.attempts, receipt.command], [3, "start"]);
  for (const { body, headers } of server.requestsFor(workflowId))
    assert.deepEqual([body, headers["x-own"]], ['{"method":"start"}', "1"]);
});

test("getters are read once, and one that throws rejects", async () => {
  let reads = 0;
  const plain = requestTo(server);
  const { workflowId, ...rest } = plain;
  const receipt = await sendWorkflowCommand({
    ...rest,
    get workflowId() {
      reads++;
      return workflowId;
    },
  });
  assert.deepEqual([reads, receipt.workflowId], [1, workflowId]);
  const bad = /** @type {any} */ ({
    ...rest,
    get workflowId() {
      throw new Error("no");
    },
  });
  await assert.rejects(sendWorkflowCommand(bad), { code: "invalid-argument", outcome: "not-executed" });
});

test("a call inside the token function of another call", async () => {
  const inner = requestTo(server);
  const { receipt } = await acceptedCall(server, [], {
    accessToken: async () => {
      await sendWorkflowCommand(inner);
      return accessToken;
    },
  });
  assert.equal(receipt.attempts, 1);
  assert.equal(server.requestsFor(inner.workflowId).length, 1);
});
