// @ts-check
// JavaScript as the Rust code touches it: a dozen words for all of it. What an object of the caller's throws ends here.

/** What a value is, in the order of `Kind` in the Rust code; null, symbols and big integers are none of these. */
const KINDS = ["undefined", "boolean", "number", "string", "function", "object"];

/**
 * The texts that the Rust code speaks of by their numbers: every instance tells the same ones. What is made of them is kept.
 *
 * @type {string[]}
 */
let texts = [];
/** @type {RegExp[]} */
const patterns = [];
/** @type {object[]} */
const literals = [];

/** Takes the texts, a line each. @param {Uint8Array} bytes */
export function know(bytes) {
  const told = read(bytes).split("\n");
  // The client's module has those of the core's, and more.
  if (told.length > texts.length) texts = told;
}

/** @param {number} number @returns {any} */
export function text(number) {
  return texts[number];
}

/** @param {number} number */
function pattern(number) {
  return (patterns[number] ??= RegExp(text(number), "su"));
}

/** @param {unknown} value @returns {number} */
export function kind(value) {
  return value === null ? -1 : KINDS.indexOf(typeof value);
}

/**
 * A member; undefined where there is none, or reading it throws.
 *
 * @param {any} object @param {number} name
 */
export function get(object, name) {
  try {
    if (typeof object === "object") return object[text(name)];
  } catch {}
}

/**
 * What a method gives; undefined where there is none, or it throws.
 *
 * @param {any} object @param {number} name @param {unknown} [first] @param {unknown} [second]
 */
export function invoke(object, name, first, second) {
  try {
    return object?.[text(name)]?.(first, second);
  } catch {}
}

/** A member of the global object. @param {number} name */
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

/** @param {string} before @param {number} middle @param {string} after */
export function join(before, middle, after) {
  return before + text(middle) + after;
}

/**
 * The number of the group of the pattern that a text matches, of which there is at most one; 0 where it matches none, and -1
 * for what is no text.
 *
 * @param {unknown} value @param {number} of
 */
export function group(value, of) {
  if (typeof value !== "string") return -1;
  const groups = pattern(of).exec(value);
  let group = groups ? groups.length - 1 : 0;
  while (group > 0 && groups?.[group] === undefined) group--;
  return group;
}

/** The first match of a pattern. @param {string} text @param {number} of @returns {string | undefined} */
export function find(text, of) {
  return pattern(of).exec(text)?.[0];
}

/** A new object. @param {number} json @returns {any} */
export function literal(json) {
  return { ...(literals[json] ??= JSON.parse(text(json))) };
}

/** @param {any} object @param {number} name @param {unknown} value */
export function set(object, name, value) {
  object[text(name)] = value;
}

/** @param {any} object @param {[string, unknown][]} entries */
export function fill(object, entries) {
  for (const [name, value] of entries) object[name] = value;
}

/** A path segment: RFC 3986's unreserved characters and `@` stay. @param {string} text */
export function segment(text) {
  return encodeURIComponent(text).replace(/%40|[!'()*]/g, (char) =>
    char === "%40" ? "@" : `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The text that chunks of bytes hold; undefined where `fatal` and they are no UTF-8, or they are no bytes at all.
 *
 * @param {any[] | undefined} chunks @param {number} fatal
 * @returns {any}
 */
export function decode(chunks, fatal) {
  if (!chunks) return "";
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
  /** @type {unknown} */
  let resolve;
  /** @type {unknown} */
  let reject;
  const promise = new Promise((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
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
export async function start(wake, task, note, callee, self, first, second) {
  let value;
  try {
    value = await callee.call(self, first, second);
  } catch (thrown) {
    note *= 2;
    value = thrown;
  }
  wake(task, note, value);
}
