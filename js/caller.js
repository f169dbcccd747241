// @ts-check
// Calls into the module: it is started at the first, and one that comes to grief in it settles all the same.

import { WorkflowCommandError } from "./outcome.js";

/**
 * Over a module that is compiled and started at the first call, once for all concurrent callers; a start that failed is
 * forgotten, so that the next call tries again.
 *
 * @template {import("./core.js").Core} C
 * @param {(module: WebAssembly.Module) => C} createCore
 * @param {() => Promise<WebAssembly.Module>} compile
 */
export function createCaller(createCore, compile) {
  /** @type {C | undefined} */
  let core;
  /** @type {Promise<C> | undefined} */
  let starting;

  const start = () =>
    (starting ??= compile()
      .then((module) => (core = createCore(module)))
      .catch((cause) => {
        throw failedStart(cause);
      })
      .finally(() => (starting = undefined)));

  /**
   * Calls an exported function with an object of our own.
   *
   * @param {string} name @param {any} request
   * @returns {Promise<any>}
   */
  const call = (name, request) =>
    new Promise((resolve, reject) => {
      /** @param {C} started */
      const enter = (started) => {
        /**
         * Whatever of a call runs in the module runs through here. One that traps is settled; new calls
         * get a new instance; the others in flight go on in theirs.
         *
         * @param {() => void} work
         */
        const run = (work) => {
          try {
            work();
          } catch (cause) {
            if (core === started) core = undefined;
            reject(trapped(cause));
          }
        };
        /** @param {number} task @param {number} note @param {unknown} value */
        const wake = (task, note, value) => run(() => started.wake(task, note, value));
        run(() => /** @type {any} */ (started)[name](request, wake).then(resolve, reject));
      };
      if (core) enter(core);
      else start().then(enter, reject);
    });

  return { call, started: async () => core ?? start() };
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
    throw new WorkflowCommandError("request has a field that can't be read", "invalid-argument", "not-executed");
  }
}

/** What of a command's request is read. @param {any} request @returns {Record<string, any>} */
export function commandFields({
  organization, workflowId, command, accessToken, apiKey, baseUrl, fetch, signal,
  timeoutMs, attemptTimeoutMs, maxRetries, headers, allowBrowserCredentials,
}) {
  return {
    organization, workflowId, command, accessToken, apiKey, baseUrl, fetch, signal,
    timeoutMs, attemptTimeoutMs, maxRetries, headers, allowBrowserCredentials,
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
  return internal("campaign-workflow failed internally", "unknown", hint, cause);
}

/** @param {unknown} cause */
function failedStart(cause) {
  const hint = "Does the Content-Security-Policy of the page allow 'wasm-unsafe-eval', and the host WebAssembly?";
  return internal("The WebAssembly module could not be started", "not-executed", hint, cause);
}

/**
 * @param {string} message
 * @param {"unknown" | "not-executed"} outcome
 * @param {string} hint
 * @param {unknown} cause
 */
function internal(message, outcome, hint, cause) {
  return new WorkflowCommandError(message, "internal", outcome, null, null, null, hint, null, null, 0, cause);
}
