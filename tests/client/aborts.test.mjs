// @ts-check
// The caller's signal ends a call at any point: with its reason and the true outcome, and its request is cancelled. No listener or timer
// is left.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, test } from "node:test";
import { acceptedCall, accessToken, failedCall, warmServer, checkedCall } from "./checked-calls.mjs";
import { documented, hangAfterExecution, hangInBody, refuse, throttled } from "../support/faults.mjs";
import { sleep, until } from "../support/wait.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const never = () => new Promise(() => {});
/** A token function that hangs when a fresh token is requested. @param {{ refresh: boolean }} need */
const hangAtRefresh = ({ refresh }) => (refresh ? never() : accessToken);

/** The phase of the call, the steps of the server, the request, and the expected outcome. @type {[string, Step[], object, string][]} */
const phases = [
  ["before the head", [hangAfterExecution], {}, "unknown"],
  [
    "in the head",
    [
      async (reply) => {
        await reply.execute().write("HTTP/1.1 200 OK\r\nX-He");
      },
    ],
    {},
    "unknown",
  ],
  ["in the body of a 500", [hangInBody(500, "x")], {}, "unknown"],
  ["in the body of a 400", [hangInBody(400, "x")], {}, "not-executed"],
  ["in a wait", [throttled("20")], {}, "not-executed"],
  [
    "in a wait, the body of the 429 being without an end",
    [
      async (reply) => {
        await reply.head(429, { "Retry-After": "20" });
        await reply.repeat("x", 20);
      },
    ],
    {},
    "not-executed",
  ],
  ["in a wait after 503", [throttled("20", 503)], {}, "not-executed"],
  ["in the token function", [], { accessToken: never }, "not-executed"],
  ["in the refresh", [documented.tokenExpired], { accessToken: hangAtRefresh }, "not-executed"],
  ["in the second attempt", [throttled("0"), hangAfterExecution], {}, "unknown"],
];
for (const [phase, steps, more, outcome] of phases) {
  test(`an abort ${phase}`, async () => {
    const controller = new AbortController();
    const reason = { why: phase };
    let abortedAt = NaN;
    const { error, requests, tookMs } = await failedCall(
      server,
      steps,
      { ...more, signal: controller.signal },
      {
        onStart: () =>
          void setTimeout(() => {
            abortedAt = performance.now();
            controller.abort(reason);
          }, 150),
      },
    );
    const late = performance.now() - abortedAt;
    assert.deepEqual([error.code, error.outcome], ["aborted", outcome]);
    assert.equal(error.cause, reason, "the reason itself");
    assert.ok(tookMs >= 145 && late < 100, `${late} ms after the abort`);
    for (const one of requests) await until("the connection is closed", () => one.isClosed, 500);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });
}

test("any value can be the reason", async () => {
  for (const reason of [null, 0, "", "text", Symbol("s"), new Error("own"), () => {}, Object.freeze({}), NaN]) {
    const { error } = await failedCall(server, [], { signal: AbortSignal.abort(reason) });
    assert.ok("cause" in error && Object.is(error.cause, reason), String(error.cause));
  }
  const controller = new AbortController();
  const { error } = await failedCall(
    server,
    [hangAfterExecution],
    { signal: controller.signal },
    { onStart: () => void setTimeout(() => controller.abort(), 50) },
  );
  assert.equal(/** @type {any} */ (error.cause).name, "AbortError", "the platform's own, where none was given");
});

test("an abort before the call sends nothing; one after the call changes nothing", async () => {
  const connections = server.connections;
  assert.equal((await failedCall(server, [], { signal: AbortSignal.abort() })).error.attempts, 0);
  assert.equal(server.connections, connections);
  const controller = new AbortController();
  const { receipt } = await acceptedCall(server, [], { signal: controller.signal });
  controller.abort();
  assert.equal(receipt.attempts, 1);
});

test("an abort right after the call starts, before the module runs", async () => {
  const controller = new AbortController();
  const { error } = await failedCall(
    server,
    [hangAfterExecution],
    { signal: controller.signal },
    { onStart: () => controller.abort("now"), mayMissServer: true },
  );
  assert.equal(error.code, "aborted");
});

test("an abort in the token function itself sends nothing", async () => {
  const controller = new AbortController();
  const connections = server.connections;
  const { error } = await failedCall(server, [], {
    signal: controller.signal,
    accessToken: () => {
      controller.abort("in it");
      return never();
    },
  });
  assert.deepEqual([error.code, error.outcome, error.attempts, error.cause], ["aborted", "not-executed", 0, "in it"]);
  assert.equal(server.connections, connections);
});

test("an abort in a token function that still returns a token: aborted or sent, with the true outcome either way", async () => {
  const controller = new AbortController();
  const { error, receipt } = await checkedCall(
    server,
    [],
    {
      signal: controller.signal,
      accessToken: () => {
        controller.abort("in it");
        return accessToken;
      },
    },
    { mayMissServer: true },
  );
  if (error) assert.equal(error.code, "aborted");
  else assert.ok(receipt);
});

