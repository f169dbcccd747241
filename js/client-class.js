// @ts-check
// The class: a connection, and what can be asked over it. What may be sent, and what an answer means, is decided in the module.

import { commandFields, createCaller, isPlain, snapshot } from "./caller.js";
import { sendMany } from "./client-bulk.js";
import { Stop } from "./client-stop.js";
import { late, sendConfirmed, waitFor } from "./client-wait.js";
import { WorkflowCommandError } from "./errors.js";

/** @typedef {import("./client-core.js").ClientCore} ClientCore */
/** @typedef {Record<string, any>} Fields */

const CONNECTION = [
  "organization", "accessToken", "apiKey", "baseUrl", "fetch",
  "timeoutMs", "attemptTimeoutMs", "maxRetries", "headers", "allowBrowserCredentials",
];
const CALL = ["signal", "timeoutMs", "attemptTimeoutMs", "maxRetries", "headers"];
const COMMAND = [...CALL, "idempotencyKey", "intervalMs", "confirm"];
const WAIT = [...CALL, "intervalMs", "confirm"];
const BULK = [...CALL, "concurrency", "perSecond", "onProgress", "stopOnError"];

/** What a call takes in all where nobody says, and what waiting does. */
const CALL_MS = 30_000;
const WAIT_MS = 300_000;

/**
 * All of the entry that needs the module.
 *
 * @param {typeof import("./client-core.js").createCore} createCore
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {Pick<typeof import("./client.js"), "WorkflowClient" | "sendWorkflowCommand">}
 */
