// Problem documents (RFC 9457) and log lines of this example's own code.

/** The headers of every response of this example. */
export const notStored = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

export function problemResponse(status: number, title: string, more: object = {}, headers: object = {}): Response {
  const own = { "content-type": "application/problem+json", ...notStored };
  return Response.json({ type: "about:blank", title, status, ...more }, { status, headers: { ...headers, ...own } });
}

/** For an invalid variable: nothing is sent, and the response and the log name the variable. */
export function misconfigured(error: unknown): Response {
  const detail = error instanceof Error ? error.message : String(error);
  log(detail);
  return problemResponse(503, "Service Unavailable", { detail, code: "internal", outcome: "not-executed" });
}

export function log(message: string, more: object = {}): void {
  console.error(JSON.stringify({ time: new Date().toISOString(), message, ...more }));
}
