// @ts-check
// What is known of a workflow's commands: the table and its rules. Storage is all that it touches.
//
//   by a request   waiting → sending → accepted | failed | unknown
//   by the queue   queued  → sending → accepted | failed | unknown | retrying → sending → …
//
// "sending" is written before a request goes out. What is found "sending" when the object starts was interrupted: it becomes
// "unknown", and nothing here ever leads from "unknown" to "sending".

import { interruptedBeforeSending, interruptedWhileSending } from "./problems.js";
import { keyLifetimeMs } from "./settings.js";

const historyLength = 100;
const lentMs = 10_000;

/** Another try can't change what these say. */
const hopeless = ["invalid-argument", "forbidden", "not-found", "rejected", "redirected"];

/**
 * @typedef {object} Row
 * @property {number} seq
 * @property {string | null} key  null once it may be used anew
 * @property {WorkflowCommand} command
 * @property {string} who
 * @property {"request" | "queue"} via
 * @property {State} state
 * @property {number} tries       how often a request for it was begun
 * @property {number} createdAt
 * @property {number} dueAt       not before
 * @property {number | null} sentAt
 * @property {number | null} settledAt
 * @property {number | null} postAt  when it is to be put into a queue (the dead-letter queue, once it is settled)
 * @property {string | null} answer  an Answer as JSON
 */

export class Ledger {
  #storage;
  #settings;
  #now;

