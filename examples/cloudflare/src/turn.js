// @ts-check
// One at a time, in the order of arrival.

export class Turn {
  #taken = false;
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /**
   * @param {number} [waitMs] how long to wait; left out: as long as it takes
   * @returns {Promise<boolean>} whether it is one's turn; who has it must `give` it on
   */
  take(waitMs) {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(true);
    }
    if (waitMs === 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = waitMs === undefined ? undefined : setTimeout(() => resolve(!this.#waiting.delete(go)), waitMs);
      this.#waiting.add(go);
    });
  }

  give() {
    const [next] = this.#waiting;
    if (!next) {
      this.#taken = false;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