test("no listener is left on a signal that is used for many calls", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const counted = count(signal);
  const token = () => accessToken;
  await acceptedCall(server, [], { signal });
  await acceptedCall(server, [throttled("0"), throttled("0")], { signal });
  await acceptedCall(server, [documented.tokenExpired], { signal, accessToken: token });
  await failedCall(server, [refuse(404)], { signal });
  await failedCall(server, [hangAfterExecution], { signal, attemptTimeoutMs: 60 });
  await failedCall(server, [(reply) => reply.execute().reset()], { signal });
  await failedCall(server, [], { signal, workflowId: "" });
  await failedCall(server, [], {
    signal,
    accessToken: () => {
      throw new Error("no");
    },
  });
  await failedCall(
    server,
    [],
    {
      signal,
      fetch: () => {
        throw new Error("no");
      },
    },
    { mayMissServer: true },
  );
  assert.equal(getEventListeners(signal, "abort").length, 0);
  assert.ok(counted.added >= 8 && counted.added === counted.removed, JSON.stringify(counted));
});

/** Counts the listeners of a signal. @param {AbortSignal} signal */
function count(signal) {
  const counts = { added: 0, removed: 0 };
  for (const [method, key] of /** @type {const} */ ([
    ["addEventListener", "added"],
    ["removeEventListener", "removed"],
  ])) {
    const own = signal[method];
    signal[method] = (/** @type {any[]} */ ...args) => {
      counts[key]++;
      return Reflect.apply(own, signal, args);
    };
  }
  return counts;
}

/** A signal that the caller implements. @param {(call: (event?: any) => void) => void} onListen @param {() => void} [onLeave] */
const own = (onListen, onLeave = () => {}) => ({
  aborted: false,
  reason: "own",
  addEventListener: (/** @type {string} */ _, /** @type {any} */ call) => onListen(call),
  removeEventListener: onLeave,
});
/** Signals that are implemented incorrectly. @type {[string, (abort: (go: () => void) => void) => any][]} */
const likes = [
  ["calls without an event", (abort) => own((call) => abort(() => call()))],
  ["calls with a number, as a timer does", (abort) => own((call) => abort(() => call(1.5)))],
  [
    "calls twice, and once more after the end",
    (abort) =>
      own((call) =>
        abort(() => {
          call({});
          call({});
          setTimeout(call, 50, {});
        }),
      ),
  ],
  [
    "throws when a listener is removed",
    (abort) =>
      own(
        (call) => abort(() => call({})),
        () => {
          throw new Error("no");
        },
      ),
  ],
];
for (const [what, make] of likes) {
  test(`a signal that the caller implements and that ${what}`, async () => {
    /** @type {() => void} */
    let go = () => {};
    const signal = make((abort) => (go = abort));
    const { error } = await failedCall(
      server,
      [hangAfterExecution],
      { signal, attemptTimeoutMs: 3000 },
      { onStart: () => void setTimeout(() => go(), 80) },
    );
    assert.deepEqual([error.code, error.outcome, error.cause], ["aborted", "unknown", "own"]);
    await sleep(80);
  });
}

test("a signal that fires after the end of its call affects no other call", async () => {
  /** @type {(() => void) | undefined} */
  let listener;
  const signal = {
    aborted: false,
    addEventListener: (/** @type {string} */ _, /** @type {() => void} */ given) => void (listener = given),
    removeEventListener() {},
  };
  const other = acceptedCall(server, [(reply) => sleep(300).then(() => reply.execute().respond(200))]);
  await acceptedCall(server, [], { signal: /** @type {any} */ (signal) });
  listener?.();
  listener?.();
  await other;
});

test("a signal that throws on addEventListener does not stop a call", async () => {
  const signal = {
    aborted: false,
    get reason() {
      throw new Error("no");
    },
    addEventListener() {
      throw new Error("no");
    },
    removeEventListener() {
      throw new Error("no");
    },
  };
  await acceptedCall(server, [], { signal: /** @type {any} */ (signal) });
});

test("a signal without a boolean `aborted` or an `addEventListener` is refused, and nothing is sent", async () => {
  const addEventListener = () => {};
  const hostile = {
    addEventListener,
    get aborted() {
      throw new Error("no");
    },
  };
  for (const signal of [{ addEventListener }, { aborted: 0, addEventListener }, { aborted: false }, hostile]) {
    const { error, requests } = await failedCall(server, [], { signal: /** @type {any} */ (signal) });
    assert.deepEqual(
      [error.code, error.outcome, error.message],
      ["invalid-argument", "not-executed", "signal must be an AbortSignal"],
    );
    assert.equal(requests.length, 0);
  }
});
