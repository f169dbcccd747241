// @ts-check
// A fetch or a response that misbehaves: the call still settles, in time and with a true outcome.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { GRACE_MS, acceptedCall, requestTo, warmServer } from "./checked-calls.mjs";
import { anything, hostile, listenForUncaught } from "./invalid-values.mjs";
import { sleep } from "../support/wait.mjs";

/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const never = () => new Promise(() => {});
const uncaught = listenForUncaught();

/**
 * The result of a call with this fetch.
 * @param {(url: string, init: any) => any} fetch @param {object} [more]
 * @returns {Promise<{ receipt?: import("./checked-calls.mjs").Receipt, error?: import("campaign-workflow").WorkflowCommandError, tookMs: number }>}
 */
async function withFetch(fetch, more) {
  const from = performance.now();
  const result = await sendWorkflowCommand(requestTo(server, { fetch, timeoutMs: 400, ...more })).then(
    (receipt) => ({ receipt }),
    (error) => ({ error }),
  );
  if ("error" in result) assert.ok(isWorkflowCommandError(result.error), String(result.error));
  return { ...result, tookMs: performance.now() - from };
}

test("a fetch that throws or rejects with anything", async () => {
  for (const value of anything) {
    for (const fetch of [
      () => {
        throw value;
      },
      () => Promise.reject(value),
    ]) {
      const { error } = await withFetch(fetch);
      assert.deepEqual([error?.code, error?.outcome, error?.status, error?.attempts], ["network", "unknown", null, 1]);
      assert.ok(error?.cause instanceof Error);
    }
  }
});

test("a fetch that resolves to something other than a response", async () => {
  const noAnswer = [
    ...anything,
    true,
    NaN,
    -1,
    { status: "200" },
    { status: null },
    { headers: new Headers() },
    {
      get status() {
        throw new Error("no");
      },
    },
    { status: NaN },
    { status: -5 },
    { status: 0 },
  ];
  for (const value of noAnswer) {
    for (const fetch of [() => value, async () => value]) {
      const { error } = await withFetch(fetch);
      assert.ok(error && ["network", "internal"].includes(error.code) && error.outcome === "unknown", String(error));
    }
  }
});

test("a status outside of HTTP's range is a bad response, and its outcome unknown", async () => {
  for (const status of [1, 99, 100, 199, 600, 999, 65_736, 1e300, Infinity]) {
    const { error } = await withFetch(async () => ({
      status,
      headers: new Headers(),
      body: null,
      text: async () => "",
    }));
    assert.deepEqual([error?.code, error?.outcome], ["bad-response", "unknown"], String(status));
  }
});

test("a thenable is awaited like a promise, also one whose then throws or calls both callbacks", async () => {
  const answer = { status: 404, text: async () => "x" };
  const fetches = [
    () => ({ then: (/** @type {any} */ resolve) => resolve(answer) }),
    () => ({
      then: (/** @type {any} */ resolve, /** @type {any} */ reject) => {
        resolve(answer);
        reject(new Error("no"));
        throw new Error("no");
      },
    }),
  ];
  for (const fetch of fetches) assert.equal((await withFetch(fetch)).error?.code, "not-found");
  const broken = [
    () => ({
      then() {
        throw new Error("no");
      },
    }),
    () => ({
      get then() {
        throw new Error("no");
      },
    }),
  ];
  for (const fetch of broken) assert.equal((await withFetch(fetch)).error?.code, "network");
});

