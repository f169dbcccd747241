// @ts-check
// The facade of the client's module: copies what the caller gives, and ends what is in flight. What may be sent, when, and what
// an answer means, is decided in the module.

import { commandFields, createCaller, isPlain, snapshot } from "./caller.js";
import { Stop } from "./client-stop.js";
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

/** A call that executes nothing has no other outcome, also if the module traps. */
const READS = "not-executed";

/** @type {typeof import("./client.js").hasState} */
export const hasState = (...names) => {
  const wanted = names.map((name) => name.toLowerCase());
  return ({ state, status }) =>
    [state, status].some((word) => typeof word === "string" && wanted.includes(word.toLowerCase()));
};

/**
 * All of the entry that needs the module.
 *
 * @param {typeof import("./client-core.js").createCore} createCore
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {Pick<typeof import("./client.js"), "WorkflowClient" | "sendWorkflowCommand">}
 */
export function defineClient(createCore, compile) {
  const { call, start } = createCaller(createCore, compile);

  class WorkflowClient {
    /** @type {Fields} */
    #connection = {};
    /** @type {unknown} why every call is refused */
    #refusal;
    /** @type {Map<Stop, Promise<unknown>>} what is in flight, each with what settles once it is over */
    #open = new Map();
    #closed = false;

    static {
      const { dispose, asyncDispose } = /** @type {Record<string, symbol | undefined>} */ (
        /** @type {unknown} */ (Symbol)
      );
      /** @this {WorkflowClient} */
      async function end() {
        const open = [...this.#open.values()];
        this.close();
        await Promise.allSettled(open);
      }
      if (dispose)
        Object.defineProperty(this.prototype, dispose, {
          value: this.prototype.close,
          configurable: true,
          writable: true,
        });
      if (asyncDispose)
        Object.defineProperty(this.prototype, asyncDispose, { value: end, configurable: true, writable: true });
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
      return this.#run(options, COMMAND, (given, stop) => {
        if (given.confirm === undefined)
          return call("sendWorkflowCommand", { ...this.#fields(given, stop), workflowId, command });
        return call("sendConfirmed", { ...this.#waitFields(given, stop), workflowId, command });
      });
    }

    /** @param {string} workflowId @param {any} [options] */
    get(workflowId, options) {
      return this.#run(options, CALL, (given, stop) =>
        call("readWorkflow", { ...this.#fields(given, stop), workflowId }, READS),
      );
    }

    /** @param {string} workflowId @param {string} activity @param {unknown} content @param {any} [options] */
    signal(workflowId, activity, content, options) {
      return this.#run(options, CALL, (given, stop) => {
        const { source, parameters } = fieldsOf(content, ["source", "parameters"]);
        return call("triggerSignal", {
          ...this.#fields(given, stop),
          workflowId,
          activity,
          source,
          parameters: copyOf(parameters),
        });
      });
    }

    /** @param {string} workflowId @param {any} until @param {any} [options] */
    waitFor(workflowId, until, options) {
      return this.#run(options, WAIT, (given, stop) =>
        call("waitForWorkflow", { ...this.#waitFields(given, stop), workflowId, until }, READS),
      );
    }

    /** @param {string} workflowId @param {string} command @param {any} [options] */
    enqueue(workflowId, command, options) {
      return this.#run(options, ENQUEUE, (given, stop) =>
        call("enqueueCommand", { ...this.#fields(given, stop), workflowId, command }),
      );
    }

    /** @param {string} id @param {any} [options] */
    queued(id, options) {
      return this.#run(options, CALL, (given, stop) =>
        call("readQueued", { ...this.#fields(given, stop), workflowId: id }, READS),
      );
    }

    /** @param {string} id @param {any} [options] */
    cancel(id, options) {
      return this.#run(options, CALL, (given, stop) =>
        call("cancelQueued", { ...this.#fields(given, stop), workflowId: id }),
      );
    }

    /** @param {any} commands @param {any} [options] @returns {any} */
    sendAll(commands, options) {
      const summary = { accepted: 0, notExecuted: 0, unknown: 0 };
      let ended = () => {};
      /** @type {Promise<typeof summary>} */
      const promise = new Promise((resolve) => (ended = () => resolve(summary)));
      let given = {};
      let refusal = this.#refusal;
      try {
        given = fieldsOf(options, BULK, "options");
      } catch (error) {
        refusal ??= error;
      }
      const fields = { ...this.#fields(given), commands, summary };
      const results = this.#results(fields, refusal, promise, ended);
      let begun = false;
      return {
        summary: promise,
        next() {
          begun = true;
          return results.next();
        },
        async return() {
          // A loop that has not begun has nothing to end.
          if (!begun) ended();
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
      for (const stop of this.#open.keys()) stop.abort(closed());
    }

    /** @param {Fields} fields @param {unknown} refusal @param {Promise<unknown>} summary @param {() => void} ended */
    async *#results(fields, refusal, summary, ended) {
      const stop = this.#begin(fields.signal, summary);
      const end = () => {
        this.#end(stop);
        ended();
      };
      try {
        if (refusal) throw refusal;
        const { enter } = await start();
        const { commands } = fields;
        const asynchronous = commands?.[Symbol.asyncIterator];
        const iterate = asynchronous ?? commands?.[Symbol.iterator];
        const isAsync = iterate === asynchronous;
        /** @type {import("./client-core.js").SendAll} */
        const many = await enter((core) => core.sendAll({ ...fields, stop, iterate, isAsync }));
        enter(() => many.finished()).then(end, end);
        try {
          for (let result; (result = await enter(() => many.next())); ) yield result;
        } finally {
          await enter(() => many.leave());
        }
        return fields.summary;
      } finally {
        end();
      }
    }

    /**
     * One call of a method, which `close` can end.
     *
     * @param {unknown} options @param {readonly string[]} names
     * @param {(given: Fields, stop: Stop) => Promise<any>} work
     * @returns {Promise<any>}
     */
    #run(options, names, work) {
      /** @type {Stop | undefined} */
      let stop;
      const running = (async () => {
        if (this.#refusal) throw this.#refusal;
        const given = fieldsOf(options, names, "options");
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
      const stop = new Stop(signal);
      if (this.#closed) stop.abort(closed());
      this.#open.set(stop, running);
      return stop;
    }

    /** @param {Stop} stop */
    #end(stop) {
      stop.release();
      this.#open.delete(stop);
    }

    /** What a call sets, over what the connection sets. @param {Fields} given @param {Stop} [stop] @returns {Fields} */
    #fields(given, stop) {
      const set = Object.entries(given).filter(([, value]) => value !== undefined);
      return { ...this.#connection, ...Object.fromEntries(set), stop };
    }

    /** The `timeoutMs` of a call that waits is that of the wait. @param {Fields} given @param {Stop} stop @returns {Fields} */
    #waitFields({ timeoutMs, ...given }, stop) {
      return { ...this.#fields(given, stop), waitTimeoutMs: timeoutMs };
    }
  }

  return /** @type {any} */ ({
    WorkflowClient,
    sendWorkflowCommand: async (/** @type {any} */ request) =>
      call("sendWorkflowCommand", snapshot(request, commandFields)),
  });
}

/**
 * What the caller gave, as it is now; with a name it has to be an object, or left out.
 *
 * @param {any} given @param {readonly string[]} names @param {string} [name]
 * @returns {Fields}
 */
function fieldsOf(given, names, name) {
  if (typeof given === "object" && given !== null)
    return snapshot(given, () => Object.fromEntries(names.map((one) => [one, given[one]])));
  if (name !== undefined && given !== undefined) throw refused(`${name} must be an object`);
  return {};
}

/** A copy of a signal's parameters, as they are now. @param {any} parameters */
function copyOf(parameters) {
  try {
    return isPlain(parameters) ? structuredClone(parameters) : parameters;
  } catch {
    throw refused("parameters has a value that can't be read");
  }
}

/** @param {string} message */
const refused = (message) => new WorkflowCommandError(message, { code: "invalid-argument", outcome: "not-executed" });

const closed = () => new Error("The client was closed");
