// @ts-check
// The methods of `WorkflowClient`: they copy the caller's options and end the calls in flight. The module decides what
// is sent, and what a response means.

import { commandFields, createModuleCalls, isPlain, snapshot } from "./module-calls.js";
import { StopSignal } from "./stop-signal.js";
import { WorkflowCommandError } from "./errors.js";

export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";

/** @typedef {Record<string, any>} Fields */

const CONNECTION = [
  "organization",
  "accessToken",
  "apiKey",
  "baseUrl",
  "fetch",
  "timeoutMs",
  "attemptTimeoutMs",
  "maxRetries",
  "headers",
  "allowBrowserCredentials",
];
const CALL = ["signal", "timeoutMs", "attemptTimeoutMs", "maxRetries", "headers"];
const WAIT = [...CALL, "intervalMs"];
const COMMAND = [...WAIT, "confirm", "idempotencyKey"];
const ENQUEUE = [...CALL, "delaySeconds", "idempotencyKey"];
const BULK = [...CALL, "concurrency", "perSecond", "onProgress", "stopOnError"];

/** The outcome of a call that executes nothing, even if the module traps. */
const NOT_EXECUTED = "not-executed";

/** @type {typeof import("./client.js").hasState} */
export const hasState = (...names) => {
  const lowerNames = names.map((name) => name.toLowerCase());
  return ({ state, status }) =>
    [state, status].some((word) => typeof word === "string" && lowerNames.includes(word.toLowerCase()));
};

/**
 * The exports of an entry that need the module.
 *
 * @param {typeof import("./client-core.js").createCore} createCore
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {Pick<typeof import("./client.js"), "WorkflowClient" | "sendWorkflowCommand">}
 */
