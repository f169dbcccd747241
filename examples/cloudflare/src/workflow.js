// @ts-check
// The Durable Object of one workflow. There is one in the world, so what passes here one at a time does so everywhere.
//
// What makes a crash harmless: `begin` is on disk before the request goes out (`sync`, and the platform's output gate, which
// holds everything that leaves the object until its writes are confirmed), and the outcome is before anybody is told it. An
// object that starts and finds a command "sending" says "unknown" and never sends it again.

import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { DurableObject } from "cloudflare:workers";
import { credentialsOf } from "./credentials.js";
import { answerOf, entryOf, Ledger } from "./ledger.js";
import { busy, keyUsed, notConfigured, objectLost, problemOf, stillPending } from "./problems.js";
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
  /** The commands that wait or are sent, by their keys. @type {Map<string, Promise<Answer>>} */
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
   * @param {Target} target @param {Order} order @returns {Promise<Answer>}
   */
  async send(target, order) {
    this.#ledger.keepTarget(target);
    const known = this.#ledger.admit(order, "request");
    if (known === "mismatch") return { problem: keyUsed };
    if (known === "new") return this.#take(order.key, order.command, this.#settings.waitMs);
    return answerOf(known) ?? this.#await(order.key);
  }

  /**
   * Takes a command for later.
   * @param {Target} target @param {Order} order @param {number} delayMs @returns {Promise<Entry | Problem>}
   */
  async enqueue(target, order, delayMs) {
    this.#ledger.keepTarget(target);
    if (this.#ledger.admit(order, "queue", delayMs) === "mismatch") return keyUsed;
    this.#setAlarm();
    await this.ctx.storage.sync();
    await this.#post();
    const row = this.#ledger.find(order.key);
    return row ? entryOf(row) : objectLost;
  }

  /**
   * A message of the queue has come for a command, perhaps not for the first time.
   * @param {string} key
   * @returns {Promise<number | null>} after how many milliseconds it is to come again; null: it is done with
   */
  async runQueued(key) {
    const row = this.#ledger.find(key);
    if (!row || row.settledAt !== null) return null;
    const early = this.#until(row.dueAt);
    // A queue counts whole seconds.
    if (early >= 1000) return early;
    await (this.#pending.get(key) ?? this.#take(key, row.command));
    await this.#post();
    const after = this.#ledger.find(key);
    return after?.state === "retrying" ? Math.max(0, this.#until(after.dueAt)) : null;
  }

  /** @param {string} key @returns {Promise<Entry | null>} */
  async look(key) {
    const row = this.#ledger.find(key);
    return row && entryOf(row);
  }

  /** @returns {Promise<Entry[]>} */
  async history() {
    return this.#ledger.history();
  }

  async alarm() {
    this.#alarmAt = null;
    await this.#post();
    this.#ledger.forget();
    this.#setAlarm();
  }

  /** @param {string} key @param {WorkflowCommand} command @param {number} [waitMs] @returns {Promise<Answer>} */
  #take(key, command, waitMs) {
    const answer = this.#inTurn(key, command, waitMs).finally(() => this.#pending.delete(key));
    this.#pending.set(key, answer);
    return answer;
  }

  /** @param {string} key @param {WorkflowCommand} command @param {number} [waitMs] @returns {Promise<Answer>} */
  async #inTurn(key, command, waitMs) {
    if (!(await this.#turn.take(waitMs))) {
      this.#ledger.settle(key, { problem: busy });
      this.#setAlarm();
      return { problem: busy };
    }
    try {
      this.#ledger.begin(key);
      await this.ctx.storage.sync();
      const answer = await this.#call(command);
      this.#ledger.settle(key, answer);
      this.#setAlarm();
      return answer;
    } finally {
      this.#turn.give();
    }
  }

  /** @param {WorkflowCommand} command @returns {Promise<Answer>} */
  async #call(command) {
    const { timeoutMs, attemptTimeoutMs } = this.#settings;
    const baseUrl = this.env.CAMPAIGN_URL;
    try {
      const request = { ...this.#ledger.target, command, ...credentialsOf(this.env), timeoutMs, attemptTimeoutMs };
      return { receipt: await sendWorkflowCommand(baseUrl ? { ...request, baseUrl } : request) };
    } catch (error) {
      // The client rejects with nothing else: anything else came before it was called.
      return { problem: isWorkflowCommandError(error) ? problemOf(error) : notConfigured };
    }
  }

  /** The answer of a pending command to whoever repeats its key. @param {string} key @returns {Promise<Answer>} */
  async #await(key) {
    const pending = this.#pending.get(key);
    if (!pending || this.#settings.waitMs === 0) return { problem: stillPending };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, this.#settings.waitMs, { problem: stillPending })));
    return Promise.race([pending, /** @type {Promise<Answer>} */ (patience)]).finally(() => clearTimeout(timer));
  }

  /** Puts into the queues what belongs there. What a queue does not take now is left to the alarm. */
  async #post() {
    await Promise.allSettled(this.#ledger.takeToPost().map((row) => this.#postOne(row)));
    this.#setAlarm();
  }

  /** @param {import("./ledger.js").Row} row */
  async #postOne(row) {
    const key = row.key ?? "";
    if (row.settledAt === null) {
      const message = { object: this.ctx.id.toString(), key };
      const delaySeconds = Math.max(0, Math.ceil(this.#until(row.dueAt) / 1000));
      await this.env.COMMANDS.send(message, { delaySeconds, contentType: "json" });
    } else {
      await this.env.DEAD_COMMANDS.send({ ...this.#ledger.target, key, ...entryOf(row) }, { contentType: "json" });
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
    this.#alarmAt = at;
    this.ctx.storage.setAlarm(at - this.#settings.clockOffsetMs);
  }
}
