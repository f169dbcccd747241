// @ts-check
// Sends one command to several workflows with the client's sendAll, and reports the progress of each.

import { WorkflowClient } from "/pkg/client.js";
import { newCall } from "./calls.js";
import { finishCall, lastLogIndex } from "./campaign-log.js";
import { tracedFetch } from "./traced-fetch.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./emulator-api.js").EmulatorApi} EmulatorApi
 * @typedef {import("campaign-workflow/client").BulkSummary} BulkSummary
 */

/**
 * One command of a bulk send. `waiting`: not sent yet; `unsent`: never sent, because the bulk send was cancelled.
 * @typedef {object} BulkItem
 * @property {Workflow} workflow
 * @property {import("./store.js").WorkflowCommand} command
 * @property {Call["outcome"] | "waiting" | "unsent"} outcome
 * @property {string | null} code
 */

/**
 * @typedef {object} BulkOptions
 * @property {readonly BulkItem[]} items each for a different workflow
 * @property {number} concurrency
 * @property {AbortController} controller
 * @property {() => void} onChange called after each change of an item
 * @property {(call: Call) => void} onEnded called after each command
 */

/** @param {Store} store @param {EmulatorApi} emulator @param {BulkOptions} options @returns {Promise<BulkSummary>} */
export async function sendBulk(store, emulator, { items, concurrency, controller, onChange, onEnded }) {
  const { config } = store.state;
  if (!config) throw new Error("The configuration is not loaded yet");
  const lastIndex = await lastLogIndex(store, emulator);
  /** @type {Map<BulkItem, { call: Call, startedAt: number, fetch: ReturnType<typeof tracedFetch> }>} */
  const sent = new Map();
  const commands = items.map(({ workflow, command }) => ({
    workflowId: workflow.id,
    command,
    idempotencyKey: crypto.randomUUID(),
  }));

  /** Creates the call of an item at its first request. @param {BulkItem} item */
  function begin(item) {
    const options = { ...config, .../** @type {typeof commands[0]} */ (commands[items.indexOf(item)]) };
    const call = newCall(item.workflow, options, () => controller.abort());
    call.isBulk = true;
    store.addCall(call);
    const fetch = tracedFetch((requests) => store.changeCall(call, { requests }), true);
    const entry = { call, startedAt: performance.now(), fetch };
    sent.set(item, entry);
    item.outcome = "in-flight";
    onChange();
    return entry;
  }

  const client = new WorkflowClient({
    ...config,
    // One client sends all commands; the URL tells which item a request belongs to.
    fetch: (/** @type {string} */ url, /** @type {any} */ init) => {
      const item = items.find(({ workflow }) => url.endsWith(`/${encodeURIComponent(workflow.id)}/commands`));
      if (!item) throw new Error(`Unexpected request to ${url}`);
      return (sent.get(item) ?? begin(item)).fetch(url, init);
    },
  });
  const results = client.sendAll(commands, { concurrency, signal: controller.signal });
  const finishing = [];
  for await (const { index, receipt = null, error = null } of results) {
    const item = /** @type {BulkItem} */ (items[index]);
    const outcome = error ? error.outcome : /** @type {const} */ ("accepted");
    Object.assign(item, { outcome, code: error?.code ?? null });
    onChange();
    const entry = sent.get(item);
    if (!entry) continue;
    const durationMs = performance.now() - entry.startedAt;
    const finished = finishCall(store, emulator, lastIndex, entry.call, { receipt, error, outcome, durationMs });
    // Not awaited here: sendAll sends the next command when its result is taken.
    finishing.push(finished.then(() => onEnded(entry.call)));
  }
  for (const item of items) if (item.outcome === "waiting") item.outcome = "unsent";
  onChange();
  await Promise.all(finishing);
  return results.summary;
}
