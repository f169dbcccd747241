// @ts-check
// JavaScript as the Rust code touches it: a dozen words for all of it. What an object of the caller's throws ends here.

/** What a value is, in the order of `Kind` in the Rust code; null, symbols and big integers are none of these. */
const KINDS = ["undefined", "boolean", "number", "string", "function", "object"];

/** @param {unknown} value @returns {number} */
export function kind(value) {
  return value === null ? -1 : KINDS.indexOf(typeof value);
}

/**
 * A member; undefined where there is none, or reading it throws.
 *
 * @param {any} object @param {string} name
 */
export function get(object, name) {
  try {
    if (typeof object === "object") return object[name];
  } catch {}
}

/**
 * What a method gives; undefined where there is none, or it throws.
 *
 * @param {any} object @param {string} name @param {unknown} [first] @param {unknown} [second]
 */
export function invoke(object, name, first, second) {
  try {
    return object?.[name]?.(first, second);
  } catch {}
}

/** A member of the global object. @param {string} name */
export function global(name) {
  return get(globalThis, name);
}

/** @param {any} text @returns {any} undefined where it is no JSON */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {}
}

/** @param {any} object @returns {[string, unknown][]} one that is none where they can't be read */
export function entries(object) {
  try {
    return Object.entries(object);
  } catch {
    return [["", undefined]];
  }
}

/** @param {string} given @param {string | undefined} base @returns {any} undefined where it is none */
export function url(given, base) {
  try {
    return new URL(given, base);
  } catch {}
}

/** @param {string} before @param {string} middle @param {string} after */
export function join(before, middle, after) {
  return before + middle + after;
}

/**
 * The number of the first group of the pattern that a text matches; 0 where the text, or what is none, does not match.
 *
 * @param {unknown} text @param {string} pattern
 */
export function which(text, pattern) {
  const groups = typeof text === "string" && RegExp(pattern, "su").exec(text);
  return groups ? groups.findIndex((group, index) => index && group !== undefined) : 0;
}

/** The first match of a pattern. @param {string} text @param {string} pattern @returns {string | undefined} */
export function find(text, pattern) {
  return RegExp(pattern, "su").exec(text)?.[0];
}

/** @param {string} text @param {number} index */
export function line(text, index) {
  return text.split("\n")[index];
}

/** A path segment: RFC 3986's unreserved characters and `@` stay. @param {string} text */
export function segment(text) {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%40", "@");
}

/**
 * The text that chunks of bytes hold; undefined where `fatal` and they are no UTF-8, or they are no bytes at all.
 *
 * @param {any[]} chunks @param {number} fatal
 * @returns {any}
 */
export function decode(chunks, fatal) {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: !!fatal });
    return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  } catch {}
}

/** Writes a text as UTF-8, and tells how much that is. @param {string} text @param {Uint8Array} bytes */
export function write(text, bytes) {
  return new TextEncoder().encodeInto(text, bytes).written;
}

/** Reads what was written. @param {Uint8Array} bytes */
export function read(bytes) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** @returns {unknown[]} */
export function list() {
  return [];
}

/** @param {{ length: number }} of */
export function length(of) {
  return of.length;
}

/** @param {unknown[]} list @param {number} index */
export function at(list, index) {
  return list[index];
}

/** @param {unknown[]} list @param {unknown} element */
export function push(list, element) {
  list.push(element);
}

/** @param {string} text @param {number} from @param {number} to */
export function slice(text, from, to) {
  return text.slice(from, to);
}

/** A promise and what settles it. */
export function deferred() {
  /** @type {any} */
  const deferred = {};
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }));
  return deferred;
}

/**
 * @callback Wake
 * @param {number} task
 * @param {number} note
 * @param {unknown} [value]
 */

/** A function that wakes a task. @param {Wake} wake @param {number} task @param {number} note */
export function waker(wake, task, note) {
  return (/** @type {unknown} */ value) => wake(task, note, value);
}

/** Wakes a task later. @param {Wake} wake @param {number} task @param {number} note @param {number} ms */
export function timer(wake, task, note, ms) {
  return setTimeout(wake, ms, task, note);
}

/**
 * Calls a function or a method, and wakes the task with what it promises: with `note`, or with twice of it where it fails.
 *
 * @param {Wake} wake @param {number} task @param {number} note
 * @param {any} callee @param {unknown} self @param {unknown} [first] @param {unknown} [second]
 */
export function start(wake, task, note, callee, self, first, second) {
  new Promise((resolve) => resolve(callee.call(self, first, second))).then(
    waker(wake, task, note),
    waker(wake, task, 2 * note),
  );
}
