// @ts-check
// What ends a call from outside: the caller's signal, or the end of the client.

/**
 * An AbortSignalLike that fires with the caller's signal, or when it is told to. No AbortSignal, because Node warns of many
 * listeners on one, and not every runtime can join two.
 */
export class StopSignal {
  aborted = false;
  /** @type {unknown} */
  reason = undefined;
  #source;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #relay = () => this.abort(this.#source?.reason);

  /** @param {any} [source] the caller's, unchecked: the module refuses a value that is not a signal */
  constructor(source) {
    this.#source = source;
    try {
      source?.addEventListener("abort", this.#relay);
      if (source?.aborted === true) this.#relay();
    } catch {
      // It is refused, or it can't be listened to.
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

  /** The caller's signal is not listened to any more. */
  release() {
    try {
      this.#source?.removeEventListener("abort", this.#relay);
    } catch {
      // It may call on.
    }
  }
}
