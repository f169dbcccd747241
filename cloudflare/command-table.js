// @ts-check
// The table of one workflow's commands, in the SQLite storage of its object. It stores and finds rows; Rust decides what they mean.

/**
 * Version 1 had no table `schema`, and its keys had no owner; version 2 had the column `postAt`, for messages of a queue; version 3
 * did not have `closedAt`, `closedBy` and `sentAgainAs`.
 */
const schemaVersion = 4;

/** `State::is_queued` in Rust. A Rust test holds these three conditions equal to Rust's. */
const queued = "state IN ('queued', 'retrying')";

/** `State::is_in_flight` in Rust. */
const inFlight = "state IN ('waiting', 'sending')";

/** `CommandRow::is_dead` in Rust. */
const dead = "via = 'queue' AND state IN ('failed', 'unknown') AND closedAt IS NULL";

/** How long a command of version 1 or 2 is repeated after it was first due, in milliseconds. */
const giveUpAfterMs = 6 * 3_600_000;

/** @typedef {import("./cloudflare-core.js").CommandRow} CommandRow */
/** @typedef {{ organization: string, workflowId: string }} WorkflowName */

/** When a settled command was last changed. */
const ended = "max(settledAt, coalesce(closedAt, 0))";

/** Whether its key leads to a command that replaces it and still has a key. */
const hasLiveSuccessor = "sentAgainAs IN (SELECT seq FROM commands WHERE key IS NOT NULL)";

export class CommandTable {
  #storage;

