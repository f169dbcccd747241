/**
 * For Cloudflare Workers: a Worker with the gateway, and the Durable Object that sends each command of a workflow at
 * most once.
 */
import type { CommandEntry } from "./stored-commands.js";
import type { WorkflowCommand } from "./index.js";

export type { CommandEntry, CommandProblem, CommandState } from "./stored-commands.js";

/** The request that `authorize` decides about. */
export interface AskedOperation {
  /** The Campaign tenant. */
  organization: string;
  /** The workflow's id or PKey, as in the address. */
  workflowId: string;
  /** One of the four commands, `"read"` (which includes histories and queued commands), or `"signal"`. */
  command: WorkflowCommand | "read" | "signal";
}

/** The options of a Worker. */
export interface WorkerOptions<Env = any> {
  /**
   * Returns the caller's name if they may do this, otherwise `false` or `null`. The name appears in histories and owns
   * the caller's idempotency keys. It is called once for each operation, before the response reveals anything about
   * workflows.
   */
  authorize: (
    request: Request,
    asked: AskedOperation,
    env: Env,
  ) => string | boolean | null | Promise<string | boolean | null>;
  /** Gets one object for each command, read and signal. Default: a line of JSON on the console. */
  log?: (line: object) => unknown;
}

/** A Cloudflare Worker. Export it as the default. */
export interface WorkflowWorker<Env = any> {
  fetch(request: Request, env: Env, ctx?: { waitUntil?(promise: Promise<unknown>): void }): Promise<Response>;
  queue(batch: { readonly messages: readonly QueueMessage[] }, env: Env): Promise<void>;
  scheduled(trigger: { readonly cron: string; readonly scheduledTime: number }, env: Env): Promise<void>;
}

/** The part of a queue's message that the Worker uses. */
export interface QueueMessage {
  readonly body: any;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

/**
 * Creates the Worker. Below `/api` it serves Adobe's own addresses, queued commands with their states and histories,
 * dead commands, and the list of workflows.
 *
 * If a D1 database is bound as `AUDIT`, the Worker writes an audit trail to its table `campaign_audit`. If a rate limit
 * is bound as `RATE_LIMITER`, it counts each caller's requests. The example's README documents the variables and
 * secrets. If one is invalid, every response names it.
 *
 * @throws {TypeError} If `authorize` is not a function.
 */
export function createWorker<Env = any>(options: WorkerOptions<Env>): WorkflowWorker<Env>;

/** A workflow. Each has its own object: `idFromName(JSON.stringify([organization, workflowId]))`. */
export interface WorkflowName {
  /** The Campaign tenant. */
  organization: string;
  /** The id or PKey. They are different names, and so different objects: always use the same one. */
  workflowId: string;
}

/** A command for a workflow's object. */
export interface CommandOrder {
  /** The caller's `Idempotency-Key`, or a key of your own. Put a space into your own, so it can't equal a caller's. */
  key: string;
  /** The command. */
  command: WorkflowCommand;
  /** The caller, who owns the key. */
  who: string;
}

/**
 * The Durable Object of one workflow. Bind it, with SQLite storage, as a class of your Worker. It reads the Worker's
 * variables and secrets (`CAMPAIGN_URL`, `IMS_CLIENT_ID`, `WAIT_MS`, …; see the example's README), and sends nothing
 * while one of them is invalid.
 *
 * It stores that a command is being sent before it sends the request. If the outcome is never stored, the command is
 * `unknown`, and is never sent again. It sends one command at a time; `stop` goes first.
 */
export class WorkflowObject {
  constructor(ctx: any, env: any);

  /**
   * Sends a command, or returns the stored result if its key is known: `{"receipt", "isStored"}` or `{"problem",
   * "isStored"}`, as JSON.
   * @param timeoutMs Milliseconds for all of it, including the wait for other commands.
   */
  send(name: WorkflowName, order: CommandOrder, timeoutMs: number): Promise<string>;

  /**
   * Queues a command: `{"entry"}`, or `{"problem", "isStored"}`, as JSON. The object's alarm sends it when it is due,
   * and retries it while it is certainly not executed.
   * @param delayMs Milliseconds.
   */
  enqueue(name: WorkflowName, order: CommandOrder, delayMs: number): Promise<string>;

  /**
   * Cancels a queued command: a {@link CommandEntry} or null, as JSON.
   * @param by Who cancels it.
   */
  cancel(who: string, key: string, by: string): Promise<string>;

  /** Looks up a command by its key: a {@link CommandEntry} or null, as JSON. */
  look(who: string, key: string): Promise<string>;

  /** The last 100 commands, newest first: a list of {@link CommandEntry}, as JSON. */
  history(): Promise<string>;

  /** At most 100 queued commands, the next one first: a list of {@link CommandEntry}, as JSON. */
  waiting(): Promise<string>;

  /** At most 100 dead commands, newest first: a list of {@link CommandEntry}, as JSON. */
  dead(): Promise<string>;

  /** Looks up a command by its number: a {@link CommandEntry} or null, as JSON. */
  numbered(number: number): Promise<string>;

  /**
   * Sends a dead command again, at most once: `{"entry"}` of the new command, or `{"problem", "isStored"}`, as JSON.
   * @param by Who sends it again, and owns the new command.
   */
  sendAgain(number: number, by: string): Promise<string>;

  /**
   * Removes a dead command from the list of dead commands: a {@link CommandEntry} or null, as JSON.
   * @param by Who dismisses it.
   */
  dismiss(number: number, by: string): Promise<string>;

  /** Called by the platform. */
  alarm(): Promise<void>;
}
