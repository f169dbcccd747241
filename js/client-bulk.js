// @ts-check
// Many commands: the source, the calls and the loop over them. What is pulled and sent, and when, is decided in the module.

import { WorkflowCommandError } from "./errors.js";
import { aborted } from "./client-wait.js";

/**
 * @typedef {import("./client.js").BulkResult} BulkResult
 * @typedef {import("./client.js").BulkResults} BulkResults
 * @typedef {import("./client.js").BulkSummary} BulkSummary
 * @typedef {import("./client-core.js").ClientCore} ClientCore
 * @typedef {import("./client-stop.js").Stop} Stop
 */
/**
 * @typedef {object} Many
 * @property {(name: "sendWorkflowCommand", request: any) => Promise<any>} call
 * @property {() => Promise<ClientCore>} core
 * @property {Record<string, any>} request  what all commands have in common
 * @property {Record<string, any>} options  what the caller set, with `commands`
 * @property {(quiet: Promise<void>) => Stop} begin  called when the loop begins, with what a caller who closes the client waits for
 * @property {(stop: Stop) => void} end  called when all is over
 */
/** @typedef {{ index: number, workflowId: any, command: any, idempotencyKey: any, unreadable: boolean, attempts: number }} Pulled */

/** What to do, in the lowest bits of the module's answer; what it is about is above them. */
const PULL = 0, SEND = 1, DROP = 2, WAIT = 3, IDLE = 4;
const BITS = 8;