  /** @param {DurableObjectStorage} storage @param {import("./settings.js").Settings} settings @param {() => number} now */
  constructor(storage, settings, now) {
    this.#storage = storage;
    this.#settings = settings;
    this.#now = now;
    this.#sql(`CREATE TABLE IF NOT EXISTS commands (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, command TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
      state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, createdAt INTEGER NOT NULL, dueAt INTEGER NOT NULL,
      sentAt INTEGER, settledAt INTEGER, postAt INTEGER, answer TEXT)`);
    this.#sql("CREATE INDEX IF NOT EXISTS toPost ON commands (postAt) WHERE postAt IS NOT NULL");
    this.#sql("CREATE INDEX IF NOT EXISTS toForget ON commands (settledAt) WHERE key IS NOT NULL");
    this.#sql("CREATE TABLE IF NOT EXISTS target (organization TEXT NOT NULL, workflowId TEXT NOT NULL)");
  }

  /** The workflow, which the object itself can't tell from its id. @returns {Target} */
  get target() {
    const [row] = this.#sql("SELECT organization, workflowId FROM target");
    return /** @type {any} */ (row ?? { organization: "", workflowId: "" });
  }

  /** @param {Target} target */
  keepTarget({ organization, workflowId }) {
    if (this.#sql("SELECT 1 FROM target").length === 0) this.#sql("INSERT INTO target VALUES (?, ?)", organization, workflowId);
  }

  /** What the last run of the object left behind. A request that was never sent is not sent now either: nobody waits for it. */
  recover() {
    const settled = "state = ?, settledAt = ?, answer = ?, postAt = CASE via WHEN 'queue' THEN ? END";
    const settle = `UPDATE commands SET ${settled} WHERE state = ?`;
    const now = this.#now();
    this.#sql(settle, "unknown", now, JSON.stringify({ problem: interruptedWhileSending }), now, "sending");
    this.#sql(settle, "failed", now, JSON.stringify({ problem: interruptedBeforeSending }), now, "waiting");
  }

  /** @param {string} key @returns {Row | null} null: the key is free */
  find(key) {
    const [row] = this.#sql("SELECT * FROM commands WHERE key = ?", key);
    const found = /** @type {Row | undefined} */ (/** @type {unknown} */ (row));
    const isOld = found && found.settledAt !== null && found.settledAt <= this.#now() - keyLifetimeMs;
    return found && !isOld ? found : null;
  }

  /**
   * Writes a command down, unless its key is known.
   * @param {Order} order @param {Row["via"]} via @param {number} [delayMs]
   * @returns {Row | "new" | "mismatch"} the known row; "mismatch": the key was used for something else
   */
  admit({ key, command, who }, via, delayMs = 0) {
    const row = this.find(key);
    if (row && (row.command !== command || row.who !== who || row.via !== via)) return "mismatch";
    if (row && !isUnsent(row)) return row;
    const now = this.#now();
    this.#storage.transactionSync(() => {
      this.#sql("UPDATE commands SET key = NULL WHERE key = ?", key);
      this.#sql(
        "INSERT INTO commands (key, command, who, via, state, createdAt, dueAt, postAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ...[key, command, who, via, via === "queue" ? "queued" : "waiting", now, now + delayMs, via === "queue" ? now : null],
      );
    });
    return "new";
  }

  /** The request goes out next. Should the object be lost meanwhile, an alarm wakes it for a queued command. @param {string} key */
  begin(key) {
    const now = this.#now();
    const watch = now + this.#settings.timeoutMs + this.#settings.repostMs;
    const sending = "state = 'sending', tries = tries + 1, sentAt = ?, postAt = CASE via WHEN 'queue' THEN ? END";
    this.#sql(`UPDATE commands SET ${sending} WHERE key = ?`, now, watch, key);
  }

  /** The command is not sent after all, or its outcome is known. @param {string} key @param {Answer} answer */
  settle(key, answer) {
    const row = this.find(key);
    if (!row) return;
    const now = this.#now();
    const { maxTries, retryMs, repostMs } = this.#settings;
    const state = stateAfter(row, answer, maxTries);
    const asked = "problem" in answer ? answer.problem.retryAfterMs : null;
    const wait = asked ?? retryMs * 2 ** (row.tries - 1);
    const dueAt = state === "retrying" ? now + wait : row.dueAt;
    const isDead = row.via === "queue" && (state === "failed" || state === "unknown");
    const postAt = state === "retrying" ? dueAt + repostMs : isDead ? now : null;
    this.#sql(
      "UPDATE commands SET state = ?, settledAt = ?, dueAt = ?, postAt = ?, answer = ? WHERE key = ?",
      ...[state, state === "retrying" ? null : now, dueAt, postAt, JSON.stringify(answer), key],
    );
  }

  /**
   * Takes what is to be put into a queue now. Until it is `posted`, it is only lent: should that never be, it is given again.
   * @returns {Row[]}
   */
  takeToPost() {
    const due = "postAt <= ? AND state <> 'sending'";
    const now = this.#now();
    const rows = this.#sql(`SELECT * FROM commands WHERE ${due} ORDER BY seq`, now);
    const until = now + Math.min(lentMs, this.#settings.repostMs);
    if (rows.length > 0) this.#sql(`UPDATE commands SET postAt = ? WHERE ${due}`, until, now);
    return /** @type {any} */ (rows);
  }

  /** It is in the queue. If nothing comes of it there, it is put there again. @param {Row} row */
  posted({ seq, state, dueAt }) {
    const again = state === "queued" || state === "retrying" ? Math.max(dueAt, this.#now()) + this.#settings.repostMs : null;
    this.#sql("UPDATE commands SET postAt = ? WHERE seq = ? AND state = ?", again, seq, state);
  }

  /** Frees the keys of a day ago, and forgets what is neither known by a key nor part of the history. */
  forget() {
    this.#storage.transactionSync(() => {
      this.#sql("UPDATE commands SET key = NULL WHERE settledAt <= ? AND postAt IS NULL", this.#now() - keyLifetimeMs);
      this.#sql(`DELETE FROM commands WHERE key IS NULL AND seq <= (SELECT max(seq) FROM commands) - ${historyLength}`);
    });
  }

  /** When there is something to post or to forget. @returns {number | null} */
  nextAlarm() {
    const [post] = this.#sql("SELECT min(postAt) AS at FROM commands WHERE postAt IS NOT NULL");
    const [forget] = this.#sql("SELECT min(settledAt) AS at FROM commands WHERE key IS NOT NULL AND postAt IS NULL");
    const times = [post?.at, forget?.at == null ? null : Number(forget.at) + keyLifetimeMs];
    const known = times.filter((time) => typeof time === "number");
    return known.length === 0 ? null : Math.min(...known);
  }

  /** The last commands, the newest first. @returns {Entry[]} */
  history() {
    const rows = this.#sql(`SELECT * FROM commands ORDER BY seq DESC LIMIT ${historyLength}`);
    return /** @type {Row[]} */ (/** @type {unknown} */ (rows)).map(entryOf);
  }

  /** @param {string} query @param {(string | number | null)[]} values */
  #sql(query, ...values) {
    return this.#storage.sql.exec(query, ...values).toArray();
  }
}

/** @param {Row} row @param {Answer} answer @param {number} maxTries @returns {State} */
function stateAfter(row, answer, maxTries) {
  if ("receipt" in answer) return "accepted";
  if (answer.problem.outcome === "unknown") return "unknown";
  const again = row.via === "queue" && row.tries < maxTries && !hopeless.includes(answer.problem.code);
  return again ? "retrying" : "failed";
}

/** A request that was settled without having been sent: its key may be used again. @param {Row} row */
function isUnsent({ via, state, tries }) {
  return via === "request" && state === "failed" && tries === 0;
}

/** @param {Row} row @returns {Answer | null} null: there is none yet */
export function answerOf({ settledAt, answer }) {
  return settledAt === null || answer === null ? null : JSON.parse(answer);
}

/** @param {Row} row @returns {Entry} */
export function entryOf(row) {
  const answer = /** @type {Answer | null} */ (row.answer === null ? null : JSON.parse(row.answer));
  const problem = answer && "problem" in answer ? answer.problem : null;
  return {
    command: row.command,
    who: row.who,
    via: row.via,
    state: row.state,
    outcome: row.state === "sending" ? null : answer && (problem?.outcome ?? "accepted"),
    tries: row.tries,
    createdAt: time(row.createdAt),
    sentAt: row.sentAt === null ? null : time(row.sentAt),
    settledAt: row.settledAt === null ? null : time(row.settledAt),
    requestId: answer && "receipt" in answer ? answer.receipt.requestId : null,
    problem,
  };
}

const time = (/** @type {number} */ at) => new Date(at).toISOString();
