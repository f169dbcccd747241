/**
 * A Campaign that runs in the same process as its caller: the HTTP API that Adobe documents for controlling
 * workflows, over a state machine that you can look into, with faults that you can script.
 *
 * What Adobe's documents do not say is an assumption of this emulator, and marked as one here.
 */

/** What can be done to a workflow: the four words of Adobe's API, lower case. */
export type WorkflowCommand = "start" | "pause" | "resume" | "stop";

/** The states that Campaign's users see. "Started" is what some of its screens call "In progress". */
export type WorkflowState = "Editing" | "Started" | "Paused" | "Finished" | "Erroneous";

/** How an instance of the emulator is set up. Options are checked at the first call, which rejects with a `TypeError` that names what is wrong. */
export interface CampaignEmulatorOptions {
  /** The one tenant that is known; any other organization gets the 500 "Oops" answer. Default `"acme-mkt-stage"`. */
  organization?: string;
  /** The workflows that exist. Default: six, `WKF101` to `WKF106`, in different states. */
  workflows?: WorkflowSetup[];
  /** The access tokens that are valid; any other gets the 401 answer (401013). Default `["local-token"]`. */
  accessTokens?: string[];
  /** The API keys that are valid; any other gets a 403 answer. Default `["local-key"]`. */
  apiKeys?: string[];
  /** How long an accepted command waits before Campaign applies it, in milliseconds of the clock. Default 1500. */
  applyDelayMs?: number;
  /** How long a started workflow runs before it finishes by itself, in milliseconds of the clock; `null`: it runs until it is stopped. Default `null`. */
  runMs?: number | null;
  /** Which product's answers are given: Campaign Standard's, or Campaign v8's. They differ in the 404 and in the GET of a workflow. Default `"standard"`. */
  dialect?: "standard" | "v8";
  /**
   * What becomes of a command that does not fit the state (pause a finished workflow, or a second stop while the first is pending).
   * `"refuse"`: a 500 answer with an `RST-` text, and nothing is queued. `"accept"`: answered like any other, and it comes to
   * nothing when it is due. Adobe documents neither. Default `"refuse"`.
   */
  misfit?: "refuse" | "accept";
  /**
   * Refuses a request that is not as documented even where Campaign lets it pass (one without `Cache-Control: no-cache`, as Adobe's
   * own SDK sends it): for those who test their own requests. The log's `problem` names it in either case. Default `false`.
   */
  strict?: boolean;
  /** How many logged requests, and how many executions for each workflow, are kept; the oldest go first. Default 10000. */
  historyLimit?: number;
  /** The clock, in milliseconds; what `advance` was given is added to it. It never runs backwards, whatever this gives. Default `Date.now`. */
  now?: () => number;
  /** The origins whose pages may read the answers (CORS); `"*"` allows every origin. Adobe's host promises none. Default `[]`. */
  allowedOrigins?: string[];
}

/** One workflow of {@link CampaignEmulatorOptions.workflows}. */
export interface WorkflowSetup {
  /** The id as Campaign shows it, such as `"WKF101"`. */
  id: string;
  /** The name for people. Default: the id. */
  label?: string;
  /** The key that can stand in for the id in a URL. Default: made from the id, always the same for the same id. */
  pkey?: string;
  /** The state at the beginning. Default `"Editing"`. */
  state?: WorkflowState;
  /** The external signal activities. Default: none. */
  signals?: SignalSetup[];
}

/** One external signal activity of a workflow. */
export interface SignalSetup {
  /** Its name in the workflow, such as `"signal1"`. */
  name: string;
  /** The name for people. Default: the name. */
  label?: string;
  /** The names of the parameters that it declares; the GET lists them in the `"standard"` dialect only. Default: none. */
  parameters?: string[];
}

/** One request that reached the emulator. The log holds what was sent as it was sent, credentials too. */
export interface LoggedRequest {
  /** The request's number since the start or the last `reset`, from 0; `clearLog` does not begin again. */
  index: number;
  /** When it came, in milliseconds of the clock. */
  at: number;
  /** The HTTP method. */
  method: string;
  /** The URL as it was sent. */
  url: string;
  /** The URL's path, still percent-encoded. */
  path: string;
  /** The headers, by lower-case name. */
  headers: Record<string, string>;
  /** The body as text. */
  body: string;
  /** The organization in the path, decoded; `null` when the path is none of Campaign's. */
  organization: string | null;
  /** The workflow's id in the path, decoded: an id or a PKey, also one that does not exist; `null` when the path is none of Campaign's. */
  workflowId: string | null;
  /** The command in the body; `null` when it is none of the four, or this was no request for a command. */
  command: WorkflowCommand | null;
  /** The status of the answer; `null` when none was given (a lost connection, a hang). */
  status: number | null;
  /** The kind of the fault that met this request; `null`: none. */
  fault: FaultKind | null;
  /** What is wrong with the request, held against Adobe's documents; `null`: nothing. Noted also when a fault answers in its place. */
  problem: string | null;
  /** Whether the command was taken into the workflow's queue (or, for a signal, whether it was triggered). */
  executed: boolean;
}

