// @ts-check
// What the page reads through the gateway: the list of the workflows, and each of them by the package's client.

import { WorkflowClient } from "/pkg/client.js";

/** @typedef {Pick<import("./store.js").Workflow, "id" | "may">} Listed */

const timeoutMs = 10_000;

export class GatewayReader {
  #address;

  /** @param {import("./config.js").Config} config */
  constructor(config) {
    this.#address = `${config.baseUrl}/workflows`;
    this.client = new WorkflowClient({ ...config, timeoutMs, maxRetries: 1 });
  }

  /**
   * The workflows that who is signed in may read, and what they may do with each.
   * @param {AbortSignal} signal @returns {Promise<Listed[]>} none where they may read nothing; rejects if the gateway can't be asked
   */
  async list(signal) {
    const response = await fetch(this.#address, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    if (response.status === 401 || response.status === 403) return [];
    if (!response.ok) throw new Error(`${this.#address} answered ${response.status}`);
    return (await response.json()).workflows;
  }
}
