// @ts-check
// The headers of the page's files: for the local server, and in the file `_headers` for Cloudflare.

/** `'wasm-unsafe-eval'` allows a WebAssembly module to start, and no other eval. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** @type {Readonly<Record<string, string>>} */
export const pageHeaders = {
  // A cached copy is revalidated before use, because files of two builds do not fit together.
  "Cache-Control": "no-cache",
  "Content-Security-Policy": contentSecurityPolicy,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  // For browsers that don't know frame-ancestors.
  "X-Frame-Options": "DENY",
};

/** The file `_headers` of Cloudflare's static assets, for every address. */
export function headersFile() {
  return ["/*", ...Object.entries(pageHeaders).map(([name, value]) => `  ${name}: ${value}`), ""].join("\n");
}
