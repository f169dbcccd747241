// @ts-check
// The emulator's control API: its request log, faults for the failure cases, and reset. A deployed page has no emulator.

/**
 * @typedef {import("campaign-workflow/emulator").Fault} Fault
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 */

const timeoutMs = 5000;
const base = "/campaign/__emulator";

export class EmulatorApi {
  /** Whether the control API exists. Rejects if the server can't be reached. @returns {Promise<boolean>} */
  async isAvailable() {
    const response = await fetch(`${base}/faults`, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok && Array.isArray(await response.json().catch(() => null));
  }

  /** @returns {Promise<LoggedRequest[]>} */
  async log() {
    return (await this.#request("GET", "log")).json();
  }

  /** @param {Fault} fault */
  async addFault(fault) {
    await this.#request("POST", "faults", fault);
  }

  async clearFaults() {
    await this.#request("DELETE", "faults");
  }

  async reset() {
    await this.#request("POST", "reset");
  }

  /** @param {string} method @param {string} path @param {unknown} [body] */
  async #request(method, path, body) {
    const response = await fetch(`${base}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`The emulator responded with ${response.status} to ${method} ${path}`);
    return response;
  }
}
