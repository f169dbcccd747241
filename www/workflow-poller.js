// @ts-check
// Keeps the workflows up to date: reads the list and each workflow at the start, on request, when the page becomes visible, and at
// a slow interval. state-waiter.js reads more often while it waits for a state.

import { isWorkflowCommandError } from "/pkg/client.js";
import { readWorkflow } from "./workflow-json.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./gateway-api.js").GatewayApi} GatewayApi
 * @typedef {import("./gateway-api.js").ListedWorkflow} ListedWorkflow
 */

const intervalMs = 15_000;
const maxParallelReads = 4;

export class WorkflowPoller {
  #store;
  #gateway;
  #failures = 0;
  #round = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Store} store @param {GatewayApi} gateway */
  constructor(store, gateway) {
    this.#store = store;
    this.#gateway = gateway;
    document.addEventListener("visibilitychange", () => document.hidden || this.readAll());
  }

  /** Reads the list and all workflows now. Aborts a round that is still running. */
  async readAll() {
    clearTimeout(this.#timer);
    this.#round.abort();
    const { signal } = (this.#round = new AbortController());
    try {
      const listed = await this.#gateway.list(signal);
      signal.throwIfAborted();
      this.#failures = 0;
      this.#store.set({
        gateway: listed.length > 0 ? "connected" : "denied",
        workflows: listed.map((each) => this.#merge(each)),
      });
      await this.#readEach(listed, signal);
      if (!signal.aborted) this.#store.set({ readAt: new Date() });
    } catch {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#store.set({ gateway: "unreachable" });
    }
    // A hidden page is not updated; it is read again when it becomes visible.
    if (!signal.aborted) this.#timer = setTimeout(() => document.hidden || this.readAll(), this.#delayMs());
  }

  /** @param {string} id @param {AbortSignal} [signal] */
  async readOne(id, signal) {
    try {
      this.update(id, await this.#gateway.client.get(id, { signal }));
    } catch (error) {
      if (!isWorkflowCommandError(error)) throw error;
      if (error.code !== "aborted") this.#store.changeWorkflow(id, { isRead: true, problem: error.code });
    }
  }

  /** Stores a workflow that was read, by a round or by a wait. @param {string} id @param {import("campaign-workflow/client").Workflow} json */
  update(id, json) {
    this.#store.changeWorkflow(id, { ...readWorkflow(id, json), isRead: true, problem: null });
  }

  /** Keeps the known fields of a workflow until it is read again. @param {ListedWorkflow} listed @returns {import("./store.js").Workflow} */
  #merge({ id, may }) {
    const known = this.#store.workflow(id);
    const unread = { label: id, pkey: null, state: null, signals: [], isRead: false, problem: null, wait: null };
    return { ...unread, ...known, id, may };
  }

  /** @param {readonly ListedWorkflow[]} listed @param {AbortSignal} signal */
  async #readEach(listed, signal) {
    const remaining = listed.values();
    const reader = async () => {
      for (const { id } of remaining) if (!signal.aborted) await this.readOne(id, signal);
    };
    await Promise.all(Array.from({ length: maxParallelReads }, reader));
  }

  #delayMs() {
    return this.#failures > 0 ? Math.min(500 * 2 ** this.#failures, intervalMs) : intervalMs;
  }
}
