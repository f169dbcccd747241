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

export const badKey = problem(400, "The Idempotency-Key is not usable", {
  code: "invalid-argument",
  hint: "Give 1 to 255 visible ASCII characters, without spaces.",
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

export const interruptedBeforeSending = problem(503, "The Worker was restarted before the command was sent", {
  code: "aborted",
  hint: "Send it again; the same Idempotency-Key may be used.",
});

export const interruptedWhileSending = problem(502, "The Worker was restarted while the command was sent", {
  code: "aborted",
  outcome: "unknown",
  hint: "Look at the workflow in Campaign before you send it again, with a new Idempotency-Key.",
});

/** The workflow's object could not be asked, or was lost while it was asked. */
export const objectLost = problem(503, "The workflow's object did not answer", {
  code: "server-error",
  outcome: "unknown",
  hint: "Repeat the request with the same Idempotency-Key: it is not sent twice. Without a key, look at the history first.",
  retryAfterMs: 1000,
});

export const notConfigured = problem(503, "The Worker has no credentials yet", {
  code: "token-unavailable",
  hint: "Set its secrets: see README.md.",
});

/** The status that a failure of the call to Adobe has for the caller, as the gateway itself gives it; 502 for any other. */
const statuses = /** @type {Record<string, number>} */ ({
  "not-found": 404,
  "rate-limited": 429,
  timeout: 504,
});

/** What the client said, in which credentials are masked. @param {WorkflowCommandError} error @returns {Problem} */
export function problemOf({ code, outcome, message, hint, retryAfterMs, errorCode, requestId, body }) {
  const told = { code, outcome, detail: message, hint, retryAfterMs, errorCode, requestId, body };
  return problem(statuses[code] ?? 502, "Campaign did not accept the command", told);
}

/** @param {Problem} document @param {HeadersInit} [more] */
export function problemResponse(document, more) {
  const headers = new Headers(more);
  headers.set("content-type", "application/problem+json");
  headers.set("cache-control", "no-store");
  if (document.retryAfterMs !== null) headers.set("retry-after", String(Math.ceil(document.retryAfterMs / 1000)));
  return Response.json(document, { status: document.status, headers });
}
