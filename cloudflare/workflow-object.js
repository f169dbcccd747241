// @ts-check
// The Durable Object of one workflow. There is one in the world, so what passes here one at a time does so everywhere. It lends
// its table, its alarm and its log to the writer, which decides. Its answers are JSON, as the writer gives them.

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

/** The instance of the module that all objects of an isolate share. After a trap there is none. @type {Instance | undefined} */
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
  /** The writer, and the instance that it lives in. @type {{ writer: Writer, instance: Instance } | undefined} */
  #current;

  /** @param {any} ctx @param {any} env */
  constructor(ctx, env) {
    super(ctx, env);
    this.#table = new CommandTable(ctx.storage);
    this.#environment = writerEnvironment(this.#table, ctx.storage, env);
    // What an earlier object has left is taken over at once.
    if (this.#table.name()) this.#writer();
  }

  /** Sends a command, or tells how it ended. @param {WorkflowName} name @param {CommandOrder} order @param {number} timeoutMs */
  async send(name, order, timeoutMs) {
    this.#table.saveName(name);
    return this.#call((writer) => writer.send(order, timeoutMs));
  }

  /** Takes a command for later. @param {WorkflowName} name @param {CommandOrder} order @param {number} delayMs */
  async enqueue(name, order, delayMs) {
    this.#table.saveName(name);
    return this.#call((writer) => writer.enqueue(order, delayMs));
  }

  /** Cancels a command that waits for its time. @param {string} who @param {string} key @param {string} by */
  async cancel(who, key, by) {
    return this.#table.name() ? this.#call((writer) => writer.cancel(who, key, by)) : "null";
  }

  /** What became of a command. @param {string} who @param {string} key */
  async look(who, key) {
    return this.#table.name() ? this.#writer().writer.look(who, key) : "null";
  }

  /** The last commands, the newest first. */
  async history() {
    return this.#table.name() ? this.#writer().writer.history() : "[]";
  }

  /** The commands that wait for their time, the next one first. */
  async waiting() {
    return this.#table.name() ? this.#writer().writer.waiting() : "[]";
  }

  /** The dead commands, the newest first. */
  async dead() {
    return this.#table.name() ? this.#writer().writer.dead() : "[]";
  }

  /** What became of the command of a number. @param {number} number */
  async numbered(number) {
    return this.#table.name() ? this.#writer().writer.numbered(number) : "null";
  }

  /** Sends a dead command again. @param {number} number @param {string} by */
  async sendAgain(number, by) {
    return this.#call((writer) => writer.sendAgain(number, by));
  }

  /** Takes a dead command off the list. @param {number} number @param {string} by */
  async dismiss(number, by) {
    return this.#table.name() ? this.#call((writer) => writer.dismiss(number, by)) : "null";
  }

  async alarm() {
    this.#environment.clearAlarm();
    if (this.#table.name()) await this.#call((writer) => writer.alarm());
  }

  /** After a trap a new one takes over, to which what was being sent is unknown. */
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
 * What a writer asks of its object.
 *
 * @param {CommandTable} table @param {any} storage @param {any} env
 */
function writerEnvironment(table, storage, { AUDIT, CLOCK_OFFSET_MS }) {
  /** How far the clock is put forward, for tests. */
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
      // Written with what was written before it, and durable when that is.
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
