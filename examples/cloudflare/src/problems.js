// @ts-check
// Why a command has no receipt, as an RFC 9457 problem document.

/** @typedef {import("campaign-workflow").WorkflowCommandError} WorkflowCommandError */

/** @param {Problem["status"]} status @param {string} title @param {Partial<Problem>} rest @returns {Problem} */
const problem = (status, title, rest) => ({
  type: "about:blank",
  title,
  status,
  detail: title,
  code: "rejected",
  outcome: "not-executed",
  hint: null,
  retryAfterMs: null,
  ...rest,
});

export const badDelay = problem(400, "The delay is not usable", {
  code: "invalid-argument",
  hint: "Give whole seconds, 0 to 43200.",
});

export const badRequest = problem(400, "The request is not usable", { code: "invalid-argument" });

export const forbidden = problem(403, "Forbidden", { code: "forbidden" });

export const notFound = problem(404, "There is nothing here", { code: "not-found" });

export const wrongMethod = problem(405, "The method is not allowed here", {});

export const tooLarge = problem(413, "The request is too large", {});

export const wrongType = problem(415, "The content type must be application/json", {});

export const keyUsed = problem(422, "The Idempotency-Key was used for another command", {
  hint: "Give every command a key of its own; repeat a key only to repeat the very same request.",
});

/** A command of the same workflow is pending, and this one was not sent. */
export const busy = problem(409, "A command of this workflow is pending", {
  hint: "Wait until it is settled, then send this one again.",
  retryAfterMs: 1000,
});

/** The very command that this key names is pending: whoever repeats the key may not take it for not executed. */
export const stillPending = problem(409, "The command with this Idempotency-Key is pending", {
  outcome: "unknown",
  hint: "Repeat the request with the same key: it is not sent twice, and answers once the command is settled.",
  retryAfterMs: 1000,
});

export const interruptedBeforeSending = problem(503, "The command was interrupted before it was sent", {
  code: "aborted",
  hint: "Send it again; the same Idempotency-Key may be used.",
  retryAfterMs: 1000,
});

/** By a restart, or because the outcome could not be stored. */
export const interruptedWhileSending = problem(502, "The command was interrupted while it was sent", {
  code: "aborted",
  outcome: "unknown",
  hint: "Look at the workflow in Campaign before you send it again, with a new Idempotency-Key.",
});

/** The workflow's object could not be asked, or was lost while it was asked. No Retry-After: a client may take it for leave to repeat. */
export const objectLost = problem(502, "The workflow's object did not answer", {
  code: "server-error",
  outcome: "unknown",
  hint: "Repeat the request with the same Idempotency-Key: it is not sent twice. Without a key, look at the history first.",
});

export const notConfigured = problem(503, "The Worker has no credentials yet", {
  code: "token-unavailable",
  hint: "Set its secrets: see README.md.",
});

/** The client's error, in which credentials are masked. @param {WorkflowCommandError} error @returns {Problem} */
export function problemOf({ code, outcome, message, hint, retryAfterMs, errorCode, requestId, body }) {
  const isUnknown = outcome === "unknown";
  const told = { code, outcome, detail: message, hint, retryAfterMs: isUnknown ? null : retryAfterMs, errorCode, requestId, body };
  return problem(statusOf(code, isUnknown), "Campaign did not accept the command", told);
}

/**
 * As the gateway itself gives it. An unknown outcome never has a status that invites to repeat the command.
 * @param {Problem["code"]} code @param {boolean} isUnknown
 */
function statusOf(code, isUnknown) {
  if (code === "timeout") return 504;
  if (isUnknown) return 502;
  return code === "not-found" ? 404 : code === "rate-limited" ? 429 : 502;
}

/** Why a command was not sent, or not taken, that may be over when it is sent again. The request itself is in order here. */
const passing = ["rate-limited", "token-unavailable", "unreachable", "aborted", "timeout", "invalid-argument"];

/**
 * Whether a command was certainly not executed for a reason that may pass: its key is free again.
 * @param {Problem} problem
 */
export const mayPass = ({ outcome, code, retryAfterMs }) =>
  outcome === "not-executed" && (retryAfterMs !== null || passing.includes(code));

/** @param {Problem} document @param {HeadersInit} [more] */
export function problemResponse(document, more) {
  const headers = new Headers(more);
  headers.set("content-type", "application/problem+json");
  headers.set("cache-control", "no-store");
  const { status, retryAfterMs } = document;
  if (retryAfterMs !== null || status === 429) headers.set("retry-after", String(Math.max(1, Math.ceil((retryAfterMs ?? 0) / 1000))));
  return Response.json(document, { status: document.status, headers });
}