export function defineClient(createCore, compile) {
  const { call, started } = createCaller(createCore, compile);

  class WorkflowClient {
    /** @type {Fields} */
    #connection = {};
    /** @type {unknown} why every call is refused */
    #refusal;
    /** @type {Map<Stop, Promise<unknown>>} what is in flight */
    #open = new Map();
    #closed = false;

    static {
      const { dispose, asyncDispose } = /** @type {Record<string, symbol | undefined>} */ (/** @type {unknown} */ (Symbol));
      /** @this {WorkflowClient} */
      async function end() {
        const open = [...this.#open.values()];
        this.close();
        await Promise.allSettled(open);
      }
      if (dispose) Object.defineProperty(this.prototype, dispose, { value: this.prototype.close, configurable: true, writable: true });
      if (asyncDispose) Object.defineProperty(this.prototype, asyncDispose, { value: end, configurable: true, writable: true });
    }

    /** @param {unknown} connection */
    constructor(connection) {
      try {
        this.#connection = fieldsOf(connection, CONNECTION);
      } catch (error) {
        this.#refusal = error;
      }
    }

    /** @param {string} workflowId @param {any} [options] @returns {Promise<any>} */
    start(workflowId, options) {
      return this.send(workflowId, "start", options);
    }

    /** @param {string} workflowId @param {any} [options] @returns {Promise<any>} */
    pause(workflowId, options) {
      return this.send(workflowId, "pause", options);
    }

    /** @param {string} workflowId @param {any} [options] @returns {Promise<any>} */
    resume(workflowId, options) {
      return this.send(workflowId, "resume", options);
    }

    /** @param {string} workflowId @param {any} [options] @returns {Promise<any>} */
    stop(workflowId, options) {
      return this.send(workflowId, "stop", options);
    }

    /** @param {string} workflowId @param {string} command @param {any} [options] @returns {Promise<any>} */
    send(workflowId, command, options) {
      return this.#run(options, COMMAND, async (given, stop) => {
        const { idempotencyKey } = given;
        const request = { ...this.#request(given, stop), workflowId, command, idempotencyKey };
        if (given.confirm === undefined) return call("sendWorkflowCommand", request);
        return sendConfirmed(await this.#waiting(request, { ...given, until: undefined }, given.confirm, stop));
      });
    }

    /** @param {string} workflowId @param {any} [options] */
    get(workflowId, options) {
      return this.#run(options, CALL, async (given, stop) => (await read({ ...this.#request(given, stop), workflowId })).body);
    }

    /** @param {string} workflowId @param {string} activity @param {unknown} content @param {any} [options] */
    signal(workflowId, activity, content, options) {
      return this.#run(options, CALL, async (given, stop) => {
        const { source, parameters } = fieldsOf(content, ["source", "parameters"]);
        const asked = { activity, source, parameters: sendable(parameters) };
        const body = (await started()).checkSignal(asked);
        /** @type {Fields} */
        const request = { ...this.#request(given, stop), workflowId };
        const end = performance.now() + (request.timeoutMs ?? CALL_MS);
        const looked = await read(request);
        const trigger = triggerOf(looked.body, activity);
        const timeoutMs = Math.ceil(end - performance.now());
        try {
          if (trigger === undefined) throw noSuchActivity();
          if (timeoutMs <= 0) throw late(0);
          const receipt = await call("sendSignal", { ...request, timeoutMs, trigger, body, activity });
          const { status, body: answer, requestId, attempts, tooSoon } = receipt;
          return { workflowId, activity, status, body: answer, requestId, attempts: looked.attempts + attempts, tooSoon };
        } catch (/** @type {any} */ error) {
          error.attempts += looked.attempts;
          throw error;
        }
      });
    }

    /** @param {string} workflowId @param {any} until @param {any} [options] */
    waitFor(workflowId, until, options) {
      return this.#run(options, WAIT, async (given, stop) => {
        const request = { ...this.#request(given, stop), workflowId };
        return waitFor(await this.#waiting(request, { ...given, until, confirm: undefined }, until, stop));
      });
    }

    /** @param {any} commands @param {any} [options] */
    sendAll(commands, options) {
      /** @type {Fields} */
      let given = {};
      let refusal = this.#refusal;
      try {
        given = fieldsOf(options, BULK, "options");
      } catch (error) {
        refusal ??= error;
      }
      const results = sendMany({
        call,
        core: () => (refusal ? Promise.reject(refusal) : started()),
        request: this.#request(given, undefined),
        options: { ...given, commands },
        begin: (quiet) => this.#begin(given.signal, quiet),
        end: (stop) => this.#end(stop),
      });
      return results;
    }

    close() {
      this.#closed = true;
      for (const stop of this.#open.keys()) stop.abort(closed());
    }

    /**
     * One call of a method, which `close` can end.
     *
     * @param {unknown} options @param {readonly string[]} fields
     * @param {(given: Fields, stop: Stop) => Promise<any>} work
     * @returns {Promise<any>}
     */
    #run(options, fields, work) {
      /** @type {Stop | undefined} */
      let stop;
      const running = (async () => {
        if (this.#refusal) throw this.#refusal;
        const given = fieldsOf(options, fields, "options");
        stop = this.#begin(given.signal, Promise.resolve());
        try {
          return await work(given, stop);
        } finally {
          this.#end(stop);
        }
      })();
      if (stop) this.#open.set(stop, running);
      return running;
    }

    /** @param {unknown} signal @param {Promise<unknown>} running */
    #begin(signal, running) {
      const stop = new Stop(canFire(signal) ? /** @type {any} */ (signal) : undefined);
      if (this.#closed) stop.abort(closed());
      this.#open.set(stop, running);
      return stop;
    }

    /** @param {Stop} stop */
    #end(stop) {
      stop.release();
      this.#open.delete(stop);
    }

    /** What a call sets differently, over the connection. @param {Fields} given @param {Stop | undefined} stop @returns {Fields} */
    #request(given, stop) {
      const request = { ...this.#connection };
      for (const name of CALL) if (given[name] !== undefined) request[name] = given[name];
      // One that can't fire is left for the module to refuse.
      if (given.signal === undefined || canFire(given.signal)) request.signal = stop;
      return request;
    }

    /** @param {Fields} request @param {Fields} options @param {any} until @param {Stop} stop */
    async #waiting(request, options, until, stop) {
      const core = await started();
      core.checkWait(options);
      const { intervalMs = 2000, timeoutMs = WAIT_MS } = options;
      const deadline = performance.now() + timeoutMs;
      // The deadline is of all of it; a part has the client's own.
      return { call, read, core, request: { ...request, timeoutMs: this.#connection.timeoutMs }, until, intervalMs, deadline, stop };
    }
  }

  /** @param {Fields} request @returns {Promise<{ body: any, attempts: number }>} */
  const read = (request) =>
    call("getWorkflow", request).catch((error) => {
      // Whatever a defect or a gateway says: it executes nothing.
      error.outcome = "not-executed";
      throw error;
    });

  return /** @type {any} */ ({
    WorkflowClient,
    sendWorkflowCommand: async (/** @type {any} */ request) => call("sendWorkflowCommand", snapshot(request, commandFields)),
  });
}

/**
 * What the caller gave, as it is now; with a name it has to be an object, or left out.
 *
 * @param {any} given @param {readonly string[]} fields @param {string} [name]
 * @returns {Fields}
 */
function fieldsOf(given, fields, name) {
  if (typeof given === "object" && given !== null) return snapshot(given, () => Object.fromEntries(fields.map((field) => [field, given[field]])));
  if (name !== undefined && given !== undefined) throw refused(`${name} must be an object`);
  return {};
}

/** Whether a value is a signal that can be listened to. @param {any} signal */
function canFire(signal) {
  try {
    const { aborted, addEventListener, removeEventListener } = signal ?? {};
    return typeof aborted === "boolean" && [addEventListener, removeEventListener].every((method) => typeof method === "function");
  } catch {
    return false;
  }
}

/** A copy of the parameters, with dates as strings; null, which the module refuses, for anything but a plain object. @param {any} parameters */
function sendable(parameters) {
  if (!isPlain(parameters)) return parameters === undefined ? undefined : null;
  try {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.map(([name, value]) => [name, isDate(value) ? Date.prototype.toISOString.call(value) : value]));
  } catch {
    throw refused("parameters has a value that can't be read");
  }
}

/** @param {unknown} value */
function isDate(value) {
  return Object.prototype.toString.call(value) === "[object Date]";
}

/** @param {any} workflow @param {string} activity @returns {unknown} */
function triggerOf(workflow, activity) {
  const activities = workflow.activities?.activity;
  if (typeof activities !== "object" || activities === null || !Object.hasOwn(activities, activity)) return undefined;
  return activities[activity]?.trigger?.href;
}

/** @param {string} message */
function refused(message) {
  return new WorkflowCommandError(message, { code: "invalid-argument", outcome: "not-executed" });
}

function noSuchActivity() {
  const hint = "Is activity the name of an External signal activity of this workflow?";
  const fields = { code: "invalid-trigger", outcome: "not-executed", hint };
  return new WorkflowCommandError("The workflow shows no trigger of this activity", fields);
}

function closed() {
  return new Error("The client was closed");
}
