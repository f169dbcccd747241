/**
 * For a Worker on Cloudflare: the gateway, and the Durable Object of a workflow, which sends each of its commands at most once.
 * It works in Workers only.
 */
import type { CommandEntry } from "./client.js";
import type { WorkflowCommand } from "./index.js";

export type { CommandEntry, CommandProblem, CommandState } from "./client.js";

/** What a caller asks for. */
export interface AskedOperation {
  /** The tenant. */
  organization: string;
  /** The id or PKey that the address names. */
  workflowId: string;
  /** One of the four commands, `"read"` (also of histories and of what became of commands), or `"signal"`. */
  command: WorkflowCommand | "read" | "signal";
}

/** The options of a Worker. */
export interface WorkerOptions<Env = any> {
  /**
   * Says who asks, if they may do it: a name, which goes into the history and owns the caller's idempotency keys. `false` or `null`:
   * they may not. It is asked before anything is told about workflows, and once for each operation.
   */
  authorize: (
    request: Request,
    asked: AskedOperation,
    env: Env,
  ) => string | boolean | null | Promise<string | boolean | null>;
  /** Gets one object for each command, read and signal. Default: a line of JSON on the console. */
  log?: (line: object) => unknown;
}

/** A Worker on Cloudflare: export it as the default. */
export interface WorkflowWorker<Env = any> {
  fetch(request: Request, env: Env, ctx?: { waitUntil?(promise: Promise<unknown>): void }): Promise<Response>;
  queue(batch: { readonly messages: readonly QueueMessage[] }, env: Env): Promise<void>;
  scheduled(trigger: { readonly cron: string; readonly scheduledTime: number }, env: Env): Promise<void>;
}

/** A message of a queue, as far as it is used. */
export interface QueueMessage {
  readonly body: any;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

/**
 * Makes the Worker. Below `/api` it serves Adobe's own addresses, commands for later, their states and histories, dead commands, and
 * the list of the workflows. Where a D1 database is bound as `AUDIT`, what happens to commands is kept there, in the table
 * `campaign_audit`; where a rate limit is bound as `RATE_LIMITER`, it counts each caller's requests. Its variables and secrets are documented in the example's README. A variable that is wrong is named in every answer.
 *
 * @throws {TypeError} if `authorize` is no function.
 */
export function createWorker<Env = any>(options: WorkerOptions<Env>): WorkflowWorker<Env>;

/** The workflow that a command is for. Each has its own object: `idFromName(JSON.stringify([organization, workflowId]))`. */
export interface WorkflowName {
  /** The tenant. */
  organization: string;
  /** The id or PKey. They are two names, and so two objects: use one of them. */
  workflowId: string;
}

/** A command for a workflow's object. */
export interface CommandOrder {
  /** The caller's `Idempotency-Key`, or a name that you make up; give those a space, so that they meet no key of a caller. */
  key: string;
  /** One of the four commands. */
  command: WorkflowCommand;
  /** Whose command it is. A key belongs to a caller. */
  who: string;
}

/**
 * The Durable Object of one workflow: bind it, on SQLite, as a class of your Worker. It reads the Worker's variables and secrets
 * (`CAMPAIGN_URL`, `IMS_CLIENT_ID`, `WAIT_MS`, …; see the example's README), and sends nothing while one of them is wrong.
 *
 * Before a request for a command goes out, it is on disk that it does. A command whose outcome never gets there is `unknown`, and
 * is never sent again. Commands are sent one at a time; `stop` goes before whatever else waits.
 */
export class WorkflowObject {
  constructor(ctx: any, env: any);

  /**
   * Sends a command, or tells how it ended if its key is known: `{"receipt", "isStored"}` or `{"problem", "isStored"}`, as JSON.
   * @param timeoutMs For all of it, in milliseconds, the wait for its turn included.
   */
  send(name: WorkflowName, order: CommandOrder, timeoutMs: number): Promise<string>;

  /**
   * Takes a command for later: `{"entry"}`, or `{"problem", "isStored"}`, as JSON. The object's own alarm sends it when it is due,
   * and again while it was certainly not executed.
   * @param delayMs In milliseconds.
   */
  enqueue(name: WorkflowName, order: CommandOrder, delayMs: number): Promise<string>;

  /**
   * Cancels a command that still waits for its time, and gives what became of it: a {@link CommandEntry} or null, as JSON.
   * @param by Who cancels it.
   */
  cancel(who: string, key: string, by: string): Promise<string>;

  /** What became of a command: a {@link CommandEntry} or null, as JSON. */
  look(who: string, key: string): Promise<string>;

  /** The last 100 commands, the newest first: a list of {@link CommandEntry}, as JSON. */
  history(): Promise<string>;

  /** The commands that wait for their time, the next one first, at most 100: a list of {@link CommandEntry}, as JSON. */
  waiting(): Promise<string>;

  /** The dead commands, the newest first, at most 100: a list of {@link CommandEntry}, as JSON. */
  dead(): Promise<string>;

  /** What became of the command of a number: a {@link CommandEntry} or null, as JSON. */
  numbered(number: number): Promise<string>;

  /**
   * Sends a dead command again, at most once: `{"entry"}` of the new command, or `{"problem", "isStored"}`, as JSON.
   * @param by Who sends it again; the new command is theirs.
   */
  sendAgain(number: number, by: string): Promise<string>;

  /**
   * Takes a dead command off the list, and gives what is known of it: a {@link CommandEntry} or null, as JSON.
   * @param by Who dismisses it.
   */
  dismiss(number: number, by: string): Promise<string>;

  /** Called by the platform. */
  alarm(): Promise<void>;
}
