/**
 * A local Campaign for development and tests: the HTTP API that Adobe documents for controlling workflows, with
 * workflows that change state, scripted faults, and a log of every request.
 *
 * Where Adobe's documents leave something open, the emulator makes an assumption, which is marked here.
 */

/** A command for a workflow, as in Adobe's API. */
export type WorkflowCommand = "start" | "pause" | "resume" | "stop";

/** The states as Campaign's users see them. Some of its screens call "Started" "In progress". */
export type WorkflowState = "Editing" | "Started" | "Paused" | "Finished" | "Erroneous";

/**
 * The options of an emulator. They are checked at the first call, which rejects with a `TypeError` that names the
 * invalid option.
 */
export interface CampaignEmulatorOptions {
  /** The only tenant. Any other organization gets the 500 "Oops" response. Default `"acme-mkt-stage"`. */
  organization?: string;
  /** The workflows. Default: six, `WKF101` to `WKF106`, in different states. */
  workflows?: WorkflowSetup[];
  /** The valid access tokens. Any other gets the 401 response (401013). Default `["local-token"]`. */
  accessTokens?: string[];
  /** The valid API keys. Any other gets a 403 response. Default `["local-key"]`. */
  apiKeys?: string[];
  /** Milliseconds of the clock before an accepted command is applied. Default 1500. */
  applyDelayMs?: number;
  /**
   * Milliseconds of the clock before a started workflow finishes by itself; `null`: it runs until it is stopped.
   * Default `null`.
   */
  runMs?: number | null;
  /**
   * The product to emulate: Campaign Standard or Campaign v8. They differ in the 404 and in the GET of a workflow.
   * Default `"standard"`.
   */
  dialect?: "standard" | "v8";
  /**
   * What happens to a command that is invalid in the workflow's state, such as pausing a finished workflow, or a second
   * stop while the first is pending. `"refuse"`: a 500 with an `RST-` text, and nothing is queued. `"accept"`: it is
   * accepted, and has no effect when it is due. Adobe documents neither. Default `"refuse"`.
   */
  invalidTransition?: "refuse" | "accept";
  /**
   * Whether to refuse requests that differ from Adobe's documents even where Campaign accepts them, for tests of your
   * own requests. (Adobe's own SDK sends no `Cache-Control: no-cache`, for example.) The log's `problem` names the
   * difference in any case. Default `false`.
   */
  strict?: boolean;
  /**
   * The maximum number of logged requests, and of executions for each workflow. The oldest are dropped first. Default
   * 10000.
   */
  historyLimit?: number;
  /**
   * The clock, in milliseconds. `advance` adds to it. The emulator's clock never runs backwards, whatever this returns.
   * Default `Date.now`.
   */
  now?: () => number;
  /**
   * The origins whose pages may read the responses (CORS); `"*"` allows every origin. Adobe's host promises none.
   * Default `[]`.
   */
  allowedOrigins?: string[];
}

/** One workflow of {@link CampaignEmulatorOptions.workflows}. */
export interface WorkflowSetup {
  /** The id, such as `"WKF101"`. */
  id: string;
  /** The display name. Default: the id. */
  label?: string;
  /** The key that can be used instead of the id in a URL. Default: derived from the id. */
  pkey?: string;
  /** The initial state. Default `"Editing"`. */
  state?: WorkflowState;
  /** The external signal activities. Default: none. */
  signals?: SignalSetup[];
}

/** One external signal activity of a workflow. */
export interface SignalSetup {
  /** Its name in the workflow, such as `"signal1"`. */
  name: string;
  /** The display name. Default: the name. */
  label?: string;
  /** The names of its parameters. The GET lists them in the `"standard"` dialect only. Default: none. */
  parameters?: string[];
}

