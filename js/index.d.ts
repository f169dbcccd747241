/**
 * Controls Adobe Campaign workflows from browsers and edge functions. After every call you know that
 * the command was accepted, that it was certainly not executed, or that nobody can know.
 */

/**
 * What Campaign is told to do with a workflow: four words, lower case.
 *
 * - `"start"`: an edited or finished workflow begins; a paused one goes on.
 * - `"pause"`: running activities go on, no new one begins.
 * - `"resume"`: a paused workflow goes on.
 * - `"stop"`: running operations are cancelled, which can take minutes. Wait for it before you stop again.
 *
 * Source: Adobe Campaign Standard, "Controlling a workflow".
 */
export type WorkflowCommand = "start" | "pause" | "resume" | "stop";

/**
 * Sends one command to one workflow. Starts the WebAssembly module at the first call; importing the
 * package does nothing.
 *
 * Resolves when Campaign accepted the command (any 2xx), which it applies later. Rejects with a
 * {@link WorkflowCommandError}, never with anything else, and never throws synchronously. The request
 * is read at once: you may change and use the same object for the next call.
 *
 * A command whose delivery is in doubt is never sent again by this function, unless it has an
 * `idempotencyKey`. What it does repeat, at most `maxRetries` times, are commands that were certainly not
 * executed: after 429, after 503 with `Retry-After`, and after a connection that was never made. A problem
 * document of a gateway is read first: where it says `unknown`, nothing is repeated. Below this package, every platform's
 * `fetch` repeats a request after a 421, and Chromium's one whose kept-alive connection was reset.
 *
 * Source: Adobe Campaign Standard, "Controlling a workflow".
 */
export function sendWorkflowCommand(request: WorkflowCommandRequest): Promise<WorkflowCommandReceipt>;

/**
 * One command. A field that is wrong rejects with `invalid-argument`, its message names the field, and
 * nothing is sent. An optional field may be left out or `undefined`; `null` is refused.
 */
export interface WorkflowCommandRequest {
  /**
   * The Campaign tenant, such as `"acme"` or `"acme-mkt-stage"`. Becomes one percent-encoded path segment. Refused: empty,
   * `.` and `..`, control characters, a space at either end, lone surrogates.
   */
  organization: string;
  /** The workflow's id (`"WKF42"`) or PKey (`"@…"`), as Campaign shows it. One path segment, checked like `organization`. */
  workflowId: string;
  /** What to do. Anything but the four words is refused. */
  command: WorkflowCommand;
  /**
   * The OAuth access token, without `"Bearer "`; or a function that gives it, called once for each call, and once more with
   * `refresh: true` when the answer was 401. Visible ASCII without spaces. Required when `baseUrl` is Adobe's host. A function
   * that throws, gives nothing usable or takes longer than `attemptTimeoutMs` rejects with `token-unavailable`.
   */
  accessToken?: string | ((need: { refresh: boolean }) => string | Promise<string>) | undefined;
  /** The client id of the credential (`X-Api-Key`). Visible ASCII without spaces. Required when `baseUrl` is Adobe's host. */
  apiKey?: string | undefined;
  /**
   * Where requests go; may carry a path. Default `"https://mc.adobe.io"`. https, or http on loopback (`localhost`,
   * `127.0.0.0/8`, `[::1]`); no user, query or fragment. In a page it may be relative.
   */
  baseUrl?: string | undefined;
  /** Sends the request; called as `fetch(url, init)`, unbound. Default: the global `fetch` at the time of the call. */
  fetch?: FetchLike | undefined;
  /** Ends the call, also in a wait: it rejects with `aborted`, with the signal's reason as `cause`. Default: none. */
  signal?: AbortSignalLike | undefined;
  /** Milliseconds for the whole call: token, requests, bodies and waits. 1 to 2147483647. Default 30000. */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds for one request with its body, and for one call of the token function. 1 to 2147483647. Default 10000 at
   * Adobe's host, else 30000: a gateway's own call may take 25 seconds.
   */
  attemptTimeoutMs?: number | undefined;
  /**
   * How often a command that was certainly not executed is sent again; with an `idempotencyKey`, also one in doubt. 0 to 10.
   * Default 2. The waits are random, up to
   * 0.5 s, 1 s, 2 s … 8 s, or what `Retry-After` asks for; one that would not end within `timeoutMs` is not begun. The one
   * repetition after a refreshed token does not count.
   */
  maxRetries?: number | undefined;
  /**
   * More request headers: a plain object. Refused: names and values that HTTP does not allow, the documented headers,
   * `Idempotency-Key` (see `idempotencyKey`), `Prefer` and `Delay-Seconds` (a queued command is no accepted one), and those that the platform sets
   * (`Host`, `Content-Length` and the like). `Authorization` is allowed where there is no
   * `accessToken` and the host is not Adobe's. Default: none.
   */
  headers?: Record<string, string> | undefined;
  /**
   * Names this command, so that a server that honors such keys executes it once, however often it arrives: 1 to 255 visible
   * ASCII characters. Sent as `Idempotency-Key`. Give each command a key of its own (`crypto.randomUUID()`), and the same key
   * only to repeat the very same command. Default: none.
   *
   * With a key, the command is sent again even if its delivery is in doubt: after a lost connection, an attempt's timeout, 502,
   * 504, and 409 with `Retry-After` ("still pending"), within `maxRetries` and `timeoutMs`. So an unknown outcome becomes a known
   * one. Give a key only to a server that honors it, such as the package's Cloudflare Worker; a gateway without a store
   * refuses it. Refused at Adobe's host, which documents no keys.
   */
  idempotencyKey?: string | undefined;
  /**
   * Lets a page (where there is a `document`) call Adobe's host itself, with the credentials in everybody's reach. Adobe
   * allows its API from servers only, so this is for tests. Default `false`: such a call is refused, naming `baseUrl`.
   */
  allowBrowserCredentials?: boolean | undefined;
}

