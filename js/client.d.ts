/**
 * Beyond one command: read a workflow, trigger its signals, wait for it, send many commands, and queue one for later. Everything that
 * `campaign-workflow` exports is here as well, over a module of its own; one who only sends a command imports that.
 */
import type {
  AbortSignalLike,
  FetchLike,
  WorkflowCommand,
  WorkflowCommandError,
  WorkflowCommandErrorCode,
  WorkflowCommandReceipt,
} from "./index.js";

export * from "./index.js";

/** Where Campaign is, and who asks. The fields are those of a command's request, and are documented there. */
export interface WorkflowConnection {
  /** The Campaign tenant, such as `"acme"` or `"acme-mkt-stage"`. */
  organization: string;
  /** The OAuth access token, or a function that gives it. Required when `baseUrl` is Adobe's host. */
  accessToken?: string | ((need: { refresh: boolean }) => string | Promise<string>) | undefined;
  /** The client id of the credential (`X-Api-Key`). Required when `baseUrl` is Adobe's host. */
  apiKey?: string | undefined;
  /** Where requests go. Default `"https://mc.adobe.io"`. */
  baseUrl?: string | undefined;
  /** Sends the requests. For reading it gets the method `GET` and no body. Default: the global `fetch` at the time of the call. */
  fetch?: FetchLike | undefined;
  /** Milliseconds for one call: token, requests, bodies and waits. 1 to 2147483647. Default 30000. */
  timeoutMs?: number | undefined;
  /** Milliseconds for one request with its body. 1 to 2147483647. Default 10000 at Adobe's host, else 30000. */
  attemptTimeoutMs?: number | undefined;
  /** How often a request is sent again that certainly had no effect. 0 to 10. Default 2. */
  maxRetries?: number | undefined;
  /** More request headers: a plain object. Default: none. */
  headers?: Record<string, string> | undefined;
  /** Lets a page call Adobe's host itself; for tests. Default `false`. */
  allowBrowserCredentials?: boolean | undefined;
}

/** What one call sets differently from its client. */
export interface CallOptions {
  /** Ends the call: it rejects with `aborted`, with the signal's reason as `cause`. Default: none. */
  signal?: AbortSignalLike | undefined;
  /** Instead of the client's. */
  timeoutMs?: number | undefined;
  /** Instead of the client's. */
  attemptTimeoutMs?: number | undefined;
  /** Instead of the client's. */
  maxRetries?: number | undefined;
  /** Instead of all of the client's. */
  headers?: Record<string, string> | undefined;
}

/** What sending one command takes. */
export interface CommandOptions extends CallOptions {
  /** Names the command, so that a server that honors such keys executes it once. As in a command's request. Default: none. */
  idempotencyKey?: string | undefined;
}

/**
 * A workflow, as Campaign's JSON shows it. `PKey` and `activities` are all that Adobe documents; whatever else comes is there
 * as it came, and nothing of it is promised.
 */