/** A request that reached the emulator, exactly as it was sent, including credentials. */
export interface LoggedRequest {
  /** The request's number since the start or the last `reset`, from 0. `clearLog` does not reset it. */
  index: number;
  /** When it arrived, in milliseconds of the clock. */
  at: number;
  /** The HTTP method. */
  method: string;
  /** The URL. */
  url: string;
  /** The URL's path, still percent-encoded. */
  path: string;
  /** The headers, by lower-case name. */
  headers: Record<string, string>;
  /** The body as text. */
  body: string;
  /** The organization in the path, decoded; `null` if the path is not Campaign's. */
  organization: string | null;
  /** The workflow's id or PKey in the path, decoded, even if it doesn't exist; `null` if the path is not Campaign's. */
  workflowId: string | null;
  /** The command in the body; `null` if this was not a valid command. */
  command: WorkflowCommand | null;
  /** The status of the response; `null` if there was none (a lost connection, a hang). */
  status: number | null;
  /** The kind of the fault that was applied; `null` if none was. */
  fault: FaultKind | null;
  /** How the request differs from Adobe's documents; `null` if it doesn't. Recorded even if a fault was applied. */
  problem: string | null;
  /** Whether the command was added to the workflow's queue, or the signal was triggered. */
  executed: boolean;
}

/** The current state of a workflow. */
export interface EmulatedWorkflow {
  /** The id, such as `"WKF101"`. */
  id: string;
  /** The key that can be used instead of the id. */
  pkey: string;
  /** The display name. */
  label: string;
  /** The current state, without the effect of pending commands. */
  state: WorkflowState;
  /** The commands that were accepted and not applied yet, in order. */
  pending: PendingCommand[];
  /** All accepted commands, including pending ones, oldest first. */
  executions: Execution[];
  /** The commands that will be valid once all pending commands are applied. */
  allowed: WorkflowCommand[];
  /** The signals that were triggered, oldest first. */
  signals: TriggeredSignal[];
}

/** An accepted command that is not applied yet. */
export interface PendingCommand {
  /** The command. */
  command: WorkflowCommand;
  /** When it will be applied, in milliseconds of the clock. */
  appliesAt: number;
}

/** A command that a workflow has accepted. */
export interface Execution {
  /** The command. */
  command: WorkflowCommand;
  /** When it was accepted, in milliseconds of the clock. */
  acceptedAt: number;
  /** When it was applied, in milliseconds of the clock; `null` if it is pending. */
  appliedAt: number | null;
  /** The resulting state; `null` if it is pending, or was no longer valid and had no effect. */
  ledTo: WorkflowState | null;
  /** The {@link LoggedRequest.index} of its request. */
  requestIndex: number;
}

/** A signal that was triggered. */
export interface TriggeredSignal {
  /** The activity's name. */
  name: string;
  /** When, in milliseconds of the clock. */
  at: number;
  /** The `source` of the request. */
  source: string;
  /** The parameters of the request. */
  parameters: Record<string, string | number | boolean>;
  /** The {@link LoggedRequest.index} of its request. */
  requestIndex: number;
}

/** The requests that a fault applies to, and the options of every kind of fault. */
export interface FaultScope {
  /** Only requests for this workflow, by id or PKey. Default: every workflow. */
  workflowId?: string;
  /** Only this command. Default: every command. */
  command?: WorkflowCommand;
  /** The requests: commands, reading a workflow (GET), triggering a signal, or any of them. Default `"command"`. */
  on?: "command" | "read" | "trigger" | "any";
  /** How many requests it applies to; `null`: to every one until it is cleared. Default 1. */
  times?: number | null;
  /** Real milliseconds between the request and the response, or the end of the connection. Default 0. */
  delayMs?: number;
  /**
   * Whether the command is executed in spite of the fault, if it would have been without it. Default: as each kind
   * says.
   */
  executes?: boolean;
}

/** The response that Adobe documents for an error. Nothing is executed. */
export interface DocumentedFault extends FaultScope {
  /**
   * - `"token-expired"`: 401 with error code 401013
   * - `"profile-invalid"`: 403 with error code 403023
   * - `"not-found"`: 404 with the text of the dialect
   * - `"pkey-undecryptable"`: the 404 of v8 for a PKey of another instance
   * - `"unknown-uri"`: 500 "Oops. Something went wrong. Check your URI and try again."
   * - `"cname-missing"`: 502 with the same text
   */
  kind: "token-expired" | "profile-invalid" | "not-found" | "pkey-undecryptable" | "unknown-uri" | "cname-missing";
}

/** 429 (`"throttled"`) or 503 (`"unavailable"`). Nothing is executed. */
export interface BusyFault extends FaultScope {
  kind: "throttled" | "unavailable";
  /** The `Retry-After` header: seconds, or any text (a date, or nonsense); `null`: no header. Default 2. */
  retryAfterSeconds?: number | string | null;
}

