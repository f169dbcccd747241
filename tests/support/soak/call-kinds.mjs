// @ts-check
// The kinds of calls of the soak: what the server or the fetch does, and how the call has to end.

import { setMaxListeners } from "node:events";
import { createServer } from "node:http";
import { listen } from "../listen.mjs";

/** @typedef {import("campaign-workflow").WorkflowCommandRequest} Request */
/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {number} weight  how often, compared with the others
 * @property {string | number} expected  the error's code and outcome, or the receipt's status
 * @property {() => Partial<Request>} make  the fields of the request that differ
 */

const json = { "content-type": "application/json", "x-request-id": "soak" };
const text = "RST-360011 An error has occurred - please contact your administrator.";
const mebibyte = new Uint8Array(1_100_000).fill(120);
const never = () => new Promise(() => {});

/** A response of a caller's own fetch, with the least that the client reads. @param {number} status @param {string} body @param {Record<string, string>} [headers] */
const minimalResponse = (status, body, headers = {}) => ({
  status,
  headers: { get: (/** @type {string} */ name) => headers[name.toLowerCase()] ?? null },
  text: async () => body,
});

/** A body that breaks off after a part, or hangs. @param {"breaks" | "hangs"} how */
const stream = (how) =>
  new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("so far")),
    pull: (controller) =>
      how === "breaks" ? controller.error(new TypeError("terminated")) : /** @type {Promise<void>} */ (never()),
  });

/** A fetch that ends with its signal, as the platform's does. @param {string} _ @param {any} init */
const untilAbort = (_, init) =>
  new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason), { once: true }));

/** @param {(() => any)[]} responses one for each attempt */
const inTurn = (...responses) => ({ fetch: async () => responses.shift()?.() });
/** @param {() => any} response */
const always = (response) => ({ fetch: async () => response() });
const throttled = () => new Response("slow down", { status: 429, headers: { "retry-after": "0" } });
const refreshing = {
  accessToken: async (/** @type {{ refresh: boolean }} */ { refresh }) => (refresh ? "fresh-token" : "stale-token"),
};

/** One signal for all calls, as in an application that shuts down. A listener that stays on it would show in the heap. */
const shared = new AbortController().signal;
setMaxListeners(0, shared);

/** @param {number} ms */
function abortAfter(ms) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

/** @type {readonly Kind[]} */
export const stubbedKinds = [
  {
    name: "accepted, JSON",
    weight: 20,
    expected: 200,
    make: () => always(() => new Response('{"ok":true}', { headers: json })),
  },
  {
    name: "accepted, a minimal response",
    weight: 20,
    expected: 200,
    make: () => always(() => minimalResponse(200, '{"ok":true}', json)),
  },
  {
    name: "accepted, no body",
    weight: 5,
    expected: 204,
    make: () => always(() => new Response(null, { status: 204 })),
  },
  {
    name: "accepted, a shared signal",
    weight: 10,
    expected: 200,
    make: () => ({ ...always(() => minimalResponse(200, "")), signal: shared }),
  },
  {
    name: "accepted after 429",
    weight: 4,
    expected: 200,
    make: () => inTurn(throttled, () => minimalResponse(200, "")),
  },
  {
    name: "accepted after 401",
    weight: 4,
    expected: 200,
    make: () => ({
      ...inTurn(
        () => minimalResponse(401, "{}"),
        () => minimalResponse(200, ""),
      ),
      ...refreshing,
    }),
  },
  {
    name: "accepted, the body breaks off",
    weight: 3,
    expected: 200,
    make: () => always(() => new Response(stream("breaks"))),
  },
  {
    name: "accepted, the body hangs",
    weight: 1,
    expected: 200,
    make: () => ({ ...always(() => new Response(stream("hangs"))), attemptTimeoutMs: 2 }),
  },
  { name: "accepted, over 1 MiB", weight: 0.02, expected: 200, make: () => always(() => new Response(mebibyte)) },
  { name: "404", weight: 5, expected: "not-found not-executed", make: () => always(() => minimalResponse(404, text)) },
  {
    name: "401",
    weight: 2,
    expected: "unauthenticated not-executed",
    make: () => always(() => new Response('{"error_code":"401013"}', { status: 401 })),
  },
  { name: "429 to the end", weight: 1, expected: "rate-limited not-executed", make: () => always(throttled) },
  {
    name: "307",
    weight: 2,
    expected: "redirected not-executed",
    make: () => always(() => new Response(null, { status: 307, headers: { location: "/" } })),
  },
  {
    name: "500",
    weight: 5,
    expected: "server-error unknown",
    make: () => always(() => new Response(text, { status: 500 })),
  },
  {
    name: "500 that breaks off",
    weight: 2,
    expected: "bad-response unknown",
    make: () => always(() => new Response(stream("breaks"), { status: 500 })),
  },
  {
    name: "500 over 1 MiB",
    weight: 0.02,
    expected: "bad-response unknown",
    make: () => always(() => new Response(mebibyte, { status: 500 })),
  },
  {
    name: "a network failure",
    weight: 5,
    expected: "network unknown",
    make: () =>
      always(() => {
        throw new TypeError("fetch failed", { cause: new Error("reset") });
      }),
  },
  {
    name: "a network failure without a cause",
    weight: 1,
    expected: "network unknown",
    make: () =>
      always(() => {
        throw new TypeError("fetch failed");
      }),
  },
  {
    name: "a fetch that throws",
    weight: 1,
    expected: "network unknown",
    make: () => ({
      fetch: () => {
        throw undefined;
      },
    }),
  },
  { name: "no response at all", weight: 1, expected: "network unknown", make: () => always(() => undefined) },
  {
    name: "a deadline",
    weight: 2,
    expected: "timeout unknown",
    make: () => ({ fetch: /** @type {any} */ (untilAbort), attemptTimeoutMs: 1 }),
  },
  {
    name: "a deadline, and a fetch that does not listen",
    weight: 1,
    expected: "timeout unknown",
    make: () => ({ fetch: /** @type {any} */ (never), timeoutMs: 2 }),
  },
  {
    name: "an abort",
    weight: 2,
    expected: "aborted unknown",
    make: () => ({ fetch: /** @type {any} */ (untilAbort), signal: abortAfter(1) }),
  },
  {
    name: "an abort in a wait",
    weight: 1,
    expected: "aborted not-executed",
    make: () => ({ ...always(() => minimalResponse(429, "", { "retry-after": "20" })), signal: abortAfter(1) }),
  },
  {
    name: "a token function that throws",
    weight: 1,
    expected: "token-unavailable not-executed",
    make: () => ({
      accessToken: () => {
        throw new Error("no");
      },
    }),
  },
  {
    name: "a token function that hangs",
    weight: 1,
    expected: "token-unavailable not-executed",
    make: () => ({ accessToken: /** @type {any} */ (never), attemptTimeoutMs: 1 }),
  },
  { name: "a refused request", weight: 2, expected: "invalid-argument not-executed", make: () => ({ workflowId: "" }) },
];

