// @ts-check
// The Durable Object of one workflow. Cloudflare runs at most one instance of it, so commands that pass here one at a time do so
// everywhere. It provides its table, its alarm and its log to the writer in Rust, which decides. Replies are the writer's JSON.

import { DurableObject } from "cloudflare:workers";
import { AuditTrail } from "./audit-trail.js";
import { guarded } from "./module-calls.js";
import { createCore } from "./cloudflare-core.js";
import module from "./cloudflare-core.wasm";
import { CommandTable } from "./command-table.js";

/** @typedef {import("./command-table.js").WorkflowName} WorkflowName */
/** @typedef {import("./cloudflare-core.js").CommandOrder} CommandOrder */
/** @typedef {import("./cloudflare-core.js").CoreWriter} Writer */
/** @typedef {{ core: import("./cloudflare-core.js").CloudflareCore, calls: Set<(cause: unknown) => void> }} Instance */

/** The instance of the module, shared by all objects of an isolate. After a trap there is none. @type {Instance | undefined} */
let current;

/** @returns {Instance} */
function currentInstance() {
  if (current) return current;
  /** @type {Instance["calls"]} */
  const calls = new Set();
  const core = createCore(module, (exports, kinds) =>
    guarded(exports, kinds, (cause) => {
      if (current?.calls === calls) current = undefined;
      for (const reject of calls) reject(cause);
    }),
  );
  return (current = { core, calls });
}

export class WorkflowObject extends DurableObject {
  /** @type {CommandTable} */
  #table;
  #environment;
  /** The writer, and the instance that it belongs to. @type {{ writer: Writer, instance: Instance } | undefined} */
  #current;

  /** @param {any} ctx @param {any} env */
  constructor(ctx, env) {
    super(ctx, env);
    this.#table = new CommandTable(ctx.storage);
    this.#environment = writerEnvironment(this.#table, ctx.storage, env);
    // The writer recovers the rows of an earlier object at once.
    if (this.#table.name()) this.#writer();
  }

  /** Sends a command, or returns its stored result. @param {WorkflowName} name @param {CommandOrder} order @param {number} timeoutMs */
  async send(name, order, timeoutMs) {
    this.#table.saveName(name);
    return this.#call((writer) => writer.send(order, timeoutMs));
  }

  /** Queues a command. @param {WorkflowName} name @param {CommandOrder} order @param {number} delayMs */
  async enqueue(name, order, delayMs) {
    this.#table.saveName(name);
    return this.#call((writer) => writer.enqueue(order, delayMs));
  }

  /** Cancels a queued command. @param {string} who @param {string} key @param {string} by */
  async cancel(who, key, by) {
    return this.#table.name() ? this.#call((writer) => writer.cancel(who, key, by)) : "null";
  }

  /** The command with this owner and key. @param {string} who @param {string} key */
  async look(who, key) {
    return this.#table.name() ? this.#writer().writer.look(who, key) : "null";
  }

  /** The last commands, the newest first. */
  async history() {
    return this.#table.name() ? this.#writer().writer.history() : "[]";
  }

  /** The queued commands, the next one first. */
  async waiting() {
    return this.#table.name() ? this.#writer().writer.waiting() : "[]";
  }

  /** The dead commands, the newest first. */
  async dead() {
    return this.#table.name() ? this.#writer().writer.dead() : "[]";
  }

  /** The command with this number. @param {number} number */
  async numbered(number) {
    return this.#table.name() ? this.#writer().writer.numbered(number) : "null";
  }

  /** Sends a dead command again. @param {number} number @param {string} by */
  async sendAgain(number, by) {
    return this.#call((writer) => writer.sendAgain(number, by));
  }

  /** Dismisses a dead command. @param {number} number @param {string} by */
  async dismiss(number, by) {
    return this.#table.name() ? this.#call((writer) => writer.dismiss(number, by)) : "null";
  }

  async alarm() {
    this.#environment.clearAlarm();
    if (this.#table.name()) await this.#call((writer) => writer.alarm());
  }

  /** The writer. After a trap, a new one takes over; commands that were being sent are then `unknown`. */
  #writer() {
    const instance = currentInstance();
    if (this.#current?.instance === instance) return this.#current;
    const { organization, workflowId } = /** @type {WorkflowName} */ (this.#table.name());
    return (this.#current = {
      writer: new instance.core.Writer(this.#environment, this.env, organization, workflowId),
      instance,
    });
  }

  /** @template T @param {(writer: Writer) => Promise<T>} run @returns {Promise<T>} */
  #call(run) {
    return new Promise((resolve, reject) => {
      const { writer, instance } = this.#writer();
      instance.calls.add(reject);
      run(writer)
        .then(resolve, reject)
        .finally(() => instance.calls.delete(reject));
    });
  }
}

/**
 * The object as the writer sees it.
 *
 * @param {CommandTable} table @param {any} storage @param {any} env
 */
function writerEnvironment(table, storage, { AUDIT, CLOCK_OFFSET_MS }) {
  /** An offset of the clock, for tests. */
  const clockOffsetMs = Number(CLOCK_OFFSET_MS ?? 0);
  /** @type {number | null} */
  let alarmAt = null;
  return {
    find: table.find.bind(table),
    row: table.row.bind(table),
    inFlight: table.inFlight.bind(table),
    due: table.due.bind(table),
    queuedCount: table.queuedCount.bind(table),
    insert: table.insert.bind(table),
    update: table.update.bind(table),
    newest: table.newest.bind(table),
    replace: table.replace.bind(table),
    upcoming: table.upcoming.bind(table),
    dead: table.dead.bind(table),
    expire: table.expire.bind(table),
    nextDue: table.nextDue.bind(table),
    firstSettled: table.firstSettled.bind(table),
    auditTrail: AUDIT && new AuditTrail(storage, AUDIT),
    now: () => Date.now() + clockOffsetMs,
    flush: () => storage.sync(),
    /** @param {number} at */
    setAlarm(at) {
      if (at === alarmAt) return;
      // Stored together with the writes before it.
      storage.setAlarm(at - clockOffsetMs).catch(() => (alarmAt = null));
      alarmAt = at;
    },
    clearAlarm() {
      alarmAt = null;
    },
    /** @param {object} line */
    log(line) {
      console.log(JSON.stringify({ time: new Date().toISOString(), ...line }));
    },
  };
}
