// @ts-check
// A request as a line for the terminal. Credentials are names of variables, which the shell fills in.

/** @typedef {import("./recorder.js").Exchange} Exchange */

const variables = /** @type {const} */ ({ authorization: "Bearer $ACCESS_TOKEN", "x-api-key": "$API_KEY" });

/** @param {Exchange} exchange */
export function asCurl({ method, url, headers, body }) {
  const lines = Object.entries(headers).map(([name, value]) => {
    const variable = variables[/** @type {keyof typeof variables} */ (name.toLowerCase())];
    return variable ? `-H "${name}: ${variable}"` : `-H ${quoted(`${name}: ${value}`)}`;
  });
  return [`curl -i -X ${method} ${quoted(url)}`, ...lines, `--data ${quoted(body)}`].join(" \\\n  ");
}

/** @param {string} text for a POSIX shell */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
