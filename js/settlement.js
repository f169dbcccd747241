// @ts-check

/**
 * Reports how a promise settles, unless it is left before. Constructed by the Rust code: what it leaves is then garbage, even if
 * the promise never settles.
 */
export class Settlement {
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

  leave() {
    this.#report = undefined;
  }
}
