// @ts-check
// Writes a request as a curl command. The session cookie is a shell variable.

/** @param {import("./traced-fetch.js").TracedRequest} request */
export function asCurl({ method, url, headers, body, signedIn }) {
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const session = signedIn ? ['-b "$SESSION"'] : [];
  const data = body === "" ? [] : [`--data ${quoted(body)}`];
  return [`curl -i -X ${method} ${quoted(url)}`, ...session, ...lines, ...data].join(" \\\n  ");
}

/** Quotes a text for a POSIX shell. @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
