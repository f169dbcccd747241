// @ts-check
// The audit trail of one workflow's commands. Its lines are stored next to the commands and sent from there to a D1 database.
// Rust decides when they are sent and what they say.

/** The number of lines in one batch. */
const batchSize = 50;

/** The number of lines that are kept while the database does not respond. Older lines are deleted; they are in the log. */
const maxLines = 10_000;

const createTable = `CREATE TABLE IF NOT EXISTS campaign_audit (
  organization TEXT NOT NULL, workflowId TEXT NOT NULL, line INTEGER NOT NULL, time TEXT NOT NULL,
  number INTEGER NOT NULL, command TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT, who TEXT NOT NULL, closedBy TEXT,
  entry TEXT NOT NULL, PRIMARY KEY (organization, workflowId, line))`;

export class AuditTrail {
  #storage;
  #database;

  /** @param {any} storage a DurableObjectStorage @param {any} database a D1Database */
  constructor(storage, database) {
    this.#storage = storage;
    this.#database = database;
    this.#sql(
      "CREATE TABLE IF NOT EXISTS audit (line INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, entry TEXT NOT NULL)",
    );
  }

  /** @param {number} at @param {object} entry */
  add(at, entry) {
    const [{ line }] = this.#sql(
      "INSERT INTO audit (at, entry) VALUES (?, ?) RETURNING line",
      at,
      JSON.stringify(entry),
    );
    this.#sql("DELETE FROM audit WHERE line <= ?", line - maxLines);
  }

  /** When the first line was added that has not been sent. @returns {number | undefined} */
  first() {
    return this.#sql("SELECT at FROM audit ORDER BY line LIMIT 1")[0]?.at;
  }

  /** Sends the first lines. A line that arrived before, but was not acknowledged, is not stored again. */
  async send() {
    const lines = this.#sql("SELECT * FROM audit ORDER BY line LIMIT ?", batchSize);
    if (lines.length === 0) return;
    const insert = this.#database.prepare(
      "INSERT OR IGNORE INTO campaign_audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    const values = lines.map(({ line, at, entry }) => {
      const { organization, workflowId, number, command, state, outcome, who, closedBy } = JSON.parse(entry);
      return [
        organization,
        workflowId,
        line,
        new Date(at).toISOString(),
        number,
        command,
        state,
        outcome,
        who,
        closedBy,
        entry,
      ];
    });
    await this.#database.batch([this.#database.prepare(createTable), ...values.map((row) => insert.bind(...row))]);
    this.#sql("DELETE FROM audit WHERE line <= ?", lines[lines.length - 1].line);
  }

  /** @param {string} query @param {unknown[]} values @returns {any[]} */
  #sql(query, ...values) {
    return this.#storage.sql.exec(query, ...values).toArray();
  }
}