/** Over a socket; the workflow's id tells the server what to do. @type {readonly Kind[]} */
export const socketKinds = [
  { name: "socket: accepted", weight: 10, expected: 200, make: () => ({ workflowId: "accept" }) },
  { name: "socket: accepted, cut", weight: 2, expected: 200, make: () => ({ workflowId: "cut" }) },
  { name: "socket: 404", weight: 3, expected: "not-found not-executed", make: () => ({ workflowId: "missing" }) },
  {
    name: "socket: 429 to the end",
    weight: 1,
    expected: "rate-limited not-executed",
    make: () => ({ workflowId: "throttle" }),
  },
  { name: "socket: a reset", weight: 2, expected: "network unknown", make: () => ({ workflowId: "reset" }) },
  {
    name: "socket: a deadline",
    weight: 1,
    expected: "timeout unknown",
    make: () => ({ workflowId: "hang", attemptTimeoutMs: 100 }),
  },
  {
    name: "socket: an abort",
    weight: 1,
    expected: "aborted unknown",
    make: () => ({ workflowId: "hang", signal: abortAfter(100) }),
  },
];

/** The server of `socketKinds`. @returns {Promise<{ url: string, closeConnections: () => void, close: () => void }>} */
export async function startServer() {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      switch (request.url?.split("/").at(-2)) {
        case "accept":
          return response.end('{"ok":true}');
        case "cut":
          return response.writeHead(200, { "content-length": 100 }).write("so far", () => response.destroy());
        case "missing":
          return response.writeHead(404).end(text);
        case "throttle":
          return response.writeHead(429, { "retry-after": "0" }).end();
        case "reset":
          return request.socket.resetAndDestroy();
        default:
          return;
      }
    });
  });
  const url = await listen(server);
  // A server that closes an idle connection just when a request is sent on it would be another fault.
  server.keepAliveTimeout = 600_000;
  return { url, closeConnections: () => server.closeAllConnections(), close: () => server.close() };
}

/** Chooses a kind by its weight. @param {readonly Kind[]} kinds @returns {(random: number) => Kind} random: from 0 to 1 */
export function chooser(kinds) {
  const sum = kinds.reduce((sum, { weight }) => sum + weight, 0);
  return (random) => {
    let rest = random * sum;
    return kinds.find(({ weight }) => (rest -= weight) < 0) ?? /** @type {Kind} */ (kinds[0]);
  };
}
