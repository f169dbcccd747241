// @ts-check
// Keeps the lists of the chosen workflow up to date: reads them with each round of the workflows, after each call for the workflow,
// and every few seconds while a command is pending. Announces commands that have ended.

import { announce } from "./announce.js";
import { t } from "./i18n.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Lists} Lists
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 * @typedef {import("./queue-api.js").EntryLists} EntryLists
 */

const shortDelayMs = 2000;
const longDelayMs = 5000;
/** @type {readonly CommandEntry["state"][]} */
const pendingStates = ["waiting", "queued", "sending", "retrying"];

/** @param {CommandEntry} entry */
export function isPending({ state }) {
  return pendingStates.includes(state);
}

/** The pending commands: first those being sent, then by due time. @param {EntryLists} lists */
export function pendingOf({ history, waiting }) {
  const listed = new Set(waiting.map(({ number }) => number));
  return [...history.filter((entry) => isPending(entry) && !listed.has(entry.number)).reverse(), ...waiting];
}

export class QueuePoller {
  #store;
  #api;
  #waiter;
  #chosen = "";
  #round = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #calls = "";

  /** @param {Store} store @param {import("./queue-api.js").QueueApi} api @param {import("./state-waiter.js").StateWaiter} waiter */
  constructor(store, api, waiter) {
    this.#store = store;
    this.#api = api;
    this.#waiter = waiter;
    store.onChange(({ readAt }, before) => {
      if (readAt !== before.readAt || this.#haveCallsChanged()) this.poll();
    });
  }

  /** The chosen workflow, or the first one. */
  get workflow() {
    const { workflows } = this.#store.state;
    return this.#store.workflow(this.#chosen) ?? workflows[0];
  }

  /** @param {string} id */
  choose(id) {
    this.#chosen = id;
    this.#calls = this.#callSummary();
    return this.poll();
  }

  /** Reads the lists now. Aborts a read that is still running. */
  async poll() {
    clearTimeout(this.#timer);
    this.#round.abort();
    const { signal } = (this.#round = new AbortController());
    const id = this.workflow?.id;
    const known = this.#store.state.lists;
    let delayMs = null;
    try {
      const read = id === undefined ? null : await this.#api.lists(id, signal);
      if (signal.aborted) return;
      const lists = id !== undefined && read ? { ...read, workflowId: id, isOutdated: false } : null;
      if (lists && known && known.workflowId === id) this.#announceEnded(known, lists);
      this.#store.set({ lists });
      if (lists) delayMs = this.#delayMs(lists);
    } catch {
      if (signal.aborted) return;
      delayMs = longDelayMs;
      // Keep the known lists, unless they belong to another workflow.
      this.#store.set({ lists: known && known.workflowId === id ? { ...known, isOutdated: true } : null });
    }
    // A hidden page is not updated; it is read again when it becomes visible.
    if (delayMs !== null) this.#timer = setTimeout(() => document.hidden || this.poll(), delayMs);
  }

  /** @param {Lists} lists @returns {number | null} null: nothing will change by itself */
  #delayMs(lists) {
    const pending = pendingOf(lists);
    const soon = Date.now() + longDelayMs;
    const isDueSoon = pending.some(
      ({ state, dueAt }) => state === "sending" || dueAt === null || Date.parse(dueAt) < soon,
    );
    if (isDueSoon || this.#store.callInFlight(lists.workflowId)) return shortDelayMs;
    return pending.length > 0 ? longDelayMs : null;
  }

  /**
   * Announces the scheduled commands that have ended since the last read. Other commands have their own callers.
   * @param {Lists} before @param {Lists} after
   */
  #announceEnded(before, after) {
    const pending = new Set(pendingOf(before).map(({ number }) => number));
    const newest = before.history[0]?.number ?? 0;
    const label = this.workflow?.label ?? after.workflowId;
    // A command that is due at once may end before any read finds it pending.
    const isNew = (/** @type {CommandEntry} */ { number }) => pending.has(number) || number > newest;
    const ended = after.history.filter((entry) => entry.via === "queue" && !isPending(entry) && isNew(entry));
    for (const { command, outcome, state, problem } of ended.reverse()) {
      if (state === "cancelled" || outcome === null) continue;
      const values = { command, label, outcome: t(`outcome.${outcome}`) };
      announce(
        problem
          ? t("timeline.announce.failed", { ...values, code: problem.code })
          : t("timeline.announce.ended", values),
      );
      if (outcome !== "not-executed") this.#waiter.begin(after.workflowId, command, outcome === "accepted");
    }
  }

  #haveCallsChanged() {
    const summary = this.#callSummary();
    if (summary === this.#calls) return false;
    this.#calls = summary;
    return true;
  }

  #callSummary() {
    const id = this.workflow?.id;
    const calls = this.#store.state.calls.filter(({ workflow }) => workflow.id === id);
    return calls.map((call) => `${call.id} ${call.outcome}`).join();
  }
}
