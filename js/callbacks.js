// @ts-check
// Observers that the Rust code constructs. After `disconnect`, an observer neither calls the Rust code nor keeps it
// alive, even if its promise never settles.

/** Reports how a promise settles. */
export class PromiseObserver {
  /** @type {((isValue: boolean, value: unknown) => void) | undefined} */
  #report;

  /**
   * @param {unknown} promise  a promise, a thenable or a plain value
   * @param {(isValue: boolean, value: unknown) => void} report  called once, asynchronously
   */
  constructor(promise, report) {
    this.#report = report;
    this.#wait(promise);
  }

  /** @param {unknown} promise */
  async #wait(promise) {
    let value;
    let isValue = true;
    try {
      value = await promise;
    } catch (thrown) {
      value = thrown;
      isValue = false;
    }
    this.#report?.(isValue, value);
  }

  disconnect() {
    this.#report = undefined;
  }
}

/** Reports the `abort` event of a signal, which may be the caller's own object. */
export class AbortListener {
  #signal;
  /** @type {(() => void) | undefined} */
  #report;
  #onAbort = () => this.#report?.();

  /** @param {import("./index.js").AbortSignalLike} signal @param {() => void} report */
  constructor(signal, report) {
    this.#signal = signal;
    this.#report = report;
    try {
      signal.addEventListener("abort", this.#onAbort);
    } catch {
      // The client also checks `aborted` after every failure.
    }
  }

  disconnect() {
    this.#report = undefined;
    try {
      this.#signal.removeEventListener("abort", this.#onAbort);
    } catch {
      // `disconnect` has already removed the callback.
    }
  }
}
