// @ts-check
// The local Campaign's control surface: what it shows beside Adobe's API, so that a page can look inside. Commands do not go
// this way.

/**
 * @typedef {import("campaign-workflow/emulator").Fault} Fault
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 */

const patienceMs = 5000;
const base = "/campaign/__emulator";

export class LocalCampaign {
  /** @returns {Promise<string>} the workflows as JSON text, which can be compared before it is parsed */
  async workflowsText() {
    return (await this.#ask("GET", "workflows")).text();
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
