// @ts-check
// Keeps the workflows up to date: reads the list and each workflow at the start, when asked to, when the page is shown again, and
// else rarely. What is waited for is looked at by waits.js.

import { isWorkflowCommandError } from "/pkg/client.js";
import { readWorkflow } from "./workflow-json.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./gateway-api.js").GatewayReader} GatewayReader
 * @typedef {import("./gateway-api.js").Listed} Listed
 */

const restingMs = 15_000;
/** How many workflows are read at the same time. */
const readAtOnce = 4;

export class Reading {
  #store;
  #gateway;
  #failures = 0;
  #round = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Store} store @param {GatewayReader} gateway */
  constructor(store, gateway) {
    this.#store = store;
    this.#gateway = gateway;
    document.addEventListener("visibilitychange", () => document.hidden || this.all());
  }

  /** Reads the list and all workflows now. A round that is under way is given up for it. */
  async all() {
    clearTimeout(this.#timer);
    this.#round.abort();
    const { signal } = (this.#round = new AbortController());
    try {
      const listed = await this.#gateway.list(signal);
      signal.throwIfAborted();
      this.#failures = 0;
      this.#store.set({
        gateway: listed.length > 0 ? "connected" : "refused",
        workflows: listed.map((each) => this.#known(each)),
      });
      await this.#readEach(listed, signal);
      if (!signal.aborted) this.#store.set({ lookedAt: new Date() });
    } catch {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#store.set({ gateway: "lost" });
    }
    // Nobody looks at a hidden page; it is read when it is shown again.
    if (!signal.aborted) this.#timer = setTimeout(() => document.hidden || this.all(), this.#pauseMs());
  }

  /** Reads one workflow. @param {string} id @param {AbortSignal} [signal] */
  async one(id, signal) {
    try {
      this.seen(id, await this.#gateway.client.get(id, { signal }));
    } catch (error) {
      if (!isWorkflowCommandError(error)) throw error;
      if (error.code !== "aborted") this.#store.changeWorkflow(id, { isRead: true, problem: error.code });
    }
  }

  /** A workflow was read: by a round, or by a wait. @param {string} id @param {import("campaign-workflow/client").Workflow} json */
  seen(id, json) {
    this.#store.changeWorkflow(id, { ...readWorkflow(id, json), isRead: true, problem: null });
  }

  /** What is known of a workflow stays until it is read again. @param {Listed} listed @returns {import("./store.js").Workflow} */
  #known({ id, may }) {
    const known = this.#store.workflow(id);
    const unread = { label: id, pkey: null, state: null, signals: [], isRead: false, problem: null, wait: null };
    return { ...unread, ...known, id, may };
  }

  /** @param {readonly Listed[]} listed @param {AbortSignal} signal */
  async #readEach(listed, signal) {
    const left = listed.values();
    const reader = async () => {
      for (const { id } of left) if (!signal.aborted) await this.one(id, signal);
    };
    await Promise.all(Array.from({ length: readAtOnce }, reader));
  }

  #pauseMs() {
    return this.#failures > 0 ? Math.min(500 * 2 ** this.#failures, restingMs) : restingMs;
  }
}