/** The command was accepted by Campaign, which applies it later. */
export interface WorkflowCommandReceipt {
  /** As it was given. */
  workflowId: string;
  /** As it was given. */
  command: WorkflowCommand;
  /** The HTTP status, 200 to 299. Adobe documents none, so every 2xx is success. */
  status: number;
  /**
   * The answer's body: a JSON value where the content type says JSON and it is, else its text, else `null`. Adobe documents
   * none: do not build on it. A body over 1 MiB, cut off or late is given as far as it came. Credentials in it show as `***`.
   */
  body: unknown;
  /** The answer's `x-request-id` header, for Adobe's support. */
  requestId: string | null;
  /** How many requests went out, the last one included. */
  attempts: number;
}

/** Why a command failed. The README's table tells each with its outcome. */
export type WorkflowCommandErrorCode =
  | "invalid-argument"
  | "token-unavailable"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "rate-limited"
  | "rejected"
  | "redirected"
  | "unreachable"
  | "server-error"
  | "bad-response"
  | "network"
  | "timeout"
  | "aborted"
  | "invalid-trigger"
  | "internal";

/**
 * What {@link sendWorkflowCommand} rejects with. No field of it ever holds a credential.
 *
 * Where a gateway answers (at a `baseUrl` that is not Adobe's) with a problem document (RFC 9457) that holds a `code` and
 * an `outcome` of these, the message, `code`, `outcome`, `hint`, `retryAfterMs` and `errorCode` are the document's: those
 * of the gateway's own call.
 */
export class WorkflowCommandError extends Error {
  private constructor();
  /** Always `"WorkflowCommandError"`. */
  readonly name: "WorkflowCommandError";
  /** Why the command failed. */
  readonly code: WorkflowCommandErrorCode;
  /**
   * `"not-executed"` is a promise: Campaign did not execute the command, and it is safe to send it again. `"unknown"`: nobody
   * can know; look at the workflow first, or repeat the command with the same `idempotencyKey` if it has one. After a request
   * of a command with a key has ended in doubt, a later refusal proves nothing about it: the outcome stays `"unknown"` unless
   * the server says that its answer is the stored one of that key.
   */
  readonly outcome: "not-executed" | "unknown";
  /** The HTTP status of the answer to the last request; `null` where there was none. */
  readonly status: number | null;
  /** Adobe's code: `"401013"`, or the first `"RST-360011"` or `"XTK-…"` of a text; `null` where there is none. */
  readonly errorCode: string | null;
  /** The answer's text, at most 8 KiB, credentials masked; `null` where there is none. */
  readonly body: string | null;
  /** What a person can do about it, in English; `null` where the message says it. */
  readonly hint: string | null;
  /** Milliseconds to wait before another try, where the server or the retries tell. */
  readonly retryAfterMs: number | null;
  /** The answer's `x-request-id` header, for Adobe's support. */
  readonly requestId: string | null;
  /** How many requests went out; 0 for `internal`, where it can't be known. */
  readonly attempts: number;
  /**
   * For `aborted` the signal's reason, whatever it is. For `network` and `unreachable` an Error that says what the platform
   * said, with credentials masked. Else there is none.
   */
  readonly cause?: unknown;
}

/** Whether a value is a {@link WorkflowCommandError}, of this copy of the package, of another, or of another entry of it. */
export function isWorkflowCommandError(value: unknown): value is WorkflowCommandError;

/**
 * A `fetch`: the platform's, a wrapper, or `(url, init) => env.SERVICE.fetch(url, init)`. It gets `method`, `headers` (a plain
 * object), `body` (a string), `redirect: "manual"` and `signal`, and must not follow redirects.
 */
export type FetchLike = (url: string, init: any) => Promise<ResponseLike>;

/** What of a `Response` is used. */
export interface ResponseLike {
  /** The HTTP status. */
  readonly status: number;
  /** The answer's headers. */
  readonly headers: { get(name: string): string | null };
  /** The body as text; used where there is no `body` to read as a stream. */
  text(): Promise<string>;
}

/** What of an `AbortSignal` is used. */
export interface AbortSignalLike {
  /** Whether it has fired. */
  readonly aborted: boolean;
  /** Why: becomes the error's `cause`. */
  readonly reason?: unknown;
  /** Called with `"abort"`. */
  addEventListener(type: "abort", listener: (event: any) => void): void;
  /** Called with `"abort"`. */
  removeEventListener(type: "abort", listener: (event: any) => void): void;
}