/** One workflow as it stands. */
export interface EmulatedWorkflow {
  /** The id, such as `"WKF101"`. */
  id: string;
  /** The key that can stand in for the id. */
  pkey: string;
  /** The name for people. */
  label: string;
  /** The state now. Commands that wait have no part in it yet. */
  state: WorkflowState;
  /** The commands that were accepted and are not applied yet, in their order. */
  pending: PendingCommand[];
  /** Every command that was taken into the queue, the oldest first, the pending ones too. */
  executions: Execution[];
  /** The commands that fit the state in which the workflow will be once all that waits is applied. */
  allowed: WorkflowCommand[];
  /** The signals that were triggered, the oldest first. */
  signals: TriggeredSignal[];
}

/** A command that waits to be applied. */
export interface PendingCommand {
  /** The command. */
  command: WorkflowCommand;
  /** When it will be applied, in milliseconds of the clock. */
  appliesAt: number;
}

/** A command that a workflow has taken. */
export interface Execution {
  /** The command. */
  command: WorkflowCommand;
  /** When it was accepted, in milliseconds of the clock. */
  acceptedAt: number;
  /** When it was applied, in milliseconds of the clock; `null`: it still waits. */
  appliedAt: number | null;
  /** The state that it brought about; `null`: it still waits, or it did not fit the state any more and came to nothing. */
  ledTo: WorkflowState | null;
  /** The {@link LoggedRequest.index} of the request that ordered it. */
  requestIndex: number;
}

/** A signal that was triggered. */
export interface TriggeredSignal {
  /** The activity's name. */
  name: string;
  /** When, in milliseconds of the clock. */
  at: number;
  /** What the request gave as `source`. */
  source: string;
  /** The parameters that came with it. */
  parameters: Record<string, string | number | boolean>;
  /** The {@link LoggedRequest.index} of the request. */
  requestIndex: number;
}

/** Which requests a fault meets, and what holds for every kind. */
export interface FaultScope {
  /** Only requests for this workflow, named by id or PKey. Default: every workflow. */
  workflowId?: string;
  /** Only this command. Default: every command. */
  command?: WorkflowCommand;
  /** Which requests: for commands, reading a workflow (GET), triggering a signal, or any of them. Default `"command"`. */
  on?: "command" | "read" | "trigger" | "any";
  /** How many requests it meets before it is spent; `null`: every one until it is cleared. Default 1. */
  times?: number | null;
  /** How long the answer (or the end of the connection) waits after the request came, in real milliseconds. Default 0. */
  delayMs?: number;
  /** Whether Campaign takes the command all the same, if it would have without the fault. Default: as each kind says. */
  executes?: boolean;
}

/** The answer that Adobe documents for this error, in Campaign's place. Nothing is executed. */
export interface DocumentedFault extends FaultScope {
  /**
   * - `"token-expired"`: 401 with error code 401013
   * - `"profile-invalid"`: 403 with error code 403023
   * - `"not-found"`: 404 with the text of the dialect
   * - `"pkey-undecryptable"`: the 404 that v8 gives for a PKey of another instance
   * - `"unknown-uri"`: 500 "Oops. Something went wrong. Check your URI and try again."
   * - `"cname-missing"`: 502 with the same text
   */
  kind: "token-expired" | "profile-invalid" | "not-found" | "pkey-undecryptable" | "unknown-uri" | "cname-missing";
}

/** 429 (`"throttled"`) or 503 (`"unavailable"`). Nothing is executed. */
export interface BusyFault extends FaultScope {
  kind: "throttled" | "unavailable";
  /** The `Retry-After` header: seconds, or a text that is sent as it is (a date, or nonsense); `null`: no header. Default 2. */
  retryAfterSeconds?: number | string | null;
}

/** 500 with `RST-` and `XTK-` lines. Nothing is executed. */
export interface RefusalFault extends FaultScope {
  kind: "refused-by-campaign";
  /** The text of the answer. Default: two lines, whose second is an assumption. */
  text?: string;
}