export function defineClient(createCore, compile) {
  const { call, start } = createModuleCalls(createCore, compile);

  class WorkflowClient {
    /** @type {Fields} */
    #connection = {};
    /** @type {unknown} the error of an invalid connection, with which every call rejects */
    #refusal;
    /** @type {Map<StopSignal, Promise<unknown>>} the calls in flight, each with a promise that settles at its end */
    #inFlight = new Map();
    #closed = false;

    static {
      const { dispose, asyncDispose } = /** @type {Record<string, symbol | undefined>} */ (
        /** @type {unknown} */ (Symbol)
      );
      /** @this {WorkflowClient} */
      async function drain() {
        const running = [...this.#inFlight.values()];
        this.close();
        await Promise.allSettled(running);
      }
      if (dispose)
        Object.defineProperty(this.prototype, dispose, {
          value: this.prototype.close,
          configurable: true,
          writable: true,
        });
      if (asyncDispose)
        Object.defineProperty(this.prototype, asyncDispose, { value: drain, configurable: true, writable: true });
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
      return this.#run(options, COMMAND, (copy, stop) => {
        if (copy.confirm === undefined)
          return call("sendWorkflowCommand", { ...this.#fields(copy, stop), workflowId, command });
        return call("sendConfirmed", { ...this.#waitFields(copy, stop), workflowId, command });
      });
    }

    /** @param {string} workflowId @param {any} [options] */
    get(workflowId, options) {
      return this.#run(options, CALL, (copy, stop) =>
        call("readWorkflow", { ...this.#fields(copy, stop), workflowId }, NOT_EXECUTED),
      );
    }

    /** @param {string} workflowId @param {string} activity @param {unknown} content @param {any} [options] */
    signal(workflowId, activity, content, options) {
      return this.#run(options, CALL, (copy, stop) => {
        const { source, parameters } = fieldsOf(content, ["source", "parameters"]);
        return call("triggerSignal", {
          ...this.#fields(copy, stop),
          workflowId,
          activity,
          source,
          parameters: copyOf(parameters),
        });
      });
    }

    /** @param {string} workflowId @param {any} until @param {any} [options] */
    waitFor(workflowId, until, options) {
      return this.#run(options, WAIT, (copy, stop) =>
        call("waitForWorkflow", { ...this.#waitFields(copy, stop), workflowId, until }, NOT_EXECUTED),
      );
    }

    /** @param {string} workflowId @param {string} command @param {any} [options] */
    enqueue(workflowId, command, options) {
      return this.#run(options, ENQUEUE, (copy, stop) =>
        call("enqueueCommand", { ...this.#fields(copy, stop), workflowId, command }),
      );
    }

    /** @param {string} id @param {any} [options] */
    queued(id, options) {
      return this.#run(options, CALL, (copy, stop) =>
        call("readQueued", { ...this.#fields(copy, stop), workflowId: id }, NOT_EXECUTED),
      );
    }

    /** @param {string} id @param {any} [options] */
    cancel(id, options) {
      return this.#run(options, CALL, (copy, stop) =>
        call("cancelQueued", { ...this.#fields(copy, stop), workflowId: id }),
      );
    }

    /** @param {any} commands @param {any} [options] @returns {any} */
    sendAll(commands, options) {
      const summary = { accepted: 0, notExecuted: 0, unknown: 0 };
      let resolveSummary = () => {};
      /** @type {Promise<typeof summary>} */
      const promise = new Promise((resolve) => (resolveSummary = () => resolve(summary)));
      let copy = {};
      let refusal = this.#refusal;
      try {
        copy = fieldsOf(options, BULK, "options");
      } catch (error) {
        refusal ??= error;
      }
      const fields = { ...this.#fields(copy), commands, summary };
      const results = this.#results(fields, refusal, promise, resolveSummary);
      let hasStarted = false;
      return {
        summary: promise,
        next() {
          hasStarted = true;
          return results.next();
        },
        async return() {
          // A loop that has not started has nothing to end.
          if (!hasStarted) resolveSummary();
          await results.return(/** @type {any} */ (undefined));
          return { done: true, value: await promise };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    }

    close() {
      this.#closed = true;
      for (const stop of this.#inFlight.keys()) stop.abort(closedError());
    }

    /** @param {Fields} fields @param {unknown} refusal @param {Promise<unknown>} summary @param {() => void} resolveSummary */
    async *#results(fields, refusal, summary, resolveSummary) {
      const stop = this.#register(fields.signal, summary);
      const end = () => {
        this.#unregister(stop);
        resolveSummary();
      };
      try {
        if (refusal) throw refusal;
        const { enter } = await start();
        const { commands } = fields;
        const asynchronous = commands?.[Symbol.asyncIterator];
        const iterate = asynchronous ?? commands?.[Symbol.iterator];
        const isAsync = iterate === asynchronous;
        /** @type {import("./client-core.js").SendAll} */
        const sending = await enter((core) => core.sendAll({ ...fields, stop, iterate, isAsync }));
        enter(() => sending.finished()).then(end, end);
        try {
          for (let result; (result = await enter(() => sending.next())); ) yield result;
        } finally {
          await enter(() => sending.close());
        }
        return fields.summary;
      } finally {
        end();
      }
    }

    /**
     * Runs one call, which `close` can end.
     *
     * @param {unknown} options @param {readonly string[]} names
     * @param {(copy: Fields, stop: StopSignal) => Promise<any>} work
     * @returns {Promise<any>}
     */
    #run(options, names, work) {
      /** @type {StopSignal | undefined} */
      let stop;
      const running = (async () => {
        if (this.#refusal) throw this.#refusal;
        const copy = fieldsOf(options, names, "options");
        stop = this.#register(copy.signal, Promise.resolve());
        try {
          return await work(copy, stop);
        } finally {
          this.#unregister(stop);
        }
      })();
      if (stop) this.#inFlight.set(stop, running);
      return running;
    }

    /** @param {unknown} signal @param {Promise<unknown>} running */
    #register(signal, running) {
      const stop = new StopSignal(signal);
      if (this.#closed) stop.abort(closedError());
      this.#inFlight.set(stop, running);
      return stop;
    }

    /** @param {StopSignal} stop */
    #unregister(stop) {
      stop.release();
      this.#inFlight.delete(stop);
    }

    /** Merges the options of a call over those of the connection. @param {Fields} copy @param {StopSignal} [stop] @returns {Fields} */
    #fields(copy, stop) {
      const set = Object.entries(copy).filter(([, value]) => value !== undefined);
      return { ...this.#connection, ...Object.fromEntries(set), stop };
    }

    /** The same for a wait, whose `timeoutMs` limits the wait. @param {Fields} copy @param {StopSignal} stop @returns {Fields} */
    #waitFields({ timeoutMs, ...copy }, stop) {
      return { ...this.#fields(copy, stop), waitTimeoutMs: timeoutMs };
    }
  }

  return /** @type {any} */ ({
    WorkflowClient,
    sendWorkflowCommand: async (/** @type {any} */ request) =>
      call("sendWorkflowCommand", snapshot(request, commandFields)),
  });
}

/**
 * Copies these fields of an object. With a name, any other value but `undefined` is an error.
 *
 * @param {any} source @param {readonly string[]} names @param {string} [name]
 * @returns {Fields}
 */
function fieldsOf(source, names, name) {
  if (typeof source === "object" && source !== null)
    return snapshot(source, () => Object.fromEntries(names.map((one) => [one, source[one]])));
  if (name !== undefined && source !== undefined) throw invalid(`${name} must be an object`);
  return {};
}

/** Copies a signal's parameters. @param {any} parameters */
function copyOf(parameters) {
  try {
    return isPlain(parameters) ? structuredClone(parameters) : parameters;
  } catch {
    throw invalid("parameters has a value that can't be read");
  }
}

/** @param {string} message */
const invalid = (message) => new WorkflowCommandError(message, { code: "invalid-argument", outcome: "not-executed" });

const closedError = () => new Error("The client was closed");
