// @ts-check
// Calls into the module. It is started at the first call, and a call settles even if the module traps.

import { WorkflowCommandError } from "./errors.js";

/** @typedef {"not-executed" | "unknown"} Outcome  what a call comes to if the module traps */

/**
 * @template C
 * @typedef {object} Instance
 * @property {C} core  what the module exports
 * @property {(work: (core: C) => Promise<any>, outcome?: Outcome) => Promise<any>} enter  calls into it
 */

/**
 * The calls of a module that is compiled and started at the first one, once for all concurrent callers. A failed start is
 * forgotten, so that the next call tries again.
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
    /** @type {Set<(cause: unknown) => void>} what rejects the calls in flight */
    const calls = new Set();
    /** @type {unknown} */
    let trap;
    const core = createCore(module, (exports, kinds) =>
      guarded(exports, kinds, (cause) => {
        // Nobody knows what state the instance is in: its calls end here, and the next call gets a new instance.
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
          // Both ways at once: each further promise would cost every call some of its time.
          work(core).then(
            (value) => (calls.delete(fail), resolve(value)),
            (error) => (calls.delete(fail), reject(error)),
          );
        } catch (cause) {
          // If it trapped, it was rejected with the others.
          fail(cause);
        }
      });
    const instance = { core, enter };
    return instance;
  };

  /** The instance, which is started if there is none. */
  const start = async () =>
    current ??
    (starting ??= compile()
      .then((module) => (current = instantiate(module)))
      .catch(throwStartError)
      .finally(() => (starting = undefined)));

  /**
   * Calls an exported async function with an object of our own.
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
 * The exports of an instance, whose first trap is reported. After it none of them runs any more: a call that was told as ended
 * must not go on. Callbacks do not throw, because nobody could catch it.
 *
 * The guards also keep Node 20 alive: its V8 inlines an export that returns a reference into hot code, and ends the process when
 * that code is given up while the export runs. A call with spread arguments is not inlined.
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
          // Where the glue looks for an error, there is none.
          return [];
        }
      };
      return [name, guard];
    }),
  );
}

/**
 * What the caller gave, as it is at this moment: the same object may be used for the next call
 * before the module has read it.
 *
 * @param {any} request @param {(request: any) => Record<string, any>} fields  each by its name, which is how an engine is quick
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

/** What of a command's request is read. @param {any} request @returns {Record<string, any>} */
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
  const hint =
    outcome === "unknown"
      ? "The command may have been executed: look at the workflow before you send it again."
      : undefined;
  return new WorkflowCommandError("campaign-workflow failed internally", { code: "internal", outcome, hint, cause });
}

/** @param {unknown} cause @returns {never} */
function throwStartError(cause) {
  const hint = "Does the Content-Security-Policy of the page allow 'wasm-unsafe-eval', and the host WebAssembly?";
  const fields = { code: "internal", outcome: "not-executed", hint, cause };
  throw new WorkflowCommandError("The WebAssembly module could not be started", fields);
}
