// @ts-check
// Adapts the emulator's module to `Request`, `Response` and timers. The module decides about the responses.
import { createCore } from "./emulator-core.js";

/**
 * @typedef {import("./emulator-core.js").CoreResponse} CoreResponse
 * @typedef {import("./emulator-core.js").CoreEmulator} CoreEmulator
 * @typedef {import("./emulator.js").CampaignEmulatorOptions} CampaignEmulatorOptions
 * @typedef {import("./emulator.js").Fault} Fault
 */

/** Statuses for which the platform allows no body. */
const STATUSES_WITHOUT_BODY = [204, 205, 304];

/**
 * Defines the class over a module that is compiled at the first call. A failed compilation is tried again at the next
 * call.
 *
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {typeof import("./emulator.js").CampaignEmulator}
 */
export function defineEmulator(compile) {
  const compileOnce = memoized(compile);

  return class CampaignEmulator {
    #options;
    #started;

    /** @param {CampaignEmulatorOptions} [options] */
    constructor(options = {}) {
      this.#options = options;
      this.#started = memoized(() => start(options, compileOnce));
    }

    /** @param {Request | URL | string} input @param {RequestInit} [init] */
    fetch = async (input, init) => {
      // Servers pass more arguments than the request. `init` only belongs to a URL.
      const request = typeof input === "string" || input instanceof URL ? new Request(input, init) : input;
      const { method, url, signal } = request;
      signal.throwIfAborted();
      const headers = [...request.headers].flat();
      const body = new Uint8Array(await request.arrayBuffer());
      const core = await this.#started();
      // If it is aborted before it is sent, Campaign does not receive it.
      signal.throwIfAborted();
      const reply = core.handle(method, url, headers, body, this.#now());

      if (reply.delayMs > 0) await wait(reply.delayMs, signal);
      switch (reply.plan) {
        case "respond":
          return respond(reply.response, reply.response.body);
        case "truncate":
          return respond(reply.response, failingStream(reply.response.body.subarray(0, reply.bytesSent)));
        case "disconnect":
          throw connectionLost();
        case "hang":
          return wait(Infinity, signal);
      }
    };

    async log() {
      return (await this.#started()).log();
    }

    async clearLog() {
      (await this.#started()).clearLog();
    }

    async workflows() {
      return (await this.#started()).workflows(this.#now());
    }

    /** @param {Fault} fault */
    async addFault(fault) {
      return (await this.#started()).addFault(faultJson(fault));
    }

    async clearFaults() {
      (await this.#started()).clearFaults();
    }

    async faults() {
      return (await this.#started()).faults();
    }

    /** @param {number} ms */
    async advance(ms) {
      if (!(ms >= 0)) throw new TypeError("advance: ms must be a number of milliseconds, 0 or more");
      (await this.#started()).advance(ms, this.#now());
    }

    async reset() {
      (await this.#started()).reset();
    }

    #now = () => (this.#options.now ?? Date.now)();
  };
}

/**
 * Calls `make` once, and again after a failure.
 *
 * @template T @param {() => Promise<T>} make @returns {() => Promise<T>}
 */
function memoized(make) {
  /** @type {Promise<T> | undefined} */
  let pending;
  return () =>
    (pending ??= make().catch((error) => {
      pending = undefined;
      throw error;
    }));
}

/**
 * @param {CampaignEmulatorOptions} options
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {Promise<CoreEmulator>}
 */
async function start({ now, ...options }, compile) {
  if (now !== undefined && typeof now !== "function")
    throw new TypeError("the emulator's options: now must be a function");
  const core = createCore(await compile());
  return new core.Emulator(JSON.stringify(options));
}

/**
 * Converts a fault to JSON, which has no bytes.
 *
 * @param {Fault} fault
 */
function faultJson(fault) {
  if (fault?.kind !== "answer" || !(fault.body instanceof Uint8Array)) return JSON.stringify(fault) ?? "null";
  const { body, ...rest } = fault;
  return JSON.stringify({ ...rest, bodyBytes: [...body] });
}

/**
 * @param {CoreResponse} response
 * @param {Uint8Array<ArrayBuffer> | ReadableStream} body
 */
function respond({ status, headers }, body) {
  return new Response(STATUSES_WITHOUT_BODY.includes(status) ? null : body, { status, headers });
}

/**
 * A stream of these bytes that fails at its end.
 *
 * @param {Uint8Array} bytes
 */
function failingStream(bytes) {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
    },
    async pull(controller) {
      // An error discards the chunks that are still queued, so the reader gets some time first.
      await new Promise((resolve) => setTimeout(resolve, 10));
      controller.error(connectionLost());
    },
  });
}

/** The error that a platform's fetch rejects with. In Node, `cause` has the reason. */
function connectionLost() {
  const cause = Object.assign(new Error("The connection was lost: a fault of the emulator."), { code: "ECONNRESET" });
  return new TypeError("fetch failed", { cause });
}

/**
 * Resolves after `ms`. Rejects with the signal's reason if it aborts.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
