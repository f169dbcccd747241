/**
 * `WorkflowClient`: read a workflow, wait for it, trigger its signals, send many commands, or queue one for later. This
 * entry also exports everything that `campaign-workflow` does. If you only send commands, import `campaign-workflow`:
 * it is smaller.
 */
import type { WorkflowCommand, WorkflowCommandError, WorkflowCommandReceipt, WorkflowCommandRequest } from "./index.js";
import type { QueuedCommand } from "./stored-commands.js";

export * from "./index.js";
export type * from "./stored-commands.js";

/**
 * Where Campaign is, and the credentials for it: the fields of a {@link WorkflowCommandRequest} that all calls share.
 */
export interface WorkflowConnection
  extends Omit<WorkflowCommandRequest, "workflowId" | "command" | "signal" | "idempotencyKey"> {}

/** Options of one call. Each replaces the client's own for this call; `headers` replaces all of the client's. */
export interface CallOptions
  extends Pick<WorkflowCommandRequest, "signal" | "timeoutMs" | "attemptTimeoutMs" | "maxRetries" | "headers"> {}

/** Options for sending one command. */
export interface CommandOptions extends CallOptions, Pick<WorkflowCommandRequest, "idempotencyKey"> {}

/**
 * A workflow, as Campaign's JSON shows it. Adobe documents only `PKey` and `activities`. Other fields are passed
 * through unchanged; don't rely on them.
 */
