// @ts-check
// The Durable Object of one workflow. There is one in the world, so what passes here one at a time does so everywhere.
//
// What makes a crash harmless: `begin` is on disk before the request goes out (`sync`, and the platform's output gate, which
// holds everything that leaves the object until its writes are confirmed), and the outcome is before anybody is told it. A
// command that is "sending" without a request under way, after a restart or a failed write, is "unknown" and is never sent again.

import { DurableObject } from "cloudflare:workers";
import { sendToCampaign } from "./campaign.js";
import { answerOf, entryOf, Ledger } from "./ledger.js";
import { busy, interruptedBeforeSending, interruptedWhileSending, keyUsed, objectLost, stillPending } from "./problems.js";
import { settingsOf } from "./settings.js";
import { Turn } from "./turn.js";

/** @param {Env} env @param {Target} target */
export function workflowObject(env, { organization, workflowId }) {
  return env.WORKFLOWS_BY_ID.get(env.WORKFLOWS_BY_ID.idFromName(JSON.stringify([organization, workflowId])));
}

/** @extends {DurableObject<Env>} */
export class WorkflowObject extends DurableObject {
  #settings;
  #ledger;
  #turn = new Turn();
  /** The commands that wait or are sent, by the numbers of their rows. @type {Map<number, Promise<Answer>>} */
  #pending = new Map();
  /** @type {number | null} */
  #alarmAt = null;

  /** @param {DurableObjectState} ctx @param {Env} env */
  constructor(ctx, env) {
    super(ctx, env);
    this.#settings = settingsOf(env);
    this.#ledger = new Ledger(ctx.storage, this.#settings, () => Date.now() + this.#settings.clockOffsetMs);
    this.#ledger.recover();
    this.#setAlarm();
  }

  /**
   * Sends a command, or gives the answer that its key has.
   * @param {Target} target @param {Order} order @param {number} timeoutMs for all of it @returns {Promise<Answer>}
   */
  async send(target, order, timeoutMs) {
    const deadline = Date.now() + timeoutMs;
    this.#ledger.keepTarget(target);
    const admitted = this.#admit(order, "request");
    if (admitted === "mismatch") return { problem: keyUsed };
    const { row, isNew } = admitted;
    return isNew ? this.#take(row, deadline) : (answerOf(row) ?? this.#await(row.seq, deadline));
  }

  /**
   * Takes a command for later.
   * @param {Target} target @param {Order} order @param {number} delayMs @returns {Promise<{ entry: Entry } | { problem: Problem }>}
   */
  async enqueue(target, order, delayMs) {
    this.#ledger.keepTarget(target);
    const admitted = this.#admit(order, "queue", delayMs);
    if (admitted === "mismatch") return { problem: keyUsed };
    this.#setAlarm();
    await this.ctx.storage.sync();
    await this.#post();
    const row = this.#ledger.row(admitted.row.seq);
    if (!row) return { problem: objectLost };
    const answer = answerOf(row);
    return answer && "problem" in answer ? answer : { entry: entryOf(row) };
  }

  /**
   * A message of the queue has come for a command, perhaps not for the first time.
   * @param {number} seq the number of its row
   * @returns {Promise<number | null>} after how many milliseconds it is to come again; null: it is done with
   */
  async runQueued(seq) {
    const row = this.#current(this.#ledger.row(seq));
    if (row && row.settledAt === null) {
      const early = this.#until(row.dueAt);
      // A queue counts whole seconds.
      if (early >= 1000) return early;
      await (this.#pending.get(seq) ?? this.#take(row));
    }
    const after = this.#current(this.#ledger.row(seq));
    await this.#post();
    return after?.state === "retrying" ? Math.max(0, this.#until(after.dueAt)) : null;
  }

  /** @param {string} who @param {string} key @returns {Promise<Entry | null>} */
  async look(who, key) {
    const row = this.#current(this.#ledger.find(who, key));
    return row && entryOf(row);
  }

  /** @returns {Promise<Entry[]>} */
  async history() {
    return this.#ledger.history();
  }

  async alarm() {
    this.#alarmAt = null;
    for (const row of this.#ledger.sending()) this.#current(row);
    await this.#post();
    this.#ledger.forget();
    this.#setAlarm();
  }

  /**
   * @param {Order} order @param {import("./ledger.js").Row["via"]} via @param {number} [delayMs]
   */
  #admit(order, via, delayMs) {
    this.#current(this.#ledger.find(order.who, order.key));
    return this.#ledger.admit(order, via, delayMs);
  }

  /**
   * The row as it is now. If it says that a request is under way and there is none, it is settled first.
   * @param {import("./ledger.js").Row | null} row
   */
  #current(row) {
    const isLeft = row && (row.state === "sending" || row.state === "waiting") && !this.#pending.has(row.seq);
    if (!isLeft) return row;
    this.#ledger.recover(row.seq);
    return this.#ledger.row(row.seq);
  }

  /** @param {import("./ledger.js").Row} row @param {number} [deadline] left out: it waits for its turn @returns {Promise<Answer>} */
  #take({ seq, command }, deadline) {
    const answer = this.#inTurn(seq, command, deadline).finally(() => this.#pending.delete(seq));
    this.#pending.set(seq, answer);
    return answer;
  }

