// @ts-check
// Looked at from inside, in any runtime: what the import of the package does, and how often its module is started.
// It has to be the first import of a program, and the package's the next.

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

// A graph of modules without a top-level await is evaluated in one go: no microtask runs in between.
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
  // In Node a request starts a module of its own: what went before tells.
  if (broken) throw new Error(`broken on purpose, after ${done.join(", ")}`);
}

/** @returns {string[]} what importing the package did, in words; called right after the import */
export function whatTheImportDid() {
  for (const one of restore) one();
  const added = Reflect.ownKeys(scope)
    .filter((key) => !globals.has(key))
    .map((key) => `global ${String(key)}`);
  return [...done, ...added, ...(awaited ? ["top-level await"] : [])];
}

/** Until `mendStarts`, no module can be started. */
export const breakStarts = () => void (broken = true);
export const mendStarts = () => void (broken = false);
/** How many instances of WebAssembly modules were asked for so far. */
export const startsSoFar = () => starts;
