// @ts-check
// Ends a call when the caller's signal fires or the client is closed.

/**
 * An AbortSignalLike that fires with the caller's signal, or by `abort`. It is not an AbortSignal, because Node warns
 * about many listeners on one, and not every runtime can combine two.
 */
export class StopSignal {
  aborted = false;
  /** @type {unknown} */
  reason = undefined;
  #source;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #relay = () => this.abort(this.#source?.reason);

  /** @param {any} [source]  the caller's signal, which the module checks */
  constructor(source) {
    this.#source = source;
    try {
      source?.addEventListener("abort", this.#relay);
      if (source?.aborted === true) this.#relay();
    } catch {
      // The signal is invalid, which the module reports, or it can't be listened to.
    }
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

  /** Stops listening to the caller's signal. */
  release() {
    try {
      this.#source?.removeEventListener("abort", this.#relay);
    } catch {
      // It may still call the listener, which has no effect then.
    }
  }
}
