// @ts-check
// Calls into the module. It is started at the first call, and a call settles even if the module traps.

import { WorkflowCommandError } from "./errors.js";

/**
 * @template C
 * @typedef {object} Instance
 * @property {C} core  what the module exports
 * @property {Set<(error: unknown) => void>} calls  what rejects the calls in flight
 */

/**
 * The calls of a module that is compiled and started at the first one, once for all concurrent callers. A failed start is
 * forgotten, so that the next call tries again.
 *
 * @template {object} C
 * @param {(module: WebAssembly.Module, guard: import("./core.js").Guard) => C} createCore
 * @param {() => Promise<WebAssembly.Module>} compile
 */
export function createCaller(createCore, compile) {
  /** @type {Instance<C> | undefined} */
  let current;
  /** @type {Promise<Instance<C>> | undefined} */
  let starting;

  /** @param {WebAssembly.Module} module @returns {Instance<C>} */
  const instantiate = (module) => {
    /** @type {Instance<C>["calls"]} */
    const calls = new Set();
    const core = createCore(module, (exports, kinds) =>
      guarded(exports, kinds, (cause) => {
        // Nobody knows what state the instance is in: its calls end here, and the next call gets a new instance.
        if (current?.calls === calls) current = undefined;
        for (const reject of calls) reject(trapped(cause));
      }),
    );
    return { core, calls };
  };

  const start = () =>
    (starting ??= compile()
      .then((module) => (current = instantiate(module)))
      .catch((cause) => {
        throw failedStart(cause);
      })
      .finally(() => (starting = undefined)));

  /**
   * Calls an exported async function with an object of our own.
   *
   * @param {string & keyof C} name @param {any} request
   * @returns {Promise<any>}
   */
  const call = (name, request) =>
    new Promise((resolve, reject) => {
      const enter = (/** @type {Instance<C>} */ { core, calls }) => {
        const settle = (/** @type {(value: any) => void} */ how) => (/** @type {unknown} */ value) => {
          calls.delete(reject);
          how(value);
        };
        calls.add(reject);
        try {
          /** @type {any} */ (core)[name](request).then(settle(resolve), settle(reject));
        } catch {
          // It trapped, and was rejected with the others.
        }
      };
      if (current) enter(current);
      else start().then(enter, reject);
    });

  return { call, started: async () => (current ?? (await start())).core };
}

/**
 * The exports of an instance, whose first trap is reported. After it none of them runs any more: a call that was told as ended
 * must not go on. Callbacks do not throw, because nobody could catch it.
 *
 * The guards also keep Node 20 alive: its V8 inlines an export that returns a reference into hot code, and ends the process when
 * that code is given up while the export runs. A call with spread arguments is not inlined.
 *
 * @param {WebAssembly.Exports} exports @param {import("./core.js").ExportKinds} kinds @param {(cause: unknown) => void} trapped
 */
export function guarded(exports, { callbacks, helpers }, trapped) {
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
            trapped(cause);
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
    throw new WorkflowCommandError("request has a field that can't be read", { code: "invalid-argument", outcome: "not-executed" });
  }
}

/** What of a command's request is read. @param {any} request @returns {Record<string, any>} */
export function commandFields({
  organization, workflowId, command, accessToken, apiKey, baseUrl, fetch, signal,
  timeoutMs, attemptTimeoutMs, maxRetries, headers, idempotencyKey, allowBrowserCredentials,
}) {
  return {
    organization, workflowId, command, accessToken, apiKey, baseUrl, fetch, signal,
    timeoutMs, attemptTimeoutMs, maxRetries, headers, idempotencyKey, allowBrowserCredentials,
  };
}

/** @param {any} value */
export function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @param {unknown} cause */
function trapped(cause) {
  const hint = "The command may have been executed: look at the workflow before you send it again.";
  return new WorkflowCommandError("campaign-workflow failed internally", { code: "internal", outcome: "unknown", hint, cause });
}

/** @param {unknown} cause */
function failedStart(cause) {
  const hint = "Does the Content-Security-Policy of the page allow 'wasm-unsafe-eval', and the host WebAssembly?";
  const fields = { code: "internal", outcome: "not-executed", hint, cause };
  return new WorkflowCommandError("The WebAssembly module could not be started", fields);
}
