// @ts-check
// What ends a call from outside: the caller's signal, or the end of the client.

/**
 * An AbortSignalLike that fires with the caller's signal, or when it is told to. No AbortSignal, because Node warns of many
 * listeners on one, and not every runtime can join two.
 */
export class Stop {
  aborted = false;
  /** @type {unknown} */
  reason = undefined;
  #source;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #relay = () => this.abort(this.#source?.reason);

  /** @param {import("./index.js").AbortSignalLike} [source] */
  constructor(source) {
    this.#source = source;
    source?.addEventListener("abort", this.#relay);
    if (source?.aborted) this.#relay();
  }

  /** @param {"abort"} _ @param {() => void} listener */
  addEventListener(_, listener) {
    this.#listeners.add(listener);
  }

  /** @param {"abort"} _ @param {() => void} listener */
  removeEventListener(_, listener) {
    this.#listeners.delete(listener);
  }

  /** @param {unknown} reason */
  abort(reason) {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The caller's signal is not listened to any more. */
  release() {
    this.#source?.removeEventListener("abort", this.#relay);
  }
}

/**
 * Waits so long, or until it is stopped, or until the promise is settled.
 *
 * @param {number} ms @param {Stop} stop @param {PromiseLike<unknown>} [promise]
 * @returns {Promise<void>}
 */
export function rest(ms, stop, promise) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    // A timer above this would fire at once.
    const timer = setTimeout(done, Math.min(ms, 2147483647));
    stop.addEventListener("abort", done);
    promise?.then(done, done);
    if (stop.aborted) done();
  });
}
