// @ts-check
// Options on their way to the module, which checks them: values as JSON, of functions their names, addresses in their parts.

/** What is an address in them. */
const ADDRESSES = ["baseUrl", "tokenUrl"];

/**
 * A copy of the options, as they are at this moment.
 *
 * @template {object} T @param {T} options @returns {T}
 */
export function taken(options) {
  if (typeof options !== "object" || options === null) throw new TypeError("The options must be an object");
  return { ...options };
}

/**
 * What the module reads. It says what is wrong by names, so that no value is ever in an error.
 *
 * @param {object} options
 */
export function given(options) {
  return JSON.stringify(described(options));
}

/** @param {object} options */
function described(options) {
  /** @type {Record<string, unknown>} */
  const values = {};
  /** @type {string[]} */
  const functions = [];
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === "function") functions.push(name);
    else if (name === "credentials" && isObject(value)) values[name] = described(value);
    else if (ADDRESSES.includes(name)) values[name] = value === undefined ? undefined : address(value);
    else values[name] = plain(value);
  }
  return { values, functions };
}

/** What JSON can't say is nothing that an option may be. @param {unknown} value */
function plain(value) {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(JSON.stringify(value, (_, inner) => (inner === undefined || typeof inner === "function" ? null : inner)));
  } catch {
    return null;
  }
}

/** @param {unknown} value */
function address(value) {
  if (typeof value !== "string") return null;
  try {
    const { protocol, hostname, username, password } = new URL(value);
    return { protocol, hostname, user: username !== "" || password !== "", query: /[?#]/.test(value) };
  } catch {
    return null;
  }
}

/** @param {unknown} value @returns {value is object} */
const isObject = (value) => typeof value === "object" && value !== null;
