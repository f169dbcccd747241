// @ts-check
// Observes, in any runtime, what the import of the package does, and how often its module is started. It has to be the first import of
// a program, and the package the second.

/** @type {any} */
const scope = globalThis;
const starters = ["Instance", "instantiate", "instantiateStreaming"];
/** @type {readonly [any, readonly string[]][]} */
const watched = [
  [scope, ["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"]],
  [scope.WebAssembly, ["Module", "compile", "compileStreaming", "validate", ...starters]],
];

/** @type {string[]} */
const done = [];
/** @type {(() => void)[]} */
const restore = [];
let starts = 0;
let broken = false;
let awaited = false;

// A module graph without a top-level await is evaluated synchronously: no microtask runs in between.
Promise.resolve().then(() => (awaited = true));

for (const [owner, names] of watched) {
  for (const name of names) {
    const original = owner[name];
    if (typeof original !== "function") continue;
    owner[name] = new Proxy(original, {
      apply: (target, self, args) => (note(name), Reflect.apply(target, self, args)),
      construct: (target, args, newTarget) => (note(name), Reflect.construct(target, args, newTarget)),
    });
    if (!starters.includes(name)) restore.push(() => (owner[name] = original));
  }
}

const globals = new Set(Reflect.ownKeys(scope));

/** @param {string} name */
function note(name) {
  done.push(name);
  if (!starters.includes(name)) return;
  starts += 1;
  // In Node a request starts another module, so the message has what came before.
  if (broken) throw new Error(`broken on purpose, after ${done.join(", ")}`);
}

/** Called right after the import. @returns {string[]} the side effects of importing the package */
export function whatTheImportDid() {
  for (const one of restore) one();
  const added = Reflect.ownKeys(scope)
    .filter((key) => !globals.has(key))
    .map((key) => `global ${String(key)}`);
  return [...done, ...added, ...(awaited ? ["top-level await"] : [])];
}

/** No module can be started until `mendStarts`. */
export const breakStarts = () => void (broken = true);
export const mendStarts = () => void (broken = false);
/** How many instances of WebAssembly modules were requested so far. */
export const startsSoFar = () => starts;
