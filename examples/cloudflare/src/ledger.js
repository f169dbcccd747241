// @ts-check
// What is known of a workflow's commands: the table and its rules. Storage is all that it touches.
//
//   by a request   waiting → sending → accepted | failed | unknown
//   by the queue   queued  → sending → accepted | failed | unknown | retrying → sending → …
//
// "sending" is written before a request goes out. What is "sending" without a request under way was interrupted, by a restart or
// by a write that failed: it becomes "unknown", and nothing here ever leads from "sending" or "unknown" to "sending".

import { cut } from "./answer.js";
import { interruptedBeforeSending, interruptedWhileSending, mayPass } from "./problems.js";
import { keyLifetimeMs } from "./settings.js";

/** Of the tables. Version 1 had no table `schema`, and a key belonged to the workflow alone. */
const schemaVersion = 2;

const historyLength = 100;
const lentMs = 10_000;

/** Another try can't change what these say. */
const hopeless = ["invalid-argument", "forbidden", "not-found", "rejected", "redirected"];

/**
 * @typedef {object} Row
 * @property {number} seq
 * @property {string | null} key  the caller's own; null once it may be used anew
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
    storage.transactionSync(() => this.#prepare());
  }

  #prepare() {
    if (this.#has("schema")) return;
    const isOld = this.#has("commands");
    if (isOld) {
      this.#sql("ALTER TABLE commands RENAME TO oldCommands");
      this.#sql("DROP INDEX toPost");
      this.#sql("DROP INDEX toForget");
    }
    this.#sql("CREATE TABLE schema (version INTEGER NOT NULL)");
    this.#sql("INSERT INTO schema VALUES (?)", schemaVersion);
    this.#sql(`CREATE TABLE commands (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, command TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
      state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, createdAt INTEGER NOT NULL, dueAt INTEGER NOT NULL,
      sentAt INTEGER, settledAt INTEGER, postAt INTEGER, answer TEXT, UNIQUE (who, key))`);
    this.#sql("CREATE INDEX toPost ON commands (postAt) WHERE postAt IS NOT NULL");
    this.#sql("CREATE INDEX toForget ON commands (settledAt) WHERE key IS NOT NULL");
    this.#sql("CREATE INDEX sending ON commands (seq) WHERE state = 'sending'");
    this.#sql("CREATE TABLE IF NOT EXISTS target (organization TEXT NOT NULL, workflowId TEXT NOT NULL)");
    if (isOld) {
      this.#sql("INSERT INTO commands SELECT * FROM oldCommands");
      this.#sql("DROP TABLE oldCommands");
    }
  }

  /** @param {string} table */
  #has(table) {
    return this.#sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table).length > 0;
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

  /**
   * Settles what nobody works on any more. A request that was never sent is not sent now either: nobody waits for it.
   * @param {number} [seq] of one command; left out: all that the last run of the object left behind
   */
  recover(seq) {
    const settled = "state = ?, settledAt = ?, answer = ?, postAt = CASE via WHEN 'queue' THEN ? END";
    const settle = `UPDATE commands SET ${settled} WHERE state = ? AND seq = coalesce(?, seq)`;
    const now = this.#now();
    this.#sql(settle, "unknown", now, JSON.stringify({ problem: interruptedWhileSending }), now, "sending", seq ?? null);
    this.#sql(settle, "failed", now, JSON.stringify({ problem: interruptedBeforeSending }), now, "waiting", seq ?? null);
  }

  /** @param {string} who @param {string} key @returns {Row | null} null: the key is free */
  find(who, key) {
    const [found] = this.#rows("SELECT * FROM commands WHERE who = ? AND key = ?", who, key);
    const isOld = found && found.settledAt !== null && found.settledAt <= this.#now() - keyLifetimeMs;
    return found && !isOld ? found : null;
  }

  /** @param {number} seq @returns {Row | null} */
  row(seq) {
    return this.#rows("SELECT * FROM commands WHERE seq = ?", seq)[0] ?? null;
  }

  /** What is sent now, or was when its outcome could not be written. */
  sending() {
    return this.#rows("SELECT * FROM commands WHERE state = 'sending'");
  }

  /**
   * Writes a command down, unless its key is known.
   * @param {Order} order @param {Row["via"]} via @param {number} [delayMs]
   * @returns {{ row: Row, isNew: boolean } | "mismatch"} "mismatch": the key was used for something else
   */
  admit({ key, command, who }, via, delayMs = 0) {
    const known = this.find(who, key);
    if (known && !isFree(known)) {
      return known.command === command && known.via === via ? { row: known, isNew: false } : "mismatch";
    }
    const now = this.#now();
    const [row] = this.#storage.transactionSync(() => {
      this.#sql("UPDATE commands SET key = NULL WHERE who = ? AND key = ?", who, key);
      return this.#rows(
        "INSERT INTO commands (key, command, who, via, state, createdAt, dueAt, postAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        ...[key, command, who, via, via === "queue" ? "queued" : "waiting", now, now + delayMs, via === "queue" ? now : null],
      );
    });
    return { row: /** @type {Row} */ (row), isNew: true };
  }

  /** The request goes out next. Should the object be lost meanwhile, an alarm wakes it for a queued command. @param {number} seq */
  begin(seq) {
    const now = this.#now();
    const watch = now + this.#settings.timeoutMs + this.#settings.repostMs;
    const sending = "state = 'sending', tries = tries + 1, sentAt = ?, postAt = CASE via WHEN 'queue' THEN ? END";
    this.#sql(`UPDATE commands SET ${sending} WHERE seq = ?`, now, watch, seq);
  }

  /** The command is not sent after all, or its outcome is known. @param {number} seq @param {Answer} answer */
  settle(seq, answer) {
    const row = this.row(seq);
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
      "UPDATE commands SET state = ?, settledAt = ?, dueAt = ?, postAt = ?, answer = ? WHERE seq = ?",
      ...[state, state === "retrying" ? null : now, dueAt, postAt, JSON.stringify(cut(answer)), seq],
    );
  }

  /**
   * Takes what is to be put into a queue now. Until it is `posted`, it is only lent: should that never be, it is given again.
   * @returns {Row[]}
   */
  takeToPost() {
    const due = "postAt <= ? AND state <> 'sending'";
    const now = this.#now();
    const rows = this.#rows(`SELECT * FROM commands WHERE ${due} ORDER BY seq`, now);
    const until = now + Math.min(lentMs, this.#settings.repostMs);
    if (rows.length > 0) this.#sql(`UPDATE commands SET postAt = ? WHERE ${due}`, until, now);
    return rows;
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
    return this.#rows(`SELECT * FROM commands ORDER BY seq DESC LIMIT ${historyLength}`).map(entryOf);
  }

  /** Whole rows. @param {string} query @param {(string | number | null)[]} values @returns {Row[]} */
  #rows(query, ...values) {
    return /** @type {any} */ (this.#sql(query, ...values));
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

/** Whether the key may be used again: the command was certainly not executed, for a reason that may pass. @param {Row} row */
function isFree({ state, answer }) {
  if (state !== "failed" || answer === null) return false;
  const { problem } = JSON.parse(answer);
  return mayPass(problem);
}

/**
 * What the key of a command answers. A problem that it will answer again says so.
 * @param {Row} row @returns {Answer | null} null: there is none yet
 */
export function answerOf(row) {
  if (row.settledAt === null || row.answer === null) return null;
  const answer = /** @type {Answer} */ (JSON.parse(row.answer));
  return "receipt" in answer || isFree(row) ? answer : { problem: { ...answer.problem, stored: true } };
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
