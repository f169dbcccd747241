// @ts-check
// What the local Campaign shows beside Adobe's API: the log of what it saw, and faults for the trials. Nothing else of the page
// comes from here, and deployed there is no such thing.

/**
 * @typedef {import("campaign-workflow/emulator").Fault} Fault
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 */

const patienceMs = 5000;
const base = "/campaign/__emulator";

export class LocalCampaign {
  /** Whether it is there. Rejects if nobody can say. @returns {Promise<boolean>} */
  async isThere() {
    const response = await fetch(`${base}/faults`, { signal: AbortSignal.timeout(patienceMs) });
    return response.ok && Array.isArray(await response.json().catch(() => null));
  }

  /** @returns {Promise<LoggedRequest[]>} */
  async log() {
    return (await this.#ask("GET", "log")).json();
  }

  /** @param {Fault} fault */
  async addFault(fault) {
    await this.#ask("POST", "faults", fault);
  }

  async clearFaults() {
    await this.#ask("DELETE", "faults");
  }

  async reset() {
    await this.#ask("POST", "reset");
  }

  /** @param {string} method @param {string} what @param {unknown} [body] */
  async #ask(method, what, body) {
    const response = await fetch(`${base}/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    if (!response.ok) throw new Error(`The local Campaign answered ${response.status} to ${method} ${what}`);
    return response;
  }
}
