// Why this Worker's own part refuses a request, as an RFC 9457 problem document.

export function problemResponse(status: number, title: string, more: object = {}, headers: object = {}): Response {
  const own = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return Response.json({ type: "about:blank", title, status, ...more }, { status, headers: { ...headers, ...own } });
}

/** A variable is wrong: nothing is sent, and the answer and the log name the variable. */
export function misconfigured(error: unknown): Response {
  const detail = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ time: new Date().toISOString(), message: detail }));
  return problemResponse(503, "Service Unavailable", { detail, code: "internal", outcome: "not-executed" });
}