/** @param {Many} many @returns {BulkResults} */
export function sendMany(many) {
  /** @type {(counts: BulkSummary) => void} */
  let tell = () => {};
  /** @type {Promise<BulkSummary>} */
  const summary = new Promise((resolve) => (tell = resolve));
  const results = new Loop(many).run(tell);
  let begun = false;
  return {
    summary,
    next() {
      begun = true;
      return results.next();
    },
    async return() {
      // A loop that has not begun has nothing to end.
      if (!begun) tell({ accepted: 0, notExecuted: 0, unknown: 0 });
      await results.return(/** @type {any} */ (undefined));
      return { done: true, value: await summary };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** One loop over many commands. */
class Loop {
  #many;
  /** @type {import("./client-core.js").Bulk | undefined} */
  #bulk;
  /** @type {(Pulled | undefined)[]} by their place in the module */
  #pulled = [];
  /** @type {{ place: number, result: BulkResult }[]} */
  #ended = [];
  #workflows = new Workflows();
  /** @type {Iterator<any> | AsyncIterator<any> | undefined} */
  #source;
  #isAsync = false;
  /** The source is asked, and has not answered. */
  #pulling = false;
  #exhausted = false;
  #count = 0;
  #inFlight = 0;
  /** @type {{ thrown: unknown } | undefined} what the source threw, or the caller's function */
  #failure;
  /** @type {() => void} */
  #wake = () => {};
  /** @type {() => void} */
  #quieten = () => {};
  /** Once the loop is stopped, and nothing of it is in flight: whether or not anybody takes the results. @type {Promise<void>} */
  #quiet = new Promise((resolve) => (this.#quieten = resolve));

  /** @param {Many} many */
  constructor(many) {
    this.#many = many;
  }

  /** @param {(counts: BulkSummary) => void} tell @returns {AsyncGenerator<BulkResult, BulkSummary, undefined>} */
  async *run(tell) {
    const stop = this.#many.begin(this.#quiet);
    const onAbort = () => {
      this.#bulk?.stop();
      if (this.#inFlight === 0) this.#quieten();
      this.#wake();
    };
    stop.addEventListener("abort", onAbort);
    let counts = { accepted: 0, notExecuted: 0, unknown: 0 };
    try {
      const bulk = await this.#start();
      if (stop.aborted) bulk.stop();
      for (;;) {
        for (let one = this.#ended.shift(); one; one = this.#ended.shift()) {
          yield one.result;
          this.#free(one.place);
        }
        const action = bulk.next(performance.now());
        const about = Math.floor(action / BITS);
        const what = action % BITS;
        if (what === PULL) this.#pull();
        else if (what === SEND) this.#send(about, stop);
        else if (what === DROP) this.#end(about, { error: notSent(stop) });
        else if (what === WAIT) await this.#event(about);
        else if (what === IDLE) await this.#event();
        else break;
      }
      if (this.#failure) throw this.#failure.thrown;
      return (counts = countsOf(bulk));
    } finally {
      const bulk = this.#bulk;
      bulk?.stop();
      while (this.#inFlight > 0) await this.#event();
      if (bulk) {
        // What is still held was not sent, and counts as that.
        while (bulk.next(0) % BITS === DROP);
        counts = countsOf(bulk);
        bulk.free();
        this.#bulk = undefined;
      }
      stop.removeEventListener("abort", onAbort);
      this.#quieten();
      this.#many.end(stop);
      tell(counts);
      await this.#leaveSource();
    }
  }

  async #start() {
    const { options, request } = this.#many;
    const core = await this.#many.core();
    const { commands, concurrency = 4, perSecond = 0, stopOnError = false } = options;
    const iterate = commands?.[Symbol.asyncIterator] ?? commands?.[Symbol.iterator];
    core.checkBulk({ ...options, iterate });
    this.#isAsync = iterate === commands[Symbol.asyncIterator];
    this.#source = iterate.call(commands);
    return (this.#bulk = new core.Bulk(concurrency, perSecond, request.maxRetries ?? 2, stopOnError, request.fetch !== undefined));
  }

  /** Waits until something happens, or so long. @param {number} [ms] */
  #event(ms) {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }

  #pull() {
    this.#pulling = true;
    try {
      const step = /** @type {any} */ (this.#source).next();
      if (this.#isAsync) Promise.resolve(step).then((one) => this.#take(one), (error) => this.#broken(error));
      else this.#take(step);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** @param {IteratorResult<any>} step */
  #take(step) {
    const bulk = this.#bulk;
    this.#pulling = false;
    // Too late: it is dropped.
    if (!bulk) return;
    try {
      if (step.done) {
        this.#exhausted = true;
        bulk.noMore();
      } else {
        const one = read(step.value);
        const place = bulk.pulled(this.#workflows.enter(one.workflowId));
        if (place < 0) this.#workflows.leave(one.workflowId);
        else this.#pulled[place] = { index: this.#count++, ...one };
      }
    } catch (error) {
      return this.#broken(error);
    }
    this.#wake();
  }

  /** What was pulled before it is sent and told, then the loop ends with it. @param {unknown} thrown */
  #broken(thrown) {
    this.#pulling = false;
    this.#exhausted = true;
    this.#failure ??= { thrown };
    this.#bulk?.noMore();
    this.#wake();
  }

  /** @param {number} place @param {Stop} stop */
  #send(place, stop) {
    const { workflowId, command, idempotencyKey, unreadable } = /** @type {Pulled} */ (this.#pulled[place]);
    this.#inFlight++;
    /** @type {Record<string, any>} */
    const request = { ...this.#many.request, workflowId, command, idempotencyKey, signal: stop };
    // Whether it is sent again is decided here, for all of them together; but with a key, only its own call knows what is in doubt.
    if (idempotencyKey === undefined) request.maxRetries = 0;
    const sent = unreadable ? Promise.reject(unreadableCommand()) : this.#many.call("sendWorkflowCommand", request);
    sent.then(
      (receipt) => this.#land(place, stop, { receipt }),
      (error) => this.#land(place, stop, { error }),
    );
  }

  /** @param {number} place @param {Stop} stop @param {any} result */
  #land(place, stop, result) {
    const bulk = /** @type {import("./client-core.js").Bulk} */ (this.#bulk);
    const pulled = /** @type {Pulled} */ (this.#pulled[place]);
    const { receipt, error } = result;
    this.#inFlight--;
    pulled.attempts += (receipt ?? error).attempts;
    const told = receipt
      ? bulk.accepted(place, performance.now())
      : bulk.failed(place, error.code, error.outcome === "unknown", error.retryAfterMs ?? -1, pulled.idempotencyKey !== undefined, performance.now(), Math.random());
    if (told) {
      (receipt ?? error).attempts = pulled.attempts;
      this.#end(place, result);
    }
    if (stop.aborted && this.#inFlight === 0) this.#quieten();
    this.#wake();
  }

  /** @param {number} place @param {any} result */
  #end(place, result) {
    const { index, workflowId, command } = /** @type {Pulled} */ (this.#pulled[place]);
    this.#ended.push({ place, result: { index, workflowId, command, ...result } });
    const bulk = /** @type {import("./client-core.js").Bulk} */ (this.#bulk);
    try {
      this.#many.options.onProgress?.(countsOf(bulk));
    } catch (thrown) {
      this.#failure ??= { thrown };
      bulk.stop();
    }
  }

  /** @param {number} place */
  #free(place) {
    this.#workflows.leave(this.#pulled[place]?.workflowId);
    this.#pulled[place] = undefined;
    this.#bulk?.taken(place);
  }

  /** A source that still owes an answer may owe it for ever. */
  async #leaveSource() {
    if (this.#exhausted) return;
    const left = /** @type {any} */ (this.#source)?.return?.();
    if (this.#pulling) Promise.resolve(left).catch(() => {});
    else await left;
  }
}

/** Numbers for the workflows that are held or in flight. */
class Workflows {
  /** @type {Map<string, { number: number, commands: number }>} */
  #known = new Map();
  #last = 0;

  /** @param {unknown} id */
  enter(id) {
    if (typeof id !== "string") return 0;
    let workflow = this.#known.get(id);
    if (!workflow) {
      this.#last = (this.#last % 0xffffffff) + 1;
      this.#known.set(id, (workflow = { number: this.#last, commands: 0 }));
    }
    workflow.commands++;
    return workflow.number;
  }

  /** @param {unknown} id */
  leave(id) {
    const workflow = typeof id === "string" ? this.#known.get(id) : undefined;
    if (workflow && --workflow.commands === 0) this.#known.delete(/** @type {string} */ (id));
  }
}

/** @param {any} element */
function read(element) {
  try {
    const { workflowId, command, idempotencyKey } = element ?? {};
    return { workflowId, command, idempotencyKey, unreadable: false, attempts: 0 };
  } catch {
    return { workflowId: undefined, command: undefined, idempotencyKey: undefined, unreadable: true, attempts: 0 };
  }
}

/** @param {import("./client-core.js").Bulk} bulk */
const countsOf = (bulk) => ({ accepted: bulk.count(0), notExecuted: bulk.count(1), unknown: bulk.count(2) });

function unreadableCommand() {
  return new WorkflowCommandError("request has a field that can't be read", { code: "invalid-argument", outcome: "not-executed" });
}

/** @param {Stop} stop */
function notSent(stop) {
  if (stop.aborted) return aborted(stop);
  return new WorkflowCommandError("It was not sent, because an earlier command failed", { code: "aborted", outcome: "not-executed" });
}
