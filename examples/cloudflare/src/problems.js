// @ts-check
// Why a command has no receipt, as an RFC 9457 problem document.

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
  hint: "Give whole seconds, 0 to 604800.",
});

export const badRequest = problem(400, "The request is not usable", { code: "invalid-argument" });

export const forbidden = problem(403, "Forbidden", { code: "forbidden" });

export const notFound = problem(404, "There is nothing here", { code: "not-found" });

export const wrongMethod = problem(405, "The method is not allowed here", {});

export const tooLarge = problem(413, "The request is too large", {});

export const wrongType = problem(415, "The content type must be application/json", {});

/** The workflow's object could not be asked, or was lost while it was asked. No Retry-After: a client may take it for leave to repeat. */
export const objectLost = problem(502, "The workflow's object did not answer", {
  code: "server-error",
  outcome: "unknown",
  hint: "Repeat the request with the same Idempotency-Key: it is not sent twice. Without a key, look at the history first.",
});

/** @param {Problem} document @param {HeadersInit} [more] */
export function problemResponse(document, more) {
  const headers = new Headers(more);
  headers.set("content-type", "application/problem+json");
  headers.set("cache-control", "no-store");
  const { status, retryAfterMs } = document;
  if (retryAfterMs !== null || status === 429) headers.set("retry-after", String(Math.max(1, Math.ceil((retryAfterMs ?? 0) / 1000))));
  return Response.json(document, { status: document.status, headers });
}
