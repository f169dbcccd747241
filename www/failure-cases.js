// @ts-check
// The failure cases: the fault of the emulator or the invalid option that causes each one, and what the client must report.

/**
 * @typedef {import("campaign-workflow/emulator").Fault} Fault
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./store.js").Role} Role
 */

/**
 * @typedef {object} FailureCase
 * @property {string} id          its texts are `case.<id>.title` and `case.<id>.about`
 * @property {string} [code]      the error code that the client rejects with; absent: a receipt
 * @property {"accepted" | "not-executed" | "unknown"} outcome
 * @property {Fault} [fault]
 * @property {(workflow: Workflow) => Record<string, unknown>} [changes] to the options
 * @property {boolean} [cancelled]
 * @property {boolean} [signedOut] without the sign-in cookie
 * @property {Role} [role]        the role that sends the command
 * @property {boolean} [anyone]   ends before permissions are checked
 * @property {boolean} [twice]     sent twice with the same options; the second result counts
 * @property {boolean} [lostResponse] the gateway's first response is lost on its way to the page
 * @property {boolean} [interactive] the person has to press Cancel
 */

/** A short time limit for one request, so that a lost response is noticed quickly. */
const attemptTimeoutMs = 2000;

/** @type {readonly { id: "keys" | "gateway" | "responses" | "busy" | "network" | "code", cases: readonly FailureCase[] }[]} */
export const groups = [
  {
    id: "keys",
    cases: [
      { id: "lost-reply", outcome: "accepted", lostResponse: true, changes: () => ({ attemptTimeoutMs }) },
      {
        id: "lost-reply-no-key",
        code: "timeout",
        outcome: "unknown",
        lostResponse: true,
        changes: () => ({ attemptTimeoutMs, idempotencyKey: undefined }),
      },
      { id: "same-key", outcome: "accepted", changes: () => ({ idempotencyKey: crypto.randomUUID() }), twice: true },
    ],
  },
  {
    id: "gateway",
    cases: [
      { id: "viewer", code: "forbidden", outcome: "not-executed", role: "viewer" },
      { id: "signed-out", code: "forbidden", outcome: "not-executed", signedOut: true },
      { id: "not-listed", code: "not-found", outcome: "not-executed", changes: () => ({ workflowId: "WKF999" }) },
    ],
  },
  {
    id: "responses",
    cases: [
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
    cases: [
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
    cases: [
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
        interactive: true,
      },
      { id: "lost-request", code: "network", outcome: "unknown", fault: { kind: "lost-request" } },
      { id: "lost-answer", code: "network", outcome: "unknown", fault: { kind: "lost-answer" } },
      { id: "cut-body", outcome: "accepted", fault: { kind: "cut-body" } },
      {
        id: "unreadable",
        code: "bad-response",
        outcome: "unknown",
        fault: { kind: "answer", status: 500, headers: { "content-encoding": "gzip" }, body: "This is not gzip." },
      },
    ],
  },
  {
    id: "code",
    cases: [
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
 * Whether the case needs the emulator or the demo server, which a deployed page does not have.
 * @param {FailureCase} failureCase
 */
export function needsEmulator({ fault, lostResponse }) {
  return fault !== undefined || lostResponse === true;
}

function brokenToken() {
  return {
    accessToken: () => {
      throw new Error("The session has ended");
    },
  };
}
