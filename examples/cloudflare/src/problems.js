// @ts-check
// Why the demo's sign-in refuses a request, as an RFC 9457 problem document.

/** @param {number} status @param {string} title @param {HeadersInit} [headers] */
export function problemResponse(status, title, headers) {
  const document = { type: "about:blank", title, status };
  const own = new Headers(headers);
  own.set("content-type", "application/problem+json");
  own.set("cache-control", "no-store");
  own.set("x-content-type-options", "nosniff");
  return Response.json(document, { status, headers: own });
}