export interface Workflow {
  /** The key that can stand in for the id. */
  PKey?: string;
  /** The signal activities, by name, each with the address of its trigger. */
  activities?: {
    activity?: Record<string, { PKey?: string; trigger?: { href?: string }; [field: string]: unknown }>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** Whether a workflow is where you want it. Whatever it throws is what the call rejects with. */
export type WorkflowPredicate = (workflow: Workflow) => boolean | Promise<boolean>;

/**
 * A predicate for states by name: whether the workflow's `state` or `status` is one of these words, in any case.
 *
 * Assumption: no document of Adobe's names the field that holds the state, or its words. `state` is the field of this
 * package's emulator (`"Editing"`, `"Started"`, `"Paused"`, `"Finished"`, `"Erroneous"`); `status` (`"started"`, `"paused"`,
 * `"finished"` …) is what descriptions by others show of Campaign. Look at what {@link WorkflowClient.get} gives you; where it
 * differs, use a predicate of your own in this one's place.
 */
export function hasState(...names: string[]): (workflow: Workflow) => boolean;

/** What waiting takes. */
export interface WaitOptions extends CallOptions {
  /**
   * Milliseconds between the first looks. Each wait is half as long again as the one before, up to 30 seconds (or this, where
   * it is longer), and a fifth shorter or longer by chance. 1 to 2147483647. Default 2000.
   */
  intervalMs?: number | undefined;
  /** Milliseconds for all of it. The last look is at most a second before the end. 1 to 2147483647. Default 300000. */
  timeoutMs?: number | undefined;
}

/** What sending with a confirmation takes. */
export interface ConfirmOptions extends WaitOptions, CommandOptions {
  /** When the command has done what it was sent for. */
  confirm: WorkflowPredicate;
}

/** What became of a command that was sent with `confirm`. */
export interface ConfirmedReceipt extends Omit<WorkflowCommandReceipt, "status"> {
  /** The HTTP status, 200 to 299; `null` where the answer was lost, and the workflow itself confirmed the command. */
  status: number | null;
  /**
   * Whether `confirm` did not hold before the command, and did after it. `false`: Campaign accepted the command, and nothing
   * more is known: `confirm` held before already, or did not hold in time, or the wait was aborted.
   */
  confirmed: boolean;
  /** The workflow as it was last seen; `null` where it was not seen after the command. */
  workflow: Workflow | null;
}

/** What goes with a signal. */
export interface SignalContent {
  /** Who triggers it. Adobe requires it; any text that is not empty. */
  source: string;
  /**
   * The parameters of the signal activity, by name. Numbers are finite. A `Date` is sent as ISO 8601 in UTC
   * (`"2026-11-24T12:00:00.000Z"`); assumption: Adobe says "date/time" and no more. Default: none.
   */
  parameters?: Record<string, string | number | boolean | Date> | undefined;
}

/** Campaign answered the trigger of a signal. */
export interface SignalReceipt {
  /** As it was given. */
  workflowId: string;
  /** As it was given. */
  activity: string;
  /** The HTTP status: 200 to 299, or 400 where `tooSoon`. */
  status: number;
  /** The answer's body: a JSON value, its text, or `null`. */
  body: unknown;
  /** The answer's `x-request-id` header, for Adobe's support. */
  requestId: string | null;
  /** How many requests went out: to read the workflow, and for the signal. */
  attempts: number;
  /**
   * Whether this is the answer inside of the ten minutes in which Campaign takes no second signal: this one was not triggered.
   * Known by its plain text, which Adobe's own SDK tells of; that its status is 2xx or 400 is an assumption. `body` is the text.
   */
  tooSoon: boolean;
}

/** One command among many. */
export interface BulkCommand {
  /** The workflow's id or PKey; one and the same for all commands of a workflow, for their order's sake. */
  workflowId: string;
  /** What to do. */
  command: WorkflowCommand;
  /** As in a command's request. A command with a key is sent again within its own call, not with the others' shared back-off. */
  idempotencyKey?: string | undefined;
}

/** How one command among many ended. */
export type BulkResult = {
  /** Its number in the source, from 0. */
  index: number;
  /** As it was given. */
  workflowId: string;
  /** As it was given. */
  command: WorkflowCommand;
} & ({ receipt: WorkflowCommandReceipt; error?: undefined } | { error: WorkflowCommandError; receipt?: undefined });

/** How many of the commands that were pulled from the source came to what. */
export interface BulkSummary {
  /** Campaign accepted them. */
  accepted: number;
  /** Certainly not executed; those too that were pulled and not sent any more. */
  notExecuted: number;
  /** Nobody can know. */
  unknown: number;
}

/** What sending many takes. `timeoutMs` and `attemptTimeoutMs` are for each try of a command; the waits between are not in it. */
export interface BulkOptions extends CallOptions {
  /**
   * How many commands are in flight at most; also how many are held, with their results, that you have not taken yet. 1 to 100.
   * Default 4. (Adobe recommends no more than 20 workflows that run at once.)
   */
  concurrency?: number | undefined;
  /** How many requests for commands begin in a second at most. Any number above 0. Default: as many as can be. */
  perSecond?: number | undefined;
  /**
   * Stops it: nothing more is pulled, what was pulled and not sent is told as `aborted`, what is in flight is aborted and told,
   * and the loop ends without an error.
   */
  signal?: AbortSignalLike | undefined;
  /** Called with the counts so far after each command. What it throws ends the loop like an error of the source. */
  onProgress?: ((counts: BulkSummary) => void) | undefined;
  /** Whether the first command that fails is the last: what is in flight is awaited, what is held is not sent. Default `false`. */
  stopOnError?: boolean | undefined;
}

/** What queueing a command takes. */
export interface EnqueueOptions extends CommandOptions {
  /** Whole seconds that the server waits before it sends the command. 0 to 604800 (a week). Default 0: as soon as it can. */
  delaySeconds?: number | undefined;
}

/**
 * How far a command has come. `waiting`: for its turn, and its caller waits for the answer. `queued`: for its time. `sending`: a
 * request may be under way. `retrying`: it was certainly not executed, and is sent again when it is due. The others are final.
 */
export type CommandState =
  | "waiting"
  | "queued"
  | "sending"
  | "retrying"
  | "accepted"
  | "failed"
  | "unknown"
  | "cancelled";

/** What is known of one command. Times are ISO 8601; `null`: not yet, or not any more. */
export interface CommandEntry {
  /** Its number among the workflow's commands. */
  number: number;
  /** With it the command is found at `/api/queue/<id>`; `null` once its key is forgotten. */
  id: string | null;
  command: WorkflowCommand;
  /** Whose command it is. */
  who: string;
  /** Whether somebody waited for the answer, or it was taken for later. */
  via: "request" | "queue";
  state: CommandState;
  outcome: "accepted" | "not-executed" | "unknown" | null;
  /** How many requests went to Campaign for it. */
  tries: number;
  createdAt: string;
  /** When it is sent, if it waits for that. */
  dueAt: string | null;
  sentAt: string | null;
  settledAt: string | null;
  /** When somebody cancelled it, sent it again or dismissed it. */
  closedAt: string | null;
  /** Who that was. */
  closedBy: string | null;
  /** The number of the command that was sent in its place. */
  sentAgainAs: number | null;
  /** Whether it was taken for later and not accepted, and nobody has dealt with it: an operator can send it again or dismiss it. */
  isDead: boolean;
  /** The number of Campaign's answer. */
  requestId: string | null;
  /** Why it was not accepted, as a problem document. */
  problem: CommandProblem | null;
}

/** A problem document (RFC 9457) of a command. */
export interface CommandProblem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  code: WorkflowCommandErrorCode;
  outcome: "not-executed" | "unknown";
  hint: string | null;
  retryAfterMs: number | null;
  errorCode?: string;
  requestId?: string;
  body?: string;
}

/**
 * A command that a server has taken for later, with what it says of it. This is no receipt: Campaign may not have seen the command
 * yet. `state` says how far it has come, and `outcome` what is known: `null` until it was sent.
 */
export interface QueuedCommand extends CommandEntry {
  /** Finds the command again: see {@link WorkflowClient.queued}. It is no secret, and opens nothing. */
  id: string;
  /** The tenant. */
  organization: string;
  /** The id or PKey of the workflow. */
  workflowId: string;
}

/** The results of many commands, as each ends. */
export interface BulkResults extends AsyncIterator<BulkResult, BulkSummary, undefined> {
  [Symbol.asyncIterator](): BulkResults;
  next(): Promise<IteratorResult<BulkResult, BulkSummary>>;
  return(): Promise<IteratorResult<BulkResult, BulkSummary>>;
  /** The count by outcome, once the loop has ended in whatever way; never rejects, and stays pending until a loop has begun. */
  readonly summary: Promise<BulkSummary>;
}

/**
 * A connection, set up once. Making one is cheap, does nothing and holds nothing: no timer, no socket, no listener.
 *
 * Every method rejects with a {@link WorkflowCommandError} (`waitFor` and `confirm` also with what your predicate throws), and
 * none throws synchronously. The constructor does not throw either: a field that is wrong rejects every call with
 * `invalid-argument`, naming it, before anything is sent. The fields are read at construction; changing the object later
 * changes nothing.
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
   * Sends one command, with all the guarantees of `sendWorkflowCommand`.
   *
   * With `confirm` it looks at the workflow first, sends the command once, and looks again until `confirm` holds. An unknown
   * outcome is cleared up where that is possible: if `confirm` holds then, and did not before, the call resolves; if not, it
   * rejects with the error of the command, its outcome still `"unknown"`. Once Campaign has accepted the command, only a
   * predicate that throws makes it reject. `timeoutMs` is for all of it together.
   *
   * What it can't tell is who brought the workflow there: a command by somebody else, or a run that ended by itself, looks the
   * same. And a `confirm` that held before the command proves nothing after it, so then it is not waited for.
   */
  send(workflowId: string, command: WorkflowCommand, options: ConfirmOptions): Promise<ConfirmedReceipt>;
  send(workflowId: string, command: WorkflowCommand, options?: CommandOptions): Promise<WorkflowCommandReceipt>;

