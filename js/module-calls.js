// @ts-check
// Starts the module at the first call, and ends its calls if it traps.

import { WorkflowCommandError } from "./errors.js";

/** @typedef {"not-executed" | "unknown"} Outcome  the outcome of a call if the module traps */

/**
 * @template C
 * @typedef {object} Instance
 * @property {C} core  the exports of the module
 * @property {(work: (core: C) => Promise<any>, outcome?: Outcome) => Promise<any>} enter  runs a call
 */

/**
 * Creates the calls of a module. The module is compiled and started at the first call, once for all concurrent calls.
 * After a failed start, the next call tries again.
 *
 * @template {object} C
 * @param {(module: WebAssembly.Module, guard: import("./core.js").Guard) => C} createCore
 * @param {() => Promise<WebAssembly.Module>} compile
 */
export function createModuleCalls(createCore, compile) {
  /** @type {Instance<C> | undefined} */
  let current;
  /** @type {Promise<Instance<C>> | undefined} */
  let starting;

  /** @param {WebAssembly.Module} module @returns {Instance<C>} */
  const instantiate = (module) => {
    /** @type {Set<(cause: unknown) => void>} the functions that reject the calls in flight */
    const calls = new Set();
    /** @type {unknown} */
    let trap;
    const core = createCore(module, (exports, kinds) =>
      guarded(exports, kinds, (cause) => {
        // The state of the instance is unknown: its calls end here, and the next call starts a new instance.
        if (current === instance) current = undefined;
        trap = cause;
        for (const reject of calls) reject(cause);
      }),
    );
    /** @type {Instance<C>["enter"]} */
    const enter = (work, outcome = "unknown") =>
      new Promise((resolve, reject) => {
        const fail = (/** @type {unknown} */ cause) => reject(trapError(cause, outcome));
        if (trap) return fail(trap);
        calls.add(fail);
        try {
          // One `then` for both results: each further promise would slow down every call.
          work(core).then(
            (value) => (calls.delete(fail), resolve(value)),
            (error) => (calls.delete(fail), reject(error)),
          );
        } catch (cause) {
          // If this call trapped, it was already rejected with the others.
          fail(cause);
        }
      });
    const instance = { core, enter };
    return instance;
  };

  /** Returns the instance, and starts it if necessary. */
  const start = async () =>
    current ??
    (starting ??= compile()
      .then((module) => (current = instantiate(module)))
      .catch(throwStartError)
      .finally(() => (starting = undefined)));

  /**
   * Calls an exported async function.
   *
   * @param {string & keyof C} name @param {any} request @param {Outcome} [outcome]
   * @returns {Promise<any>}
   */
  const call = (name, request, outcome) => {
    const enter = (/** @type {Instance<C>} */ instance) =>
      instance.enter((core) => /** @type {any} */ (core)[name](request), outcome);
    return current ? enter(current) : start().then(enter);
  };

  return { call, start };
}

/**
 * Wraps the exports of an instance, and reports its first trap. After a trap no export runs any more, because its calls
 * were already reported as ended. Callbacks do not throw, because their error could not be caught.
 *
 * The wrappers also prevent a crash of Node 20: its V8 inlines an export that returns a reference into optimized code,
 * and aborts the process if it discards that code while the export runs. V8 does not inline a call with spread
 * arguments.
 *
 * @param {WebAssembly.Exports} exports @param {import("./core.js").ExportKinds} kinds @param {(cause: unknown) => void} onTrap
 */
export function guarded(exports, { callbacks, helpers }, onTrap) {
  let hasTrapped = false;
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => {
      if (typeof value !== "function" || helpers.includes(name)) return [name, value];
      const mayThrow = !callbacks.includes(name);
      const guard = (/** @type {unknown[]} */ ...args) => {
        try {
          if (hasTrapped) throw new Error("The instance has trapped");
          return value(...args);
        } catch (cause) {
          if (!hasTrapped) {
            hasTrapped = true;
            onTrap(cause);
          }
          if (mayThrow) throw cause;
          // The glue looks for an error in the result: there is none.
          return [];
        }
      };
      return [name, guard];
    }),
  );
}

/**
 * Copies the fields of a request, so that the caller can change the object before the module reads it.
 *
 * @param {any} request @param {(request: any) => Record<string, any>} fields  copies them by name, which engines optimize
 * @returns {any}
 */
export function snapshot(request, fields) {
  if (typeof request !== "object" || request === null) return request;
  try {
    const copy = fields(request);
    if (isPlain(copy.headers)) copy.headers = { ...copy.headers };
    return copy;
  } catch {
    throw new WorkflowCommandError("request has a field that can't be read", {
      code: "invalid-argument",
      outcome: "not-executed",
    });
  }
}

/** Copies the fields of a command's request. @param {any} request @returns {Record<string, any>} */
export function commandFields({
  organization,
  workflowId,
  command,
  accessToken,
  apiKey,
  baseUrl,
  fetch,
  signal,
  timeoutMs,
  attemptTimeoutMs,
  maxRetries,
  headers,
  idempotencyKey,
  allowBrowserCredentials,
}) {
  return {
    organization,
    workflowId,
    command,
    accessToken,
    apiKey,
    baseUrl,
    fetch,
    signal,
    timeoutMs,
    attemptTimeoutMs,
    maxRetries,
    headers,
    idempotencyKey,
    allowBrowserCredentials,
  };
}

/** @param {any} value */
export function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @param {unknown} cause @param {Outcome} outcome */
function trapError(cause, outcome) {
  const hint = "The command may have been executed: look at the workflow before you send it again.";
  const fields = { code: "internal", outcome, cause, ...(outcome === "unknown" && { hint }) };
  return new WorkflowCommandError("campaign-workflow failed internally", fields);
}

/** @param {unknown} cause @returns {never} */
function throwStartError(cause) {
  const hint = "Check that the Content-Security-Policy allows 'wasm-unsafe-eval' and the host supports WebAssembly.";
  const fields = { code: "internal", outcome: "not-executed", hint, cause };
  throw new WorkflowCommandError("The WebAssembly module could not be started", fields);
}
