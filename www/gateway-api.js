// @ts-check
// Reads through the gateway: the list of workflows, and each workflow with the package's client.

import { WorkflowClient } from "/pkg/client.js";

/** @typedef {Pick<import("./store.js").Workflow, "id" | "may">} ListedWorkflow */

const timeoutMs = 10_000;

export class GatewayApi {
  #address;

  /** @param {import("./config.js").Config} config */
  constructor(config) {
    this.#address = `${config.baseUrl}/workflows`;
    this.client = new WorkflowClient({ ...config, timeoutMs, maxRetries: 1 });
  }

  /**
   * The workflows that the current user may read, and what the user may do with each.
   * @param {AbortSignal} signal @returns {Promise<ListedWorkflow[]>} empty if the user may read none; rejects if the gateway can't be reached
   */
  async list(signal) {
    const response = await fetch(this.#address, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    if (response.status === 401 || response.status === 403) return [];
    if (!response.ok) throw new Error(`${this.#address} responded with ${response.status}`);
    return (await response.json()).workflows;
  }
}
