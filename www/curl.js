// @ts-check
// A request as a line for the terminal. The session is the name of a variable, which the shell fills in.

/** @typedef {import("./traced-fetch.js").Exchange} Exchange */

/** @param {Exchange} exchange */
export function asCurl({ method, url, headers, body, signedIn }) {
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const session = signedIn ? ['-b "$SESSION"'] : [];
  const data = body === "" ? [] : [`--data ${quoted(body)}`];
  return [`curl -i -X ${method} ${quoted(url)}`, ...session, ...lines, ...data].join(" \\\n  ");
}

/** @param {string} text for a POSIX shell */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
