// @ts-check
// Keeps the lists of the chosen workflow up to date: with each reading of the workflows, after each call for it, and every few
// seconds while something waits or is being sent. What came to its end is announced.

import { announce } from "./announce.js";
import { t } from "./i18n.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Lists} Lists
 * @typedef {import("./queue-api.js").CommandEntry} CommandEntry
 * @typedef {import("./queue-api.js").EntryLists} EntryLists
 */

const soonMs = 2000;
const laterMs = 5000;
/** @type {readonly CommandEntry["state"][]} */
const pendingStates = ["waiting", "queued", "sending", "retrying"];

/** @param {CommandEntry} entry */
export function isPending({ state }) {
  return pendingStates.includes(state);
}

/** What is not settled: first what is being sent, then by its time. @param {EntryLists} lists */
export function pendingOf({ history, waiting }) {
  const listed = new Set(waiting.map(({ number }) => number));
  return [...history.filter((entry) => isPending(entry) && !listed.has(entry.number)).reverse(), ...waiting];
}

export class QueueWatch {
  #store;
  #api;
  #waits;
  #chosen = "";
  #round = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #calls = "";

  /** @param {Store} store @param {import("./queue-api.js").QueueApi} api @param {import("./state-waiter.js").Waits} waits */
  constructor(store, api, waits) {
    this.#store = store;
    this.#api = api;
    this.#waits = waits;
    store.onChange((now, before) => {
      if (now.lookedAt !== before.lookedAt || this.#callsChanged()) this.look();
    });
  }

  /** The chosen workflow, or the first: of those that may be read. */
  get workflow() {
    const { workflows } = this.#store.now;
    return this.#store.workflow(this.#chosen) ?? workflows[0];
  }

  /** @param {string} id */
  choose(id) {
    this.#chosen = id;
    this.#calls = this.#callsNow();
    return this.look();
  }

  /** Reads the lists now. A reading that is under way is given up for it. */
  async look() {
    clearTimeout(this.#timer);
    this.#round.abort();
    const { signal } = (this.#round = new AbortController());
    const id = this.workflow?.id;
    const known = this.#store.now.lists;
    let pauseMs = null;
    try {
      const read = id === undefined ? null : await this.#api.lists(id, signal);
      if (signal.aborted) return;
      const lists = id !== undefined && read ? { ...read, workflowId: id, isLost: false } : null;
      if (lists && known && known.workflowId === id) this.#tell(known, lists);
      this.#store.set({ lists });
      if (lists) pauseMs = this.#pauseMs(lists);
    } catch {
      if (signal.aborted) return;
      pauseMs = laterMs;
      // What was read stays; of another workflow it would be wrong.
      this.#store.set({ lists: known && known.workflowId === id ? { ...known, isLost: true } : null });
    }
    // Nobody looks at a hidden page; it is read when it is shown again.
    if (pauseMs !== null) this.#timer = setTimeout(() => document.hidden || this.look(), pauseMs);
  }

  /** @param {Lists} lists @returns {number | null} null: nothing will change by itself */
  #pauseMs(lists) {
    const pending = pendingOf(lists);
    const soon = Date.now() + laterMs;
    const isSoon = pending.some(
      ({ state, dueAt }) => state === "sending" || dueAt === null || Date.parse(dueAt) < soon,
    );
    if (isSoon || this.#store.flightOf(lists.workflowId)) return soonMs;
    return pending.length > 0 ? laterMs : null;
  }

  /**
   * Says which commands for later have come to their end since then; of the others their callers learn it.
   * @param {Lists} before @param {Lists} now
   */
  #tell(before, now) {
    const pending = new Set(pendingOf(before).map(({ number }) => number));
    const newest = before.history[0]?.number ?? 0;
    const label = this.workflow?.label ?? now.workflowId;
    // One that is due now may have ended before it was ever seen to wait.
    const isNews = (/** @type {CommandEntry} */ { number }) => pending.has(number) || number > newest;
    const ended = now.history.filter((entry) => entry.via === "queue" && !isPending(entry) && isNews(entry));
    for (const { command, outcome, state, problem } of ended.reverse()) {
      if (state === "cancelled" || outcome === null) continue;
      const values = { command, label, outcome: t(`outcome.${outcome}`) };
      announce(
        problem ? t("timeline.news.failed", { ...values, code: problem.code }) : t("timeline.news.ended", values),
      );
      if (outcome !== "not-executed") this.#waits.begin(now.workflowId, command, outcome === "accepted");
    }
  }

  #callsChanged() {
    const now = this.#callsNow();
    if (now === this.#calls) return false;
    this.#calls = now;
    return true;
  }

  #callsNow() {
    const id = this.workflow?.id;
    const own = this.#store.now.calls.filter(({ workflow }) => workflow.id === id);
    return own.map((call) => `${call.id} ${call.outcome}`).join();
  }
}
