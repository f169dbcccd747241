// @ts-check
// A request that holds anything: it is refused by name or sent, and never ends in `internal`, in an uncaught error or in none.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { accepted, failed, requestTo, warmServer } from "./checked-calls.mjs";
import { anything, hostile, listenForUncaught, nameOf } from "./invalid-values.mjs";
import { sleep } from "../support/wait.mjs";

/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());
const uncaught = listenForUncaught();

const fields = [
  "organization",
  "workflowId",
  "command",
  "accessToken",
  "apiKey",
  "baseUrl",
  "fetch",
  "signal",
  "timeoutMs",
  "attemptTimeoutMs",
  "maxRetries",
  "headers",
  "allowBrowserCredentials",
];

/** Refused, or sent, with an error of the package in either case. @param {any} request @param {RegExp} message */
async function refusedOrSent(request, message) {
  const { connections } = server;
  const error = await sendWorkflowCommand(request).then(
    () => null,
    (error) => error,
  );
  if (error === null) return;
  assert.ok(isWorkflowCommandError(error), `rejected with ${nameOf(error)}`);
  if (error.attempts > 0) return;
  assert.ok(["invalid-argument", "token-unavailable"].includes(error.code), `${error.code}: ${error.cause}`);
  assert.equal(error.outcome, "not-executed");
  assert.match(error.message, message);
  assert.equal(server.connections, connections);
}

for (const value of anything) {
  test(`${nameOf(value)} in any field`, async () => {
    for (const field of fields)
      await refusedOrSent({ ...requestTo(server), timeoutMs: 400, [field]: value }, new RegExp(`^${field} `));
  });

  test(`${nameOf(value)} as the whole request`, async () => {
    await refusedOrSent(value, /./);
  });

  if (value !== "text") {
    test(`${nameOf(value)} from the token function`, async () => {
      for (const accessToken of [
        () => value,
        async () => value,
        () => Promise.reject(value),
        () => {
          throw value;
        },
      ]) {
        const { error } = await failed(server, [], { accessToken: /** @type {any} */ (accessToken), timeoutMs: 400 });
        assert.deepEqual([error.code, error.outcome, error.attempts], ["token-unavailable", "not-executed", 0]);
      }
    });
  }
}

test("a lone surrogate, which would become another character on its way, is refused wherever it stands", async () => {
  const { connections } = server;
  for (const text of ["\ud800", "\udfff", "a\ud800b", "\ud83d start", "start\udca5", "\ud83d\ud83d\udca5"]) {
    for (const [field, value] of Object.entries({
      organization: text,
      workflowId: text,
      command: text,
      baseUrl: `${server.url}/${text}/x`,
    })) {
      const error = await sendWorkflowCommand({ ...requestTo(server), [field]: value }).then(
        () => null,
        (error) => error,
      );
      assert.equal(error?.message, `${field} must not contain a lone surrogate`);
    }
  }
  assert.equal(server.connections, connections);
  const { seen } = await accepted(server, [], { workflowId: "a \u{1f4a5}", baseUrl: `${server.url}/\u{1f4a5}` });
  assert.equal(seen[0]?.path, "/%F0%9F%92%A5/acme/campaign/workflow/execution/a%20%F0%9F%92%A5/commands");
});

test("texts that are no tokens, from the token function", async () => {
  for (const token of [
    " ",
    "a b",
    "é",
    "x\n",
    "\0",
    "Bearer x",
    new String("token"),
    ["a"],
    { toString: () => "token" },
  ]) {
    const { error } = await failed(server, [], { accessToken: /** @type {any} */ (() => token) });
    assert.equal(error.code, "token-unavailable");
  }
});

test("headers that are not what they say", async () => {
  const plain = { toString: () => "[object Object]" };
  class Own {
    get a() {
      throw new Error("no");
    }
  }
  for (const headers of [
    new Headers({ a: "b" }),
    new Map([["a", "b"]]),
    [["a", "b"]],
    "a: b",
    new Own(),
    Object.create({ a: "inherited" }),
    new Proxy({}, {}),
    hostile,
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error("no");
        },
      },
    ),
    {
      get a() {
        throw new Error("no");
      },
    },
    { a: 1 },
    { a: null },
    { a: ["b"] },
    { [Symbol("s")]: "x" },
    Object.create(plain, {
      a: {
        enumerable: true,
        get() {
          throw new Error("no");
        },
      },
    }),
    new Proxy(Object.create(plain), {
      ownKeys() {
        throw new Error("no");
      },
    }),
  ]) {
    await refusedOrSent(requestTo(server, { headers: /** @type {any} */ (headers) }), /^(headers|request) /);
  }
});

test("a promise that can't be taken for one is a failed fetch", async () => {
  const promise = Object.defineProperty(Promise.resolve(1), "constructor", {
    get() {
      throw new Error("no");
    },
  });
  const { error } = await failed(server, [], { fetch: () => /** @type {any} */ (promise) }, { unseen: true });
  assert.deepEqual([error.code, error.outcome, error.attempts], ["network", "unknown", 1]);
});

test("nothing of this was left to the process, and the next call works", async () => {
  await sleep(50);
  assert.deepEqual(uncaught, []);
  await accepted(server, []);
});

test("the guard returns false, and never throws, for a value that is not an error of the package", () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("no");
      },
      has() {
        throw new Error("no");
      },
      getPrototypeOf() {
        throw new Error("no");
      },
    },
  );
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const value of [
    hostile,
    proxy,
    undefined,
    null,
    0,
    "WorkflowCommandError",
    Symbol("x"),
    new Error("x"),
    { name: "WorkflowCommandError" },
    () => {},
  ]) {
    assert.equal(isWorkflowCommandError(value), false);
  }
});
