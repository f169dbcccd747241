// @ts-check
// What reports to the Rust code, and can be left: whoever still calls then, or never does, neither reaches it nor keeps it alive.
// Constructed by the Rust code.

/** Reports how a promise settles. */
export class PromiseObserver {
  /** @type {((isValue: boolean, value: unknown) => void) | undefined} */
  #report;

  /**
   * @param {unknown} promise  or a thenable, or a plain value
   * @param {(isValue: boolean, value: unknown) => void} report  called once, later
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

/** Reports the `abort` event of a signal, which may be of the caller's own making. */
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
      // It is asked whether it is aborted wherever something fails.
    }
  }

  disconnect() {
    this.#report = undefined;
    try {
      this.#signal.removeEventListener("abort", this.#onAbort);
    } catch {
      // It may call on.
    }
  }
}