  /**
   * Reads a workflow: its JSON as it came, with credentials masked. It executes nothing, so after any failure that may pass
   * (the network, a deadline of one request, 429, 5xx, an answer that can't be read) it is sent again, at most `maxRetries`
   * times, and every error's outcome is `"not-executed"`. An answer of 2xx that is no JSON object is `bad-response`.
   *
   * Source: Adobe Campaign Standard, "Triggering a signal activity".
   */
  get(workflowId: string, options?: CallOptions): Promise<Workflow>;

  /**
   * Triggers a signal activity of a workflow that runs. Reads the workflow for the trigger's address and sends the signal
   * there, if it is the documented address below this client's own base and organization; else it rejects with
   * `invalid-trigger`, as it does where there is no such activity, and nothing is sent. A signal whose delivery is in doubt is
   * never sent again. `source`, the parameters' types and the size (64 KB of JSON) are checked before anything is sent.
   *
   * Campaign takes a signal every ten minutes at most: see {@link SignalReceipt.tooSoon}.
   *
   * Source: Adobe Campaign Standard, "Triggering a signal activity".
   */
  signal(workflowId: string, activity: string, content: SignalContent, options?: CallOptions): Promise<SignalReceipt>;

  /**
   * Waits until a workflow is where you want it, and gives that workflow. It looks at once, and then again and again; each look
   * is a {@link WorkflowClient.get}, with the client's own `timeoutMs` or what is left. A look that fails in a way that may pass
   * does not end the wait; any other error is what the call rejects with. At the deadline, which holds for a predicate that
   * hangs as well, it rejects with `timeout` and `not-executed`; `cause` is then the error of the last look, if that failed.
   */
  waitFor(workflowId: string, until: WorkflowPredicate, options?: WaitOptions): Promise<Workflow>;