/** 500 with `RST-` and `XTK-` lines. Nothing is executed. */
export interface RefusalFault extends FaultScope {
  kind: "refused-by-campaign";
  /** The text of the response. Default: two lines; the second is an assumption. */
  text?: string;
}

/** 502 with an HTML page, as from a proxy. Nothing is executed. */
export interface HtmlFault extends FaultScope {
  kind: "html";
}

/** Any response you like. Nothing is executed unless `executes` is true. */
export interface AnswerFault extends FaultScope {
  kind: "answer";
  /** The status, 200 to 599. */
  status: number;
  /** The headers. Default: a content type that matches the body. */
  headers?: Record<string, string>;
  /** The body: text or bytes, `null` for none, anything else as JSON. Default `null`. */
  body?: unknown;
}

/** A redirect. Nothing is executed. */
export interface RedirectFault extends FaultScope {
  kind: "redirect";
  /** The status, 300 to 399. Default 307. */
  status?: number;
  /** The `Location` header. */
  location: string;
}

/** A delayed response. The command is executed when the request arrives. */
export interface DelayFault extends FaultScope {
  kind: "delay";
  /** The delay in real milliseconds. */
  delayMs: number;
}

/** No response, or an incomplete one. */
export interface ConnectionFault extends FaultScope {
  /**
   * - `"hang"`: no response until the request's signal aborts. Nothing is executed.
   * - `"lost-request"`: the connection fails before Campaign receives the request. Nothing is executed.
   * - `"lost-answer"`: the command is executed, then the connection fails.
   * - `"cut-body"`: the command is executed; the status, the headers and half of the body arrive, then the connection
   *   fails.
   */
  kind: "hang" | "lost-request" | "lost-answer" | "cut-body";
}

/** A scripted fault. If several faults match a request, only the oldest applies. */
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

/** A fault that is still active. */
export type ActiveFault = Fault & {
  /** The number that `addFault` returned. */
  id: number;
  /** How many requests it was applied to. */
  met: number;
};

/**
 * A local Campaign. It needs no network, account or set-up. Instances are independent of each other.
 *
 * For tests that have only HTTP, `fetch` also serves a control API below `/__emulator`: see `GET /__emulator`.
 *
 * @example
 * const campaign = new CampaignEmulator({ applyDelayMs: 0 });
 * await sendWorkflowCommand({
 *   organization: "acme-mkt-stage", workflowId: "WKF101", command: "start",
 *   accessToken: "local-token", apiKey: "local-key", fetch: campaign.fetch,
 * });
 */
export class CampaignEmulator {
  /** @param options All optional. The constructor never throws: the options are checked at the first call. */
  constructor(options?: CampaignEmulatorOptions);

  /**
   * Responds to one request as Campaign would. It needs no `this`, so you can pass it wherever a `fetch` is expected.
   *
   * It rejects like a platform's fetch: with a `TypeError` if a fault closes the connection, and with the reason of the
   * request's signal if that aborts.
   *
   * @param input The request, or its URL. The host is ignored, and the path may have a prefix.
   * @param init The request's parts. Ignored unless `input` is a URL.
   */
  readonly fetch: (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

  /** All requests so far, oldest first, without CORS preflights and requests to `/__emulator`. */
  log(): Promise<LoggedRequest[]>;

  /** Clears the log. The workflows and their executions stay. */
  clearLog(): Promise<void>;

  /** The current state of all workflows, in the order of the options. */
  workflows(): Promise<EmulatedWorkflow[]>;

  /**
   * Adds a fault after the existing ones.
   * @returns Its number, unique in this instance.
   * @throws {TypeError} (as a rejection) If the fault is invalid; the message says why.
   */
  addFault(fault: Fault): Promise<number>;

  /** Removes all faults. */
  clearFaults(): Promise<void>;

  /** The active faults, oldest first. */
  faults(): Promise<ActiveFault[]>;

  /**
   * Advances the clock, and applies the commands that are due by then. Responses that a fault delays still take real
   * time.
   * @param ms Milliseconds: 0 or more.
   */
  advance(ms: number): Promise<void>;

  /** Restores the initial workflows and clock, and clears the log and the faults. */
  reset(): Promise<void>;
}
