// @ts-check
import { createCore } from "./core.js";
import { WorkflowCommandError } from "./outcome.js";

/**
 * `sendWorkflowCommand` over a module that is compiled and started at the first call, once for all
 * concurrent callers; a start that failed is forgotten, so that the next call tries again.
 *
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {(request: any) => Promise<any>}
 */
export function createClient(compile) {
  /** @type {ReturnType<typeof createCore> | undefined} */
  let core;
  /** @type {Promise<ReturnType<typeof createCore>> | undefined} */
  let starting;

  const start = () =>
    (starting ??= compile()
      .then((module) => (core = createCore(module)))
      .finally(() => (starting = undefined)));

  return (request) =>
    new Promise((resolve, reject) => {
      const copy = snapshot(request);
      /** @param {ReturnType<typeof createCore>} started */
      const send = (started) => {
        /**
         * Whatever of a call runs in the module runs through here. One that traps is settled; new calls
         * get a new instance; the others in flight go on in theirs.
         *
         * @param {() => void} enter
         */
        const run = (enter) => {
          try {
            enter();
          } catch (cause) {
            if (core === started) core = undefined;
            reject(trapped(cause));
          }
        };
        /** @param {number} task @param {number} note @param {unknown} value */
        const wake = (task, note, value) => run(() => started.wake(task, note, value));
        run(() => started.sendWorkflowCommand(copy, wake).then(resolve, reject));
      };
      if (core) send(core);
      else start().then(send, (cause) => reject(failedStart(cause)));
    });
}

/**
 * What the caller gave, as it is at this moment: the same object may be used for the next call
 * before the module has read it.
 *
 * @param {unknown} request
 */
function snapshot(request) {
  if (typeof request !== "object" || request === null) return request;
  try {
    const copy = fields(request);
    if (isPlain(copy.headers)) copy.headers = { ...copy.headers };
    return copy;
  } catch {
    throw new WorkflowCommandError("request has a field that can't be read", "invalid-argument", "not-executed");
  }
}

/** Each field by its name, which is how an engine is quick. @param {any} request @returns {Record<string, any>} */
function fields({
  organization, workflowId, command, accessToken, apiKey, baseUrl, fetch, signal,
  timeoutMs, attemptTimeoutMs, maxRetries, headers, allowBrowserCredentials,
}) {
  return {
    organization, workflowId, command, accessToken, apiKey, baseUrl, fetch, signal,
    timeoutMs, attemptTimeoutMs, maxRetries, headers, allowBrowserCredentials,
  };
}

/** @param {any} value */
function isPlain(value) {
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
