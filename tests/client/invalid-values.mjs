// @ts-check
// Values that no type allows, but that callers and their libraries may pass.

/** A function that throws whatever is done with it. */
export const hostile = new Proxy(() => {}, {
  get(_, name) {
    throw new Error(`no ${String(name)}`);
  },
  has() {
    throw new Error("no");
  },
  ownKeys() {
    throw new Error("no");
  },
  getPrototypeOf() {
    throw new Error("no");
  },
  apply() {
    throw new Error("no");
  },
});

/** @type {readonly unknown[]} */
export const anything = [
  undefined,
  null,
  0,
  -1,
  NaN,
  true,
  "",
  "text",
  Symbol("s"),
  10n,
  {},
  [],
  () => {},
  new Error("own"),
  new Date(NaN),
  hostile,
  Object.create(null),
  Object.freeze(new TypeError("x")),
  {
    toString() {
      throw new Error("no");
    },
  },
  { valueOf: 1, toString: 1 },
];

/** @param {unknown} value */
export function nameOf(value) {
  if (value === hostile) return "an object that always throws";
  if (typeof value === "object" && value !== null && !("toString" in value)) return "an object without a prototype";
  if (typeof value === "object" && Object.hasOwn(value ?? {}, "toString"))
    return `an object that can't become a string, ${Object.keys(/** @type {object} */ (value))}`;
  return `${typeof value} ${String(value)}`;
}

/** Collects the errors that reach the process instead of a caller, from now on. @returns {unknown[]} */
export function listenForUncaught() {
  /** @type {unknown[]} */
  const uncaught = [];
  process.on("uncaughtException", (error) => uncaught.push(error));
  process.on("unhandledRejection", (reason) => uncaught.push(reason));
  return uncaught;
}
