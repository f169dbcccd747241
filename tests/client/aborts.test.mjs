// @ts-check
// The caller's signal ends a call at any point, with its reason, truthfully, and on the wire; no listener and no timer stays.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, test } from "node:test";
import { accepted, accessToken, failed, warmServer, witnessed } from "./checked-calls.mjs";
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
/** A token function that hangs when it is asked for a fresh one. @param {{ refresh: boolean }} need */
const hangAtRefresh = ({ refresh }) => (refresh ? never() : accessToken);

/** Where a call stands when it is aborted. @type {[string, Step[], object, string][]} */
const phases = [
  ["before the head", [hangAfterExecution], {}, "unknown"],
  [
    "in the head",
    [
      async (wire) => {
        await wire.execute().write("HTTP/1.1 200 OK\r\nX-He");
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
      async (wire) => {
        await wire.head(429, { "Retry-After": "20" });
        await wire.repeat("x", 20);
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
    const { error, seen, tookMs } = await failed(
      server,
      steps,
      { ...more, signal: controller.signal },
      {
        begun: () =>
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
    for (const one of seen) await until("the connection is closed", () => one.gone, 500);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });
}

test("any value is a reason", async () => {
  for (const reason of [null, 0, "", "text", Symbol("s"), new Error("own"), () => {}, Object.freeze({}), NaN]) {
    const { error } = await failed(server, [], { signal: AbortSignal.abort(reason) });
    assert.ok("cause" in error && Object.is(error.cause, reason), String(error.cause));
  }
  const controller = new AbortController();
  const { error } = await failed(
    server,
    [hangAfterExecution],
    { signal: controller.signal },
    { begun: () => void setTimeout(() => controller.abort(), 50) },
  );
  assert.equal(/** @type {any} */ (error.cause).name, "AbortError", "the platform's own, where none was given");
});

test("an abort before the call sends nothing; one behind it changes nothing", async () => {
  const connections = server.connections;
  assert.equal((await failed(server, [], { signal: AbortSignal.abort() })).error.attempts, 0);
  assert.equal(server.connections, connections);
  const controller = new AbortController();
  const { receipt } = await accepted(server, [], { signal: controller.signal });
  controller.abort();
  assert.equal(receipt.attempts, 1);
});

test("an abort right behind the call, before the module runs", async () => {
  const controller = new AbortController();
  const { error } = await failed(
    server,
    [hangAfterExecution],
    { signal: controller.signal },
    { begun: () => controller.abort("now"), unseen: true },
  );
  assert.equal(error.code, "aborted");
});

test("an abort in the token function itself sends nothing", async () => {
  const controller = new AbortController();
  const connections = server.connections;
  const { error } = await failed(server, [], {
    signal: controller.signal,
    accessToken: () => {
      controller.abort("in it");
      return never();
    },
  });
  assert.deepEqual([error.code, error.outcome, error.attempts, error.cause], ["aborted", "not-executed", 0, "in it"]);
  assert.equal(server.connections, connections);
});

test("an abort in the token function that still gives a token is aborted or sent, and truthful either way", async () => {
  const controller = new AbortController();
  const { error, receipt } = await witnessed(
    server,
    [],
    {
      signal: controller.signal,
      accessToken: () => {
        controller.abort("in it");
        return accessToken;
      },
    },
    { unseen: true },
  );
  if (error) assert.equal(error.code, "aborted");
  else assert.ok(receipt);
});

test("no listener stays on a signal that serves many calls", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const counted = count(signal);
  const token = () => accessToken;
  await accepted(server, [], { signal });
  await accepted(server, [throttled("0"), throttled("0")], { signal });
  await accepted(server, [documented.tokenExpired], { signal, accessToken: token });
  await failed(server, [refuse(404)], { signal });
  await failed(server, [hangAfterExecution], { signal, attemptTimeoutMs: 60 });
  await failed(server, [(wire) => wire.execute().reset()], { signal });
  await failed(server, [], { signal, workflowId: "" });
  await failed(server, [], {
    signal,
    accessToken: () => {
      throw new Error("no");
    },
  });
  await failed(
    server,
    [],
    {
      signal,
      fetch: () => {
        throw new Error("no");
      },
    },
    { unseen: true },
  );
  assert.equal(getEventListeners(signal, "abort").length, 0);
  assert.ok(counted.added >= 8 && counted.added === counted.removed, JSON.stringify(counted));
});

/** Counts what listens to a signal, by way of its own methods. @param {AbortSignal} signal */
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

/** A signal of the caller's own making. @param {(call: (event?: any) => void) => void} onListen @param {() => void} [onLeave] */
const own = (onListen, onLeave = () => {}) => ({
  aborted: false,
  reason: "own",
  addEventListener: (/** @type {string} */ _, /** @type {any} */ call) => onListen(call),
  removeEventListener: onLeave,
});
/** Signals that do less than they should. @type {[string, (abort: (go: () => void) => void) => any][]} */
const likes = [
  ["calls without an event", (abort) => own((call) => abort(() => call()))],
  ["calls with a number, as a timer does", (abort) => own((call) => abort(() => call(1.5)))],
  [
    "calls twice, and once more behind the end",
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
    "throws when it is left",
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
  test(`a signal of the caller's own that ${what}`, async () => {
    /** @type {() => void} */
    let go = () => {};
    const signal = make((abort) => (go = abort));
    const { error } = await failed(
      server,
      [hangAfterExecution],
      { signal, attemptTimeoutMs: 3000 },
      { begun: () => void setTimeout(() => go(), 80) },
    );
    assert.deepEqual([error.code, error.outcome, error.cause], ["aborted", "unknown", "own"]);
    await sleep(80);
  });
}

test("a signal that calls after the end of its call harms no other", async () => {
  /** @type {(() => void) | undefined} */
  let listener;
  const signal = {
    aborted: false,
    addEventListener: (/** @type {string} */ _, /** @type {() => void} */ given) => void (listener = given),
    removeEventListener() {},
  };
  const other = accepted(server, [(wire) => sleep(300).then(() => wire.execute().answer(200))]);
  await accepted(server, [], { signal: /** @type {any} */ (signal) });
  listener?.();
  listener?.();
  await other;
});

test("a signal that refuses listeners does not stop a call", async () => {
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
  await accepted(server, [], { signal: /** @type {any} */ (signal) });
});

test("what has no boolean `aborted` and no `addEventListener` is refused as a signal, and nothing is sent", async () => {
  const addEventListener = () => {};
  const hostile = {
    addEventListener,
    get aborted() {
      throw new Error("no");
    },
  };
  for (const signal of [{ addEventListener }, { aborted: 0, addEventListener }, { aborted: false }, hostile]) {
    const { error, seen } = await failed(server, [], { signal: /** @type {any} */ (signal) });
    assert.deepEqual(
      [error.code, error.outcome, error.message],
      ["invalid-argument", "not-executed", "signal must be an AbortSignal"],
    );
    assert.equal(seen.length, 0);
  }
});
