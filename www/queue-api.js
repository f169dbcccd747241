// @ts-check
// The gateway's API for a workflow's stored commands: its lists, and the actions on a waiting or dead command.

import { WorkflowClient } from "/pkg/client.js";

/**
 * @typedef {import("./store.js").CommandEntry} CommandEntry
 * @typedef {import("./store.js").EntryLists} EntryLists
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 */

const timeoutMs = 10_000;

/** Why an action failed. Without a message, there was no clear response. */
export class QueueError extends Error {
  /** @param {{ code?: string, detail?: string, hint?: string | null }} problem */
  constructor({ code, detail, hint }) {
    super(detail ?? "");
    this.code = code ?? null;
    this.hint = hint ?? null;
  }
}

export class QueueApi {
  #executions;
  #client;

  /** @param {import("./config.js").Config} config */
  constructor(config) {
    this.#executions = `${config.baseUrl}/${encodeURIComponent(config.organization)}/campaign/workflow/execution`;
    this.#client = new WorkflowClient({ ...config, timeoutMs });
  }

  /** @param {string} workflowId @param {AbortSignal} signal @returns {Promise<EntryLists | null>} null: this server stores no commands */
  async lists(workflowId, signal) {
    const list = async (/** @type {string} */ name) => {
      const response = await request("GET", `${this.#url(workflowId)}/${name}`, signal);
      if (response.status === 404) return null;
      return /** @type {CommandEntry[]} */ ((await bodyOf(response)).commands);
    };
    const [history, waiting, dead] = await Promise.all(["history", "queue", "dead"].map(list));
    return history && waiting && dead ? { history, waiting, dead } : null;
  }

  /** @param {string} workflowId @param {WorkflowCommand} command @param {number} delaySeconds @returns {Promise<CommandEntry>} */
  enqueue(workflowId, command, delaySeconds) {
    return this.#client.enqueue(workflowId, command, { delaySeconds, idempotencyKey: crypto.randomUUID() });
  }

  /** Returns the entry; its state tells whether it was cancelled or already sent. @param {string} id @returns {Promise<CommandEntry>} */
  cancel(id) {
    return this.#client.cancel(id);
  }

  /** Returns the entry of the new command. @param {string} workflowId @param {number} number @returns {Promise<CommandEntry>} */
  async sendAgain(workflowId, number) {
    return bodyOf(await request("POST", `${this.#url(workflowId)}/dead/${number}`));
  }

  /** @param {string} workflowId @param {number} number @returns {Promise<CommandEntry>} */
  async dismiss(workflowId, number) {
    return bodyOf(await request("DELETE", `${this.#url(workflowId)}/dead/${number}`));
  }

  /** @param {string} workflowId */
  #url(workflowId) {
    return `${this.#executions}/${encodeURIComponent(workflowId)}`;
  }
}

/** @param {string} method @param {string} url @param {AbortSignal} [signal] */
async function request(method, url, signal) {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, { method, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  } catch (cause) {
    throw Object.assign(new QueueError({}), { cause });
  }
}

/** @param {Response} response @returns {Promise<any>} */
async function bodyOf(response) {
  /** @type {any} */
  let body;
  try {
    body = await response.json();
  } catch (cause) {
    throw Object.assign(new QueueError({}), { cause });
  }
  if (!response.ok) throw new QueueError(body ?? {});
  return body;
}
