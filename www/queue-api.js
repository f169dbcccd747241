// @ts-check
// What the gateway's Worker keeps of a workflow's commands: its lists, and what operators do with a command that waits or is dead.

import { WorkflowClient } from "/pkg/client.js";

/**
 * @typedef {import("./store.js").CommandEntry} CommandEntry
 * @typedef {import("./store.js").EntryLists} EntryLists
 * @typedef {import("./store.js").WorkflowCommand} WorkflowCommand
 */

const timeoutMs = 10_000;

/** Why the Worker did not do what it was asked for; without a message, it gave no answer that says so. */
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

  /** @param {string} workflowId @param {AbortSignal} signal @returns {Promise<EntryLists | null>} null: this server keeps no lists */
  async lists(workflowId, signal) {
    const list = async (/** @type {string} */ name) => {
      const response = await ask("GET", `${this.#of(workflowId)}/${name}`, signal);
      if (response.status === 404) return null;
      return /** @type {CommandEntry[]} */ ((await answerOf(response)).commands);
    };
    const [history, waiting, dead] = await Promise.all(["history", "queue", "dead"].map(list));
    return history && waiting && dead ? { history, waiting, dead } : null;
  }

  /** @param {string} workflowId @param {WorkflowCommand} command @param {number} delaySeconds @returns {Promise<CommandEntry>} */
  enqueue(workflowId, command, delaySeconds) {
    return this.#client.enqueue(workflowId, command, { delaySeconds, idempotencyKey: crypto.randomUUID() });
  }

  /** Gives what became of it: it may have been sent already. @param {string} id @returns {Promise<CommandEntry>} */
  cancel(id) {
    return this.#client.cancel(id);
  }

  /** Gives the command that is sent in its place. @param {string} workflowId @param {number} number @returns {Promise<CommandEntry>} */
  async sendAgain(workflowId, number) {
    return answerOf(await ask("POST", `${this.#of(workflowId)}/dead/${number}`));
  }

  /** @param {string} workflowId @param {number} number @returns {Promise<CommandEntry>} */
  async dismiss(workflowId, number) {
    return answerOf(await ask("DELETE", `${this.#of(workflowId)}/dead/${number}`));
  }

  /** @param {string} workflowId */
  #of(workflowId) {
    return `${this.#executions}/${encodeURIComponent(workflowId)}`;
  }
}

/** @param {string} method @param {string} address @param {AbortSignal} [signal] */
async function ask(method, address, signal) {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(address, { method, signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (cause) {
    throw Object.assign(new QueueError({}), { cause });
  }
}

/** @param {Response} response @returns {Promise<any>} */
async function answerOf(response) {
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