export interface Workflow {
  /** The key that can be used instead of the id. */
  PKey?: string;
  /** The signal activities by name, each with its trigger's address. */
  activities?: {
    activity?: Record<string, { PKey?: string; trigger?: { href?: string }; [field: string]: unknown }>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** Returns whether the workflow is in the state that you want. If it throws, the call rejects with what it threw. */
export type WorkflowPredicate = (workflow: Workflow) => boolean | Promise<boolean>;

/**
 * Returns a predicate that checks a state by name: whether the workflow's `state` or `status` is one of `names`,
 * ignoring case.
 *
 * Assumption: Adobe doesn't document which field holds the state, nor its values. `state` is the field of this
 * package's emulator (`"Editing"`, `"Started"`, `"Paused"`, `"Finished"`, `"Erroneous"`); `status` (`"started"`,
 * `"paused"`, `"finished"` …) is what others describe for Campaign. Check what {@link WorkflowClient.get} returns; if
 * it differs, pass your own predicate.
 */
export function hasState(...names: string[]): (workflow: Workflow) => boolean;

/** Options for waiting. */
export interface WaitOptions extends CallOptions {
  /**
   * Milliseconds between the first polls. Each interval is 1.5 times the one before, up to 30 seconds (or this value,
   * if it is longer), varied at random by up to a fifth. 1 to 2147483647. Default 2000.
   */
  intervalMs?: number | undefined;
  /** Milliseconds for the whole wait. The last poll is within a second of the end. 1 to 2147483647. Default 300000. */
  timeoutMs?: number | undefined;
}

/** Options for sending a command with a confirmation. */
export interface ConfirmOptions extends WaitOptions, CommandOptions {
  /** Returns whether the command has had its effect. */
  confirm: WorkflowPredicate;
}

/** The result of a command that was sent with `confirm`. */
export interface ConfirmedReceipt extends Omit<WorkflowCommandReceipt, "status"> {
  /** The HTTP status, 200 to 299; `null` if the command's own outcome was unknown and the workflow confirmed it. */
  status: number | null;
  /**
   * `true`: `confirm` returned false before the command and true after it. `false`: Campaign accepted the command, but
   * `confirm` already held before it, or did not hold in time, or the wait was aborted.
   */
  confirmed: boolean;
  /** The workflow as last read; `null` if it was not read after the command. */
  workflow: Workflow | null;
}

/** The content of a signal. */
export interface SignalContent {
  /** Who triggers it. Adobe requires it; any text that is not empty. */
  source: string;
  /**
   * The parameters of the signal activity, by name. Numbers must be finite. A `Date` is sent as ISO 8601 in UTC
   * (`"2026-11-24T12:00:00.000Z"`); this is an assumption, since Adobe says only "date/time". Default: none.
   */
  parameters?: Record<string, string | number | boolean | Date> | undefined;
}

/** Campaign's response to a signal. */
export interface SignalReceipt {
  /** The `workflowId` that you passed. */
  workflowId: string;
  /** The `activity` that you passed. */
  activity: string;
  /** The HTTP status: 200 to 299, or 400 if `tooSoon`. */
  status: number;
  /** The response's body: parsed JSON, its text, or `null`. */
  body: unknown;
  /** The response's `x-request-id` header, for Adobe's support. */
  requestId: string | null;
  /** The number of requests that were sent, for reading the workflow and for the signal. */
  attempts: number;
  /**
   * `true`: the signal was not triggered, because Campaign takes one only every ten minutes. `body` is its text.
   * Recognized by that text, which Adobe's own SDK shows; that its status is 2xx or 400 is an assumption.
   */
  tooSoon: boolean;
}

/**
 * One command of `sendAll`. A command with an `idempotencyKey` is retried within its own call, outside the shared
 * back-off.
 */
export interface BulkCommand extends Pick<WorkflowCommandRequest, "command" | "idempotencyKey"> {
  /** The workflow's id or PKey. Use the same one for all commands of a workflow, because it defines their order. */
  workflowId: string;
}

/** The result of one command of `sendAll`. */
export type BulkResult = {
  /** The command's position in the source, from 0. */
  index: number;
  /** The command's `workflowId`. */
  workflowId: string;
  /** The command. */
  command: WorkflowCommand;
} & ({ receipt: WorkflowCommandReceipt; error?: undefined } | { error: WorkflowCommandError; receipt?: undefined });

/** The number of commands with each outcome, of those that were pulled from the source. */
export interface BulkSummary {
  /** Accepted by Campaign. */
  accepted: number;
  /** Certainly not executed, including commands that were pulled and never sent. */
  notExecuted: number;
  /** With an unknown outcome. */
  unknown: number;
}

/**
 * Options for `sendAll`. `timeoutMs` and `attemptTimeoutMs` apply to each try of a command, without the waits between
 * tries.
 */
export interface BulkOptions extends CallOptions {
  /**
   * The maximum number of commands in flight; also the maximum number of results that you have not taken yet. 1 to 100.
   * Default 4. (Adobe recommends at most 20 workflows that run at once.)
   */
  concurrency?: number | undefined;
  /** The maximum number of requests for commands that start in a second. Any number above 0. Default: no limit. */
  perSecond?: number | undefined;
  /**
   * Stops the loop: nothing more is pulled, commands that were not sent yet and commands in flight are reported as
   * `aborted`, and the loop ends without an error.
   */
  signal?: WorkflowCommandRequest["signal"];
  /** Called with the counts so far after each command. If it throws, the loop ends with that error. */
  onProgress?: ((counts: BulkSummary) => void) | undefined;
  /**
   * Whether to stop at the first failure: commands in flight are awaited, pulled commands are not sent. Default
   * `false`.
   */
  stopOnError?: boolean | undefined;
}

/** Options for queueing a command. */
export interface EnqueueOptions extends CommandOptions {
  /**
   * Seconds before the server sends the command, a whole number. 0 to 604800 (a week). Default 0: as soon as it can.
   */
  delaySeconds?: number | undefined;
}

/** The results of `sendAll`, in the order in which the commands end. */
export interface BulkResults extends AsyncIterator<BulkResult, BulkSummary, undefined> {
  [Symbol.asyncIterator](): BulkResults;
  next(): Promise<IteratorResult<BulkResult, BulkSummary>>;
  return(): Promise<IteratorResult<BulkResult, BulkSummary>>;
  /**
   * The counts by outcome. Resolves when the loop has ended, for whatever reason; never rejects. Pending until a loop
   * starts.
   */
  readonly summary: Promise<BulkSummary>;
}

/**
 * A connection to Campaign or to a gateway. Creating one is cheap and holds no timer, socket or listener.
 *
 * Every method rejects with a {@link WorkflowCommandError} (`waitFor` and `confirm` also with what your predicate
 * throws), and none throws synchronously. Nor does the constructor: if a field is invalid, every call rejects with
 * `invalid-argument` and names it, before anything is sent. The constructor copies the fields, so later changes to the
 * object have no effect.
 *
 * @example
 * ```js
 * const client = new WorkflowClient({ organization: "acme", accessToken, apiKey });
 * await client.start("WKF42");
 * ```
 */
export class WorkflowClient {
  constructor(connection: WorkflowConnection);

  /** Sends `"start"`. See {@link WorkflowClient.send}. */
  start(workflowId: string, options: ConfirmOptions): Promise<ConfirmedReceipt>;
  start(workflowId: string, options?: CommandOptions): Promise<WorkflowCommandReceipt>;
  /** Sends `"pause"`. See {@link WorkflowClient.send}. */
  pause(workflowId: string, options: ConfirmOptions): Promise<ConfirmedReceipt>;
  pause(workflowId: string, options?: CommandOptions): Promise<WorkflowCommandReceipt>;
  /** Sends `"resume"`. See {@link WorkflowClient.send}. */
  resume(workflowId: string, options: ConfirmOptions): Promise<ConfirmedReceipt>;
  resume(workflowId: string, options?: CommandOptions): Promise<WorkflowCommandReceipt>;
  /** Sends `"stop"`. See {@link WorkflowClient.send}. */
  stop(workflowId: string, options: ConfirmOptions): Promise<ConfirmedReceipt>;
  stop(workflowId: string, options?: CommandOptions): Promise<WorkflowCommandReceipt>;

  /**
   * Sends one command, with all the guarantees of {@link sendWorkflowCommand}.
   *
   * With `confirm`, the client reads the workflow, sends the command once, and then polls until `confirm` holds;
   * `timeoutMs` covers all of this. It settles an unknown outcome where possible: if `confirm` holds now and did not
   * before, the call resolves; otherwise it rejects with the command's error, whose outcome is still `"unknown"`. Once
   * Campaign has accepted the command, the call rejects only if the predicate throws.
   *
   * The client can't tell who changed the workflow: another person's command, or a run that ended by itself, looks the
   * same. A `confirm` that already held before the command proves nothing, so the client does not wait for it.
   */
  send(workflowId: string, command: WorkflowCommand, options: ConfirmOptions): Promise<ConfirmedReceipt>;
  send(workflowId: string, command: WorkflowCommand, options?: CommandOptions): Promise<WorkflowCommandReceipt>;

  /**
   * Reads a workflow and returns its JSON, with credentials masked.
   *
   * Reading executes nothing. So it is retried, at most `maxRetries` times, after any temporary failure (the network,
   * an attempt's timeout, 429, 5xx, an unreadable body), and the outcome of every error is `"not-executed"`. A 2xx
   * whose body is not a JSON object is `bad-response`.
   *
   * Source: Adobe Campaign Standard, "Triggering a signal activity".
   */
  get(workflowId: string, options?: CallOptions): Promise<Workflow>;

  /**
   * Triggers a signal activity of a running workflow.
   *
   * The client reads the workflow for the trigger's address. It sends the signal only if this is the documented address
   * below the client's own base and organization; otherwise, and if there is no such activity, it rejects with
   * `invalid-trigger`. `source`, the types of the parameters and the size (64 KB of JSON) are checked before anything
   * is sent. A signal whose delivery is in doubt is never sent again.
   *
   * Campaign takes a signal every ten minutes at most: see {@link SignalReceipt.tooSoon}.
   *
   * Source: Adobe Campaign Standard, "Triggering a signal activity".
   */
  signal(workflowId: string, activity: string, content: SignalContent, options?: CallOptions): Promise<SignalReceipt>;

  /**
   * Waits until `until` returns true for the workflow, and returns the workflow.
   *
   * It polls immediately and then at growing intervals. Each poll is a {@link WorkflowClient.get} with the client's own
   * `timeoutMs`, or the time that is left. A temporary failure of a poll does not end the wait; any other error does.
   * At the deadline, even if the predicate hangs, it rejects with `timeout` and `not-executed`; `cause` is the last
   * poll's error, if it failed.
   */
  waitFor(workflowId: string, until: WorkflowPredicate, options?: WaitOptions): Promise<Workflow>;

  /**
   * Sends many commands, and yields the result of each when it ends, in any order.
   *
   * - **It pulls only what it can send**: nothing before the loop asks for a result, and never more than `concurrency`
   *   commands whose results you have not taken. A million commands use no more memory than a few, and a slow loop
   *   slows it down.
   * - **Commands of one workflow stay in order**: each is sent after the previous one has ended, with whatever outcome.
   *   Many consecutive commands of one workflow delay those of others.
   * - **All commands slow down together**: after 429, 503 with `Retry-After`, or a connection that was never made,
   *   nothing is sent until one shared back-off is over, and then with less concurrency. Such a command is retried up
   *   to `maxRetries` times.
   * - **A failure does not stop the rest**, unless `stopOnError`. An invalid command fails with `invalid-argument`.
   * - **Leaving the loop** (`break`, `return`, `throw`) stops pulling and calls the source's `return`. Commands in
   *   flight are awaited, because aborting them would leave them in doubt. To end immediately, abort `signal`.
   * - **If the source throws**, the loop ends with its error, after the results of the commands in flight.
   *
   * The loop returns a {@link BulkSummary}, which is also available as the promise `summary`.
   */
  sendAll(commands: Iterable<BulkCommand> | AsyncIterable<BulkCommand>, options?: BulkOptions): BulkResults;

  /**
   * Queues a command on a server, which sends it after `delaySeconds`, or as soon as it can.
   *
   * Use it only with a server that has a queue, such as the package's Cloudflare Worker. The package's gateway refuses
   * it (400). A server that ignores `Prefer` executes the command at once; so any 2xx other than a 202 with a JSON
   * object that has an `id` and a known `state` is `bad-response` with the outcome `"unknown"`. Adobe's host is
   * refused, because it has no queue.
   *
   * The request (`Prefer: respond-async`, `Delay-Seconds`) is retried like a command: after responses that prove that
   * it was not queued and, with an `idempotencyKey`, also in doubt; the server queues it once. `"not-executed"` means
   * that it was not queued and will never be sent. If the command with this key has already failed, the call rejects
   * with its problem.
   *
   * Source: RFC 7240 (`respond-async`); the Worker's README for the rest.
   */
  enqueue(workflowId: string, command: WorkflowCommand, options?: EnqueueOptions): Promise<QueuedCommand>;

  /**
   * Looks up a queued command (`GET <baseUrl>/queue/<id>`). Retried like {@link WorkflowClient.get}; every error's
   * outcome is `"not-executed"`. `not-found` means that the server doesn't know the command, or no longer stores it.
   *
   * @param id The id of the {@link QueuedCommand}: 1 to 2000 characters of base64url. Anything else is
   *   `invalid-argument`.
   */
  queued(id: string, options?: CallOptions): Promise<QueuedCommand>;

  /**
   * Cancels a queued command (`DELETE <baseUrl>/queue/<id>`), and returns it: its `state` is `"cancelled"`, or its
   * current state if it was already sent. Cancelling twice has no further effect, so it is retried like {@link
   * WorkflowClient.get}. The outcome of an error is about the cancellation: `"unknown"` means that a response was lost,
   * and you can cancel it again.
   *
   * @param id As in {@link WorkflowClient.queued}.
   */
  cancel(id: string, options?: CallOptions): Promise<QueuedCommand>;

  /**
   * Aborts all calls in flight, each with its true outcome, without waiting for them. Later calls reject with
   * `aborted`.
   */
  close(): void;

  /** Same as {@link WorkflowClient.close}, for `using`, if the runtime supports it. */
  [Symbol.dispose](): void;

  /**
   * Same as {@link WorkflowClient.close}, but waits until everything in flight has settled, whether or not the results
   * of a `sendAll` are taken. For `await using`, if the runtime supports it.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

declare global {
  // The same declarations as in lib.esnext.disposable and Node's types, for projects that have neither.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}
