// @ts-check
// Requests with any value in any field: they are refused by the field's name or sent, and never end in `internal` or an uncaught error.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { acceptedCall, failedCall, requestTo, warmServer } from "./checked-calls.mjs";
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

/** Makes a call that is refused, or sent; an error is the package's. @param {any} request @param {RegExp} message */
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
        const { error } = await failedCall(server, [], {
          accessToken: /** @type {any} */ (accessToken),
          timeoutMs: 400,
        });
        assert.deepEqual([error.code, error.outcome, error.attempts], ["token-unavailable", "not-executed", 0]);
      }
    });
  }
}

test("a lone surrogate, which would be sent as another character, is refused in every field", async () => {
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
  const { requests } = await acceptedCall(server, [], {
    workflowId: "a \u{1f4a5}",
    baseUrl: `${server.url}/\u{1f4a5}`,
  });
  assert.equal(requests[0]?.path, "/%F0%9F%92%A5/acme/campaign/workflow/execution/a%20%F0%9F%92%A5/commands");
});

test("invalid tokens from the token function", async () => {
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
    const { error } = await failedCall(server, [], { accessToken: /** @type {any} */ (() => token) });
    assert.equal(error.code, "token-unavailable");
  }
});

test("invalid `headers`", async () => {
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

test("a promise with an unusable then is a failed fetch", async () => {
  const promise = Object.defineProperty(Promise.resolve(1), "constructor", {
    get() {
      throw new Error("no");
    },
  });
  const { error } = await failedCall(
    server,
    [],
    { fetch: () => /** @type {any} */ (promise) },
    { mayMissServer: true },
  );
  assert.deepEqual([error.code, error.outcome, error.attempts], ["network", "unknown", 1]);
});

test("no error reached the process, and the next call works", async () => {
  await sleep(50);
  assert.deepEqual(uncaught, []);
  await acceptedCall(server, []);
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