  /** @param {number} seq @param {WorkflowCommand} command @param {number} [deadline] @returns {Promise<Answer>} */
  async #inTurn(seq, command, deadline) {
    const { timeoutMs, waitMs } = this.#settings;
    // Half of the time is Campaign's.
    const patienceMs = deadline === undefined ? undefined : Math.min(waitMs, (deadline - Date.now()) / 2);
    if (!(await this.#turn.take(patienceMs))) return this.#settle(seq, { problem: busy }, busy);
    const end = deadline ?? Date.now() + timeoutMs;
    const left = () => Math.max(1, end - Date.now());
    try {
      try {
        this.#ledger.begin(seq);
        await this.ctx.storage.sync();
      } catch (error) {
        console.error(`A command could not be written down, so it was not sent: ${error}`);
        return this.#settle(seq, { problem: interruptedBeforeSending }, interruptedBeforeSending);
      }
      const answer = await sendToCampaign({ ...this.#ledger.target, command }, this.env, this.#settings, left);
      return this.#settle(seq, answer, interruptedWhileSending);
    } finally {
      this.#turn.give();
    }
  }

  /**
   * Stores an answer, and gives what is stored.
   * @param {number} seq @param {Answer} answer @param {Problem} unstored the answer if that fails, as the row stays what it was
   * @returns {Answer}
   */
  #settle(seq, answer, unstored) {
    try {
      this.#ledger.settle(seq, answer);
    } catch (error) {
      console.error(`An outcome could not be stored: ${error}`);
      return { problem: unstored };
    }
    this.#setAlarm();
    const row = this.#ledger.row(seq);
    return (row && answerOf(row)) ?? answer;
  }

  /**
   * The answer of a pending command to whoever repeats its key.
   * @param {number} seq @param {number} deadline @returns {Promise<Answer>}
   */
  async #await(seq, deadline) {
    const pending = this.#pending.get(seq);
    const { waitMs } = this.#settings;
    if (!pending || waitMs === 0) return { problem: stillPending };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const patienceMs = Math.min(waitMs, deadline - Date.now());
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, patienceMs, { problem: stillPending })));
    return Promise.race([pending, /** @type {Promise<Answer>} */ (patience)]).finally(() => clearTimeout(timer));
  }

  /** Puts into the queues what belongs there. What a queue does not take now is left to the alarm. */
  async #post() {
    await Promise.allSettled(this.#ledger.takeToPost().map((row) => this.#postOne(row)));
    this.#setAlarm();
  }

  /** @param {import("./ledger.js").Row} row */
  async #postOne(row) {
    if (row.settledAt === null) {
      const message = { object: this.ctx.id.toString(), seq: row.seq };
      const delaySeconds = Math.max(0, Math.ceil(this.#until(row.dueAt) / 1000));
      await this.env.COMMANDS.send(message, { delaySeconds, contentType: "json" });
    } else {
      const dead = { ...this.#ledger.target, key: row.key ?? "", ...entryOf(row) };
      await this.env.DEAD_COMMANDS.send(dead, { contentType: "json" });
    }
    this.#ledger.posted(row);
  }

  /** @param {number} at */
  #until(at) {
    return at - this.#settings.clockOffsetMs - Date.now();
  }

  #setAlarm() {
    const at = this.#ledger.nextAlarm();
    if (at === null || at === this.#alarmAt) return;
    this.ctx.storage.setAlarm(at - this.#settings.clockOffsetMs);
    this.#alarmAt = at;
  }
}
