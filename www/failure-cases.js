// @ts-check
// Everything that can be tried: the fault that the local Campaign is told to make, or the wrong value that the client
// is given, and what the client answers.

/**
 * @typedef {import("campaign-workflow/emulator").Fault} Fault
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").Role} Role
 */

/**
 * @typedef {object} Trial
 * @property {string} id          its sentences are `trial.<id>.title` and `trial.<id>.about`
 * @property {string} [code]      what the client rejects with; absent: a receipt
 * @property {"accepted" | "not-executed" | "unknown"} outcome
 * @property {Fault} [fault]
 * @property {(workflow: Workflow) => Record<string, unknown>} [changes] to the request
 * @property {boolean} [cancelled]
 * @property {boolean} [signedOut] the cookie of the sign-in is left out
 * @property {Role} [role]        who is signed in for it
 * @property {boolean} [anyone]   it ends before anybody's right is asked for
 * @property {boolean} [twice]     it is sent twice, with the same changes; what is told is the second
 * @property {boolean} [lostAnswer] the gateway's first answer is lost on its way to the page
 * @property {boolean} [yours]    it needs the person: press Cancel
 */

/** The client's time for one request, where an answer is lost: short, for the person who waits. */
const attemptTimeoutMs = 2000;

/** @type {readonly { id: "keys" | "gateway" | "answers" | "busy" | "network" | "code", trials: readonly Trial[] }[]} */
export const groups = [
  {
    id: "keys",
    trials: [
      { id: "lost-reply", outcome: "accepted", lostAnswer: true, changes: () => ({ attemptTimeoutMs }) },
      {
        id: "lost-reply-no-key",
        code: "timeout",
        outcome: "unknown",
        lostAnswer: true,
        changes: () => ({ attemptTimeoutMs, idempotencyKey: undefined }),
      },
      { id: "same-key", outcome: "accepted", changes: () => ({ idempotencyKey: crypto.randomUUID() }), twice: true },
    ],
  },
  {
    id: "gateway",
    trials: [
      { id: "viewer", code: "forbidden", outcome: "not-executed", role: "viewer" },
      { id: "signed-out", code: "forbidden", outcome: "not-executed", signedOut: true },
      { id: "not-listed", code: "not-found", outcome: "not-executed", changes: () => ({ workflowId: "WKF999" }) },
    ],
  },
  {
    id: "answers",
    trials: [
      { id: "token-expired", code: "unauthenticated", outcome: "not-executed", fault: { kind: "token-expired" } },
      { id: "profile-invalid", code: "forbidden", outcome: "not-executed", fault: { kind: "profile-invalid" } },
      { id: "not-found", code: "not-found", outcome: "not-executed", fault: { kind: "not-found" } },
      {
        id: "pkey-undecryptable",
        code: "not-found",
        outcome: "not-executed",
        fault: { kind: "pkey-undecryptable" },
        changes: ({ id, pkey }) => ({ workflowId: pkey ?? id }),
      },
      {
        id: "rejected",
        code: "rejected",
        outcome: "not-executed",
        fault: { kind: "answer", status: 409, body: "The request conflicts with another one." },
      },
      { id: "unknown-uri", code: "server-error", outcome: "not-executed", fault: { kind: "unknown-uri" } },
      { id: "cname-missing", code: "server-error", outcome: "not-executed", fault: { kind: "cname-missing" } },
      { id: "refused-by-campaign", code: "server-error", outcome: "unknown", fault: { kind: "refused-by-campaign" } },
    ],
  },
  {
    id: "busy",
    trials: [
      { id: "throttled-once", outcome: "accepted", fault: { kind: "throttled", retryAfterSeconds: 1 } },
      {
        id: "throttled",
        code: "rate-limited",
        outcome: "not-executed",
        fault: { kind: "throttled", retryAfterSeconds: 1, times: null },
      },
      {
        id: "unavailable",
        code: "server-error",
        outcome: "not-executed",
        fault: { kind: "unavailable", retryAfterSeconds: 1, times: null },
      },
      {
        id: "unavailable-silent",
        code: "server-error",
        outcome: "unknown",
        fault: { kind: "unavailable", retryAfterSeconds: null },
      },
    ],
  },
  {
    id: "network",
    trials: [
      { id: "html", code: "server-error", outcome: "unknown", fault: { kind: "html" } },
      {
        id: "redirect",
        code: "redirected",
        outcome: "not-executed",
        fault: { kind: "redirect", location: "/elsewhere" },
      },
      {
        id: "hang",
        code: "timeout",
        outcome: "unknown",
        fault: { kind: "hang" },
      },
      {
        id: "cancel",
        code: "aborted",
        outcome: "unknown",
        fault: { kind: "delay", delayMs: 8000 },
        yours: true,
      },
      { id: "lost-request", code: "network", outcome: "unknown", fault: { kind: "lost-request" } },
      { id: "lost-answer", code: "network", outcome: "unknown", fault: { kind: "lost-answer" } },
      { id: "cut-body", outcome: "accepted", fault: { kind: "cut-body" } },
      {
        id: "unreadable",
        code: "bad-response",
        outcome: "unknown",
        fault: { kind: "answer", status: 500, headers: { "content-encoding": "gzip" }, body: "This is no gzip." },
      },
    ],
  },
  {
    id: "code",
    trials: [
      {
        id: "dots",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: () => ({ workflowId: ".." }),
      },
      {
        id: "empty",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: () => ({ workflowId: "" }),
      },
      {
        id: "line-break",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: ({ id }) => ({ workflowId: `${id}\r\nHost: evil.example` }),
      },
      {
        id: "command",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: () => ({ command: "restart" }),
      },
      {
        id: "bearer",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: () => ({ accessToken: "Bearer abc" }),
      },
      {
        id: "plain-http",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: () => ({ baseUrl: "http://campaign.example" }),
      },
      {
        id: "adobe",
        code: "invalid-argument",
        outcome: "not-executed",
        anyone: true,
        changes: () => ({ baseUrl: "https://mc.adobe.io", accessToken: "abc", apiKey: "abc" }),
      },
      { id: "token-function", code: "token-unavailable", outcome: "not-executed", anyone: true, changes: brokenToken },
      { id: "cancelled", code: "aborted", outcome: "not-executed", anyone: true, cancelled: true },
    ],
  },
];

/**
 * Whether the local Campaign or its server has to make it happen; deployed there is neither.
 * @param {Trial} trial
 */
export function needsEmulator({ fault, lostAnswer }) {
  return fault !== undefined || lostAnswer === true;
}

function brokenToken() {
  return {
    accessToken: () => {
      throw new Error("The session has ended");
    },
  };
}