  /**
   * Sends many commands, and gives the result of each as it ends, in whatever order they end.
   *
   * - **It pulls only what it can send**: nothing before the loop asks for a result, and never more than `concurrency` commands
   *   whose results you have not taken. So a million commands take no more memory than a few, and a slow loop slows it down.
   * - **Commands of one workflow stay in order**: the next is sent when the one before has ended, however that ended. While many
   *   of one workflow follow each other, others wait behind them.
   * - **All slow down together**: after 429, after 503 with `Retry-After` and after a connection that was never made nothing is
   *   sent until one shared back-off is over, then fewer at once. Such a command is sent again up to `maxRetries` times.
   * - **One that fails does not stop the rest**, unless `stopOnError`. What is no command at all ends with `invalid-argument`.
   * - **Leaving the loop** (`break`, `return`, `throw`) stops the pulling and calls the source's `return`; what is in flight is
   *   awaited, not aborted, since that would leave it in doubt. To end at once, abort `signal`.
   * - **A source that throws** ends the loop with its error, after what is in flight was told.
   *
   * The loop ends with a {@link BulkSummary}, which is also the promise `summary`.
   */
  sendAll(commands: Iterable<BulkCommand> | AsyncIterable<BulkCommand>, options?: BulkOptions): BulkResults;

  /**
   * Has a server with a queue take a command, and send it by itself: after `delaySeconds`, or as soon as it can. Asks with
   * `Prefer: respond-async` and `Delay-Seconds`.
   *
   * Give it only to a server that has a queue, such as the package's Cloudflare Worker. The package's gateway refuses it (400); a
   * server that ignores `Prefer` executes the command at once. So an answer of 2xx that is no queued command (202, and a JSON
   * object with `id` and a known `state`) is `bad-response` with the outcome `"unknown"`. Refused at Adobe's host, which has no queue.
   *
   * It is repeated as a command is: after answers that prove that it was not taken; with an `idempotencyKey` in doubt as well, and
   * the server takes it once. `"not-executed"` means that it was not taken and never will be sent. If the command of this key has
   * failed already, the call rejects with that command's problem.
   *
   * Source: RFC 7240 (`respond-async`); the Worker's README for the rest.
   */
  enqueue(workflowId: string, command: WorkflowCommand, options?: EnqueueOptions): Promise<QueuedCommand>;

  /**
   * Looks what became of a queued command, at `<baseUrl>/queue/<id>`. It executes nothing: repeated as {@link WorkflowClient.get},
   * and every error's outcome is `"not-executed"`. `not-found`: the server knows no such command, or not any more.
   *
   * @param id That of the {@link QueuedCommand}: 1 to 2000 characters of base64url; any other is `invalid-argument`.
   */
  queued(id: string, options?: CallOptions): Promise<QueuedCommand>;

  /**
   * Cancels a queued command (`DELETE <baseUrl>/queue/<id>`), and gives what became of it: `state` is `"cancelled"`, or, if it was
   * sent already, whatever it is. To cancel twice changes nothing, so it is repeated as {@link WorkflowClient.get} is. An error's
   * outcome is about the cancelling: `"unknown"` where an answer was lost, and then cancel it again.
   *
   * @param id As for {@link WorkflowClient.queued}.
   */
  cancel(id: string, options?: CallOptions): Promise<QueuedCommand>;

  /** Aborts what is in flight, each with its true outcome, and waits for none of it; calls after it reject with `aborted`. */
  close(): void;

  /** As {@link WorkflowClient.close}, for `using`, where the runtime has it. */
  [Symbol.dispose](): void;

  /**
   * As {@link WorkflowClient.close}, and waits until what was in flight has settled, whether or not anybody takes the results of a
   * `sendAll`; for `await using`, where the runtime has it.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

declare global {
  // As lib.esnext.disposable and Node's types say it; for those who have neither.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
    readonly asyncDispose: unique symbol;
  }
}
