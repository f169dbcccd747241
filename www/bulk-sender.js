// @ts-check
// Sends one command to many workflows with the client's own sendAll, and tells of each how far it is.

import { WorkflowClient } from "/pkg/client.js";
import { newCall } from "./calls.js";
import { newestIndex, settle } from "./campaign-log.js";
import { recordingFetch } from "./traced-fetch.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").Workflow} Workflow
 * @typedef {import("./emulator-api.js").LocalCampaign} LocalCampaign
 * @typedef {import("campaign-workflow/client").BulkSummary} BulkSummary
 */

/**
 * One command of the many. `turn`: not sent yet; `unsent`: not sent any more.
 * @typedef {object} Item
 * @property {Workflow} workflow
 * @property {import("./store.js").WorkflowCommand} command
 * @property {Call["outcome"] | "turn" | "unsent"} outcome
 * @property {string | null} code
 */

/**
 * @typedef {object} Many
 * @property {readonly Item[]} items each about a workflow of its own
 * @property {number} concurrency
 * @property {AbortController} controller
 * @property {() => void} onChange an item has changed
 * @property {(call: Call) => void} onSettled a command has ended
 */

/** @param {Store} store @param {LocalCampaign} campaign @param {Many} many @returns {Promise<BulkSummary>} */
export async function runMany(store, campaign, { items, concurrency, controller, onChange, onSettled }) {
  const { config } = store.now;
  if (!config) throw new Error("No call before the page knows where to send it");
  const seen = await newestIndex(store, campaign);
  /** @type {Map<Item, { call: Call, begun: number, fetch: ReturnType<typeof recordingFetch> }>} */
  const sent = new Map();
  const commands = items.map(({ workflow, command }) => ({
    workflowId: workflow.id,
    command,
    idempotencyKey: crypto.randomUUID(),
  }));

  /** The client has one fetch for all of them; what is recorded belongs to one. @param {Item} item */
  function recorded(item) {
    const given = { ...config, .../** @type {typeof commands[0]} */ (commands[items.indexOf(item)]) };
    const call = newCall(item.workflow, given, () => controller.abort());
    call.many = true;
    store.addCall(call);
    const fetch = recordingFetch((exchanges) => store.changeCall(call, { exchanges }), true);
    const entry = { call, begun: performance.now(), fetch };
    sent.set(item, entry);
    item.outcome = "flight";
    onChange();
    return entry;
  }

  const client = new WorkflowClient({
    ...config,
    fetch: (/** @type {string} */ url, /** @type {any} */ init) => {
      const item = items.find(({ workflow }) => url.endsWith(`/${encodeURIComponent(workflow.id)}/commands`));
      if (!item) throw new Error(`Nobody asked for ${url}`);
      return (sent.get(item) ?? recorded(item)).fetch(url, init);
    },
  });
  const results = client.sendAll(commands, { concurrency, signal: controller.signal });
  const settling = [];
  for await (const { index, receipt = null, error = null } of results) {
    const item = /** @type {Item} */ (items[index]);
    Object.assign(item, { outcome: error ? error.outcome : "accepted", code: error?.code ?? null });
    onChange();
    const entry = sent.get(item);
    if (!entry) continue;
    const durationMs = performance.now() - entry.begun;
    const end = { receipt, error, outcome: error ? error.outcome : /** @type {const} */ ("accepted"), durationMs };
    // Not awaited here: a result that is not taken holds the next command up.
    settling.push(settle(store, campaign, seen, entry.call, end).then(() => onSettled(entry.call)));
  }
  for (const item of items) if (item.outcome === "turn") item.outcome = "unsent";
  onChange();
  await Promise.all(settling);
  return results.summary;
}