/** 502 with an HTML page, as a proxy gives it. Nothing is executed. */
export interface HtmlFault extends FaultScope {
  kind: "html";
}

/** Any answer you like. Nothing is executed unless `executes` is true. */
export interface AnswerFault extends FaultScope {
  kind: "answer";
  /** The status, 200 to 599. */
  status: number;
  /** The headers. Default: a content type that fits the body. */
  headers?: Record<string, string>;
  /** The body: a text or bytes as they are, `null` for none, anything else as JSON. Default `null`. */
  body?: unknown;
}

/** A redirect. Nothing is executed. */
export interface RedirectFault extends FaultScope {
  kind: "redirect";
  /** The status, 300 to 399. Default 307. */
  status?: number;
  /** The `Location` header, as it is sent. */
  location: string;
}

/** The answer that would have been given, but later. The command is executed when the request comes. */
export interface DelayFault extends FaultScope {
  kind: "delay";
  /** How late, in real milliseconds. */
  delayMs: number;
}

/** No answer, or half of one. */
export interface ConnectionFault extends FaultScope {
  /**
   * - `"hang"`: no answer ever; ends when the request's signal aborts. Nothing is executed.
   * - `"lost-request"`: the connection fails before Campaign has the request. Nothing is executed.
   * - `"lost-answer"`: the command is executed, then the connection fails.
   * - `"cut-body"`: the command is executed; the head and the first half of the body arrive, then the connection fails.
   */
  kind: "hang" | "lost-request" | "lost-answer" | "cut-body";
}

/** Something that goes wrong on purpose. The oldest fault that fits a request meets it, and only that one. */
export type Fault =
  | DocumentedFault
  | BusyFault
  | RefusalFault
  | HtmlFault
  | AnswerFault
  | RedirectFault
  | DelayFault
  | ConnectionFault;

/** The name of a fault. */
export type FaultKind = Fault["kind"];

/** A fault that waits for requests. */
export type ActiveFault = Fault & {
  /** The number that `addFault` gave. */
  id: number;
  /** How many requests it has met. */
  met: number;
};

/**
 * A local Campaign. It needs no network, no account and no set-up; each instance is a world of its own.
 *
 * `fetch` also answers a control surface under `/__emulator` for tests that have only HTTP: see `GET /__emulator`.
 *
 * @example
 * const campaign = new CampaignEmulator({ applyDelayMs: 0 });
 * await sendWorkflowCommand({
 *   organization: "acme-mkt-stage", workflowId: "WKF101", command: "start",
 *   accessToken: "local-token", apiKey: "local-key", fetch: campaign.fetch,
 * });
 */
export class CampaignEmulator {
  /** @param options How it is set up; all of it optional. Never throws: the options are checked at the first call. */
  constructor(options?: CampaignEmulatorOptions);

  /**
   * Answers one request as Campaign would. It needs no `this`, so it can be handed to anything that wants a fetch.
   *
   * It rejects as a platform's fetch does: with a `TypeError` when a fault loses the connection, and with the reason of the
   * request's signal when that aborts (which is the only end of a `"hang"`).
   *
   * @param input The request, or its URL; the host does not matter, and the path may carry a prefix.
   * @param init The request's parts. Read only when `input` is a URL.
   */
  readonly fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

  /** Every request so far, the oldest first. Requests to `/__emulator` and CORS preflights are not in it. */
  log(): Promise<LoggedRequest[]>;

  /** Forgets the logged requests. What the workflows have executed stays. */
  clearLog(): Promise<void>;

  /** The workflows as they stand now, in the order in which they were set up. */
  workflows(): Promise<EmulatedWorkflow[]>;

  /**
   * Adds a fault behind those that are already there.
   * @returns Its number, unique in this instance.
   * @throws {TypeError} (as a rejection) naming what is wrong with the fault.
   */
  addFault(fault: Fault): Promise<number>;

  /** Takes all faults away. */
  clearFaults(): Promise<void>;

  /** The faults that are not spent yet, the oldest first. */
  faults(): Promise<ActiveFault[]>;

  /**
   * Moves the clock on and applies what is due by then. Answers that a fault delays wait for real time and are not hurried.
   * @param ms How far, in milliseconds: 0 or more.
   */
  advance(ms: number): Promise<void>;

  /** Everything as it was constructed: workflows, log, faults, clock. */
  reset(): Promise<void>;
}