  /** @param {any} storage a DurableObjectStorage */
  constructor(storage) {
    this.#storage = storage;
    storage.transactionSync(() => this.#prepare());
  }

  /** The workflow of this object; null before its first command. @returns {WorkflowName | null} */
  name() {
    return this.#sql("SELECT * FROM target")[0] ?? null;
  }

  /** @param {WorkflowName} name */
  saveName({ organization, workflowId }) {
    if (!this.name()) this.#sql("INSERT INTO target VALUES (?, ?)", organization, workflowId);
  }

  /** @param {string} who @param {string} key @returns {CommandRow | undefined} */
  find(who, key) {
    return this.#sql("SELECT * FROM commands WHERE who = ? AND key = ?", who, key)[0];
  }

  /** @param {number} seq @returns {CommandRow | undefined} */
  row(seq) {
    return this.#sql("SELECT * FROM commands WHERE seq = ?", seq)[0];
  }

  /** @returns {CommandRow[]} */
  inFlight() {
    return this.#sql(`SELECT * FROM commands WHERE ${inFlight}`);
  }

  /** @param {number} now @returns {CommandRow[]} */
  due(now) {
    return this.#sql(`SELECT * FROM commands WHERE ${queued} AND dueAt <= ? ORDER BY dueAt, seq`, now);
  }

  /** @returns {number} */
  queuedCount() {
    return this.#sql(`SELECT count(*) AS count FROM commands WHERE ${queued}`)[0].count;
  }

  /** Another row with the same owner and key loses its key. @param {CommandRow} row @returns {number} the number of the row */
  insert(row) {
    return this.#storage.transactionSync(() => this.#insert(row));
  }

  /** Stores both rows or neither. @param {CommandRow} closed @param {CommandRow} row @returns {number} the number of the new row */
  replace(closed, row) {
    return this.#storage.transactionSync(() => {
      const sentAgainAs = this.#insert(row);
      const { key } = /** @type {CommandRow} */ (this.row(closed.seq));
      this.update({ ...closed, key, sentAgainAs });
      return sentAgainAs;
    });
  }

  /** @param {CommandRow} row */
  update({ seq, ...rest }) {
    const names = Object.keys(rest).map((name) => `${name} = ?`);
    this.#sql(`UPDATE commands SET ${names} WHERE seq = ?`, ...Object.values(rest), seq);
  }

  /** @param {number} count @returns {CommandRow[]} */
  newest(count) {
    return this.#sql("SELECT * FROM commands ORDER BY seq DESC LIMIT ?", count);
  }

  /** The next queued rows. @param {number} count @returns {CommandRow[]} */
  upcoming(count) {
    return this.#sql(`SELECT * FROM commands WHERE ${queued} ORDER BY dueAt, seq LIMIT ?`, count);
  }

  /** @param {number} count @returns {CommandRow[]} */
  dead(count) {
    return this.#sql(`SELECT * FROM commands WHERE ${dead} ORDER BY seq DESC LIMIT ?`, count);
  }

  /**
   * Removes old keys, and deletes rows without a key beyond the last `keep` rows. The last `keepDead` dead rows stay.
   *
   * @param {number} settledBefore @param {number} keep @param {number} keepDead
   */
  expire(settledBefore, keep, keepDead) {
    this.#storage.transactionSync(() => {
      const isKept = `seq IN (SELECT seq FROM commands WHERE ${dead} ORDER BY seq DESC LIMIT ?)`;
      this.#sql(
        `UPDATE commands SET key = NULL WHERE ${ended} <= ? AND NOT ${isKept} AND ${hasLiveSuccessor} IS NOT TRUE`,
        settledBefore,
        keepDead,
      );
      const isOld = "key IS NULL AND settledAt IS NOT NULL AND seq <= (SELECT max(seq) FROM commands) - ?";
      this.#sql(`DELETE FROM commands WHERE ${isOld} AND NOT ${isKept}`, keep, keepDead);
    });
  }

  /** @returns {number | undefined} */
  nextDue() {
    return this.#sql(`SELECT min(dueAt) AS at FROM commands WHERE ${queued}`)[0].at ?? undefined;
  }

  /** @returns {number | undefined} */
  firstSettled() {
    return (
      this.#sql(
        `SELECT min(${ended}) AS at FROM commands WHERE key IS NOT NULL AND NOT (${dead}) AND ${hasLiveSuccessor} IS NOT TRUE`,
      )[0].at ?? undefined
    );
  }

  /** @param {CommandRow} row @returns {number} */
  #insert({ seq, ...rest }) {
    this.#sql("UPDATE commands SET key = NULL WHERE who = ? AND key = ?", rest.who, rest.key);
    const names = Object.keys(rest);
    const values = names.map(() => "?");
    return this.#sql(`INSERT INTO commands (${names}) VALUES (${values}) RETURNING seq`, ...Object.values(rest))[0].seq;
  }

  #prepare() {
    const has = (/** @type {string} */ table) =>
      this.#sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", table).length > 0;
    const isOld = has("commands");
    if (!has("schema")) {
      this.#sql("CREATE TABLE schema (version INTEGER NOT NULL)");
      this.#sql("INSERT INTO schema VALUES (?)", isOld ? 1 : 0);
    }
    if (this.#sql("SELECT version FROM schema")[0].version >= schemaVersion) return;
    const hasGiveUpAt =
      isOld && this.#sql("SELECT 1 FROM pragma_table_info('commands') WHERE name = 'giveUpAt'").length > 0;
    if (isOld) {
      this.#sql("ALTER TABLE commands RENAME TO oldCommands");
      for (const index of ["toPost", "toForget", "sending", "due", "underWay", "settled"])
        this.#sql(`DROP INDEX IF EXISTS ${index}`);
    }
    this.#sql("UPDATE schema SET version = ?", schemaVersion);
    this.#sql(`CREATE TABLE commands (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, command TEXT NOT NULL, who TEXT NOT NULL, via TEXT NOT NULL,
      state TEXT NOT NULL, tries INTEGER NOT NULL, createdAt INTEGER NOT NULL, dueAt INTEGER NOT NULL, giveUpAt INTEGER NOT NULL,
      sentAt INTEGER, settledAt INTEGER, closedAt INTEGER, closedBy TEXT, sentAgainAs INTEGER, answer TEXT, UNIQUE (who, key))`);
    this.#sql(`CREATE INDEX due ON commands (dueAt) WHERE ${queued}`);
    this.#sql(`CREATE INDEX underWay ON commands (seq) WHERE ${inFlight}`);
    this.#sql(`CREATE INDEX settled ON commands (${ended}) WHERE key IS NOT NULL`);
    this.#sql(`CREATE INDEX dead ON commands (seq) WHERE ${dead}`);
    this.#sql("CREATE TABLE IF NOT EXISTS target (organization TEXT NOT NULL, workflowId TEXT NOT NULL)");
    if (isOld) {
      const kept = "seq, key, command, who, via, state, tries, createdAt, dueAt";
      const giveUpAt = hasGiveUpAt ? "giveUpAt" : `dueAt + ${giveUpAfterMs}`;
      this.#sql(
        `INSERT INTO commands SELECT ${kept}, ${giveUpAt}, sentAt, settledAt, NULL, NULL, NULL, answer FROM oldCommands`,
      );
      this.#sql("DROP TABLE oldCommands");
    }
  }

  /** @param {string} query @param {unknown[]} values @returns {any[]} */
  #sql(query, ...values) {
    return this.#storage.sql.exec(query, ...values).toArray();
  }
}