/** Bodies that no platform has. With a 200 the command was accepted, whatever they contain. @type {[string, () => any][]} */
const bodies = [
  [
    "text() throws",
    () => ({
      text() {
        throw new Error("no");
      },
    }),
  ],
  ["text() rejects with undefined", () => ({ text: () => Promise.reject() })],
  ["text() gives no text", () => ({ text: async () => ({}) })],
  ["there is nothing to read", () => ({})],
  [
    "members throw",
    () => ({
      get body() {
        throw new Error("no");
      },
      get text() {
        throw new Error("no");
      },
      get headers() {
        throw new Error("no");
      },
    }),
  ],
  ["body is a text", () => ({ body: "text", text: async () => "x" })],
  ["body is hostile", () => ({ body: hostile })],
  [
    "getReader throws",
    () => ({
      body: {
        getReader() {
          throw new Error("no");
        },
      },
    }),
  ],
  ["getReader gives null", () => ({ body: { getReader: () => null } })],
  [
    "the stream is locked",
    () => {
      const body = new Response("x").body;
      body?.getReader();
      return { body };
    },
  ],
  [
    "read throws",
    () => ({
      body: {
        getReader: () => ({
          read() {
            throw new Error("no");
          },
        }),
      },
    }),
  ],
  ["read gives undefined", () => ({ body: { getReader: () => ({ read: () => undefined }) } })],
  [
    "read returns a hostile part",
    () => ({
      body: {
        getReader: () => ({
          read: () => ({
            get done() {
              throw new Error("no");
            },
            get value() {
              throw new Error("no");
            },
          }),
        }),
      },
    }),
  ],
  ["parts are texts", () => parts("some", "text")],
  ["parts are arrays", () => parts([1, 2, 3])],
  [
    "parts report a wrong length",
    () => parts({ byteLength: 3 }, { byteLength: 1e12 }, { byteLength: -1 }, { byteLength: NaN }),
  ],
  [
    "parts report a wrong length, and subarray fails",
    () => parts({ byteLength: 3, subarray: () => new Uint8Array(9_000_000) }, { byteLength: 9, subarray: () => null }),
  ],
  [
    "parts are views of other kinds",
    () => parts(new Uint16Array([1, 2]), new DataView(new ArrayBuffer(4)), new ArrayBuffer(4)),
  ],
  [
    "parts are shared or detached",
    () => {
      const gone = new Uint8Array(8);
      structuredClone(gone, { transfer: [gone.buffer] });
      return parts(new Uint8Array(new SharedArrayBuffer(4)), gone);
    },
  ],
  [
    "a part shrinks while it is read",
    () => {
      const buffer = new Uint8Array(4096);
      setTimeout(() => structuredClone(buffer, { transfer: [buffer.buffer] }), 20);
      return parts(buffer, new Promise((resolve) => setTimeout(resolve, 60, new Uint8Array(2))));
    },
  ],
  ["the stream errors", () => ({ body: new ReadableStream({ start: (controller) => controller.error(hostile) }) })],
  [
    "cancel throws",
    () => ({
      body: {
        getReader: () => ({
          read: never,
          cancel() {
            throw new Error("no");
          },
        }),
      },
    }),
  ],
  [
    "cancel rejects",
    () => ({ body: { getReader: () => ({ read: never, cancel: () => Promise.reject(new Error("no")) }) } }),
  ],
];
/** @param {...unknown} values */
function parts(...values) {
  const rest = [...values];
  return {
    body: {
      getReader: () => ({
        read: async () => (rest.length > 0 ? { done: false, value: await rest.shift() } : { done: true }),
        cancel() {},
      }),
    },
  };
}
for (const [what, make] of bodies) {
  test(`a response of which ${what}`, async () => {
    for (const status of [200, 404, 500]) {
      const members = make();
      // Copies the property descriptors, so that a getter that throws stays a getter.
      const answer = Object.defineProperties(
        {},
        { ...Object.getOwnPropertyDescriptors(members), status: { value: status, enumerable: true } },
      );
      const { receipt, error, tookMs } = await withFetch(async () => answer, { attemptTimeoutMs: 200 });
      assert.ok(tookMs < 400 + GRACE_MS);
      if (status === 200) assert.ok(receipt, `a 2xx is a receipt: ${error?.code}`);
      else assert.equal(error?.outcome, status === 404 ? "not-executed" : "unknown", error?.code);
    }
  });
}

test("invalid headers", async () => {
  for (const headers of [
    undefined,
    null,
    "text",
    {},
    { get: 1 },
    {
      get() {
        throw new Error("no");
      },
    },
    { get: () => ({}) },
    { get: () => hostile },
    { get: () => 5 },
    hostile,
  ]) {
    const { error } = await withFetch(async () => ({ status: 429, headers, text: async () => "x" }), { maxRetries: 0 });
    assert.deepEqual([error?.code, error?.retryAfterMs, error?.requestId], ["rate-limited", null, null]);
  }
});

test("a fetch that settles after the call changes nothing", async () => {
  const late = (/** @type {any} */ end) => () =>
    new Promise((resolve, reject) =>
      setTimeout(() => (end === "reject" ? reject(new Error("late")) : resolve(end)), 150),
    );
  for (const end of ["reject", new Response("late"), hostile]) {
    const { error } = await withFetch(late(end), { attemptTimeoutMs: 60 });
    assert.deepEqual([error?.code, error?.outcome], ["timeout", "unknown"]);
  }
  await sleep(200);
});

test("a response that comes at the moment of the abort is cancelled", async () => {
  let cancelled = false;
  const body = new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => void (cancelled = true) });
  const { error } = await withFetch(async () => new Response(body, { status: 404 }), { attemptTimeoutMs: 60 });
  assert.equal(error?.code, "timeout");
  await sleep(20);
  assert.ok(cancelled);
});

test("an endless stream of empty parts that never waits does not outlive its deadline", async () => {
  // In its own process, because a defect here would block every timer of this one.
  const script = `
    import { sendWorkflowCommand } from "campaign-workflow";
    const read = async () => ({ done: false, value: new Uint8Array(0) });
    const fetch = async () => ({ status: 500, headers: new Headers(), body: { getReader: () => ({ read, cancel() {} }) } });
    await sendWorkflowCommand({ organization: "a", workflowId: "W", command: "start", baseUrl: "http://localhost", fetch, timeoutMs: 300 })
      .catch((error) => console.log(error.code, error.outcome));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  const killed = setTimeout(() => child.kill("SIGKILL"), 5000);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(killed);
  assert.match(output, /^(timeout|bad-response) unknown$/m);
});

test("no error reached the process, and the next call works", async () => {
  await sleep(50);
  assert.deepEqual(uncaught, []);
  await acceptedCall(server, []);
});
