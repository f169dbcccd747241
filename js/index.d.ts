/**
 * Controls Adobe Campaign workflows from browsers, servers and edge functions. After every call you know whether the
 * command was accepted, was certainly not executed, or has an unknown outcome.
 */

/**
 * A command for a workflow.
 *
 * - `"start"`: starts an edited or finished workflow; continues a paused one.
 * - `"pause"`: lets running activities continue, but starts no new ones.
 * - `"resume"`: continues a paused workflow.
 * - `"stop"`: cancels running operations. This can take minutes; wait for it before you stop the workflow again.
 *
 * Source: Adobe Campaign Standard, "Controlling a workflow".
 */
export type WorkflowCommand = "start" | "pause" | "resume" | "stop";

/**
 * Sends one command to one workflow.
 *
 * Resolves when Campaign has accepted the command (any 2xx); Campaign applies it later. Rejects only with a {@link
 * WorkflowCommandError}, and never throws synchronously. The fields of `request` are copied immediately, so you can
 * change and reuse the object. The first call starts the WebAssembly module; importing the package has no effect.
 *
 * The package retries a command, at most `maxRetries` times, only if it was certainly not executed: after 429, after
 * 503 with `Retry-After`, and after a connection that was never made. It reads a gateway's problem document first, and
 * does not retry if that says `unknown`. A command whose delivery is in doubt is not sent again, unless it has an
 * `idempotencyKey`.
 *
 * Two layers below this package can repeat a request: every platform's `fetch` after a 421, and Chromium after a
 * kept-alive connection was reset.
 *
 * Source: Adobe Campaign Standard, "Controlling a workflow".
 */
export function sendWorkflowCommand(request: WorkflowCommandRequest): Promise<WorkflowCommandReceipt>;

/**
 * One command. If a field is invalid, the call rejects with `invalid-argument`, the message names the field, and
 * nothing is sent. Optional fields may be left out or `undefined`; `null` is invalid.
 */
export interface WorkflowCommandRequest {
  /**
   * The Campaign tenant, such as `"acme"` or `"acme-mkt-stage"`. It becomes one percent-encoded path segment. Invalid:
   * an empty string, `.`, `..`, control characters, a leading or trailing space, and lone surrogates.
   */
  organization: string;
  /** The workflow's id (`"WKF42"`) or PKey (`"@…"`), as Campaign shows it. Checked and encoded like `organization`. */
  workflowId: string;
  /** The command to send. */
  command: WorkflowCommand;
  /**
   * The OAuth access token, without `"Bearer "`, or a function that returns it. Visible ASCII without spaces. Required
   * when `baseUrl` is Adobe's host.
   *
   * The function is called once for each call, and once more with `refresh: true` after a 401. If it throws, returns no
   * usable token or takes longer than `attemptTimeoutMs`, the call rejects with `token-unavailable`.
   */
  accessToken?: string | ((need: { refresh: boolean }) => string | Promise<string>) | undefined;
  /**
   * The credential's client id (`X-Api-Key`). Visible ASCII without spaces. Required when `baseUrl` is Adobe's host.
   */
  apiKey?: string | undefined;
  /**
   * The address that requests are sent to; it may contain a path. https, or http on loopback (`localhost`,
   * `127.0.0.0/8`, `[::1]`); no user, query or fragment. In a page it may be relative. Default `"https://mc.adobe.io"`.
   */
  baseUrl?: string | undefined;
  /** Sends the requests; called as `fetch(url, init)`, unbound. Default: the global `fetch` at the time of the call. */
  fetch?: FetchLike | undefined;
  /**
   * Aborts the call, also while it waits: it rejects with `aborted`, with the signal's reason as `cause`. Default:
   * none.
   */
  signal?: AbortSignalLike | undefined;
  /** Milliseconds for the whole call: token, attempts and the waits between them. 1 to 2147483647. Default 30000. */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds for one attempt with its body, and for one call of the token function. 1 to 2147483647. Default 10000
   * at Adobe's host, otherwise 30000, because a gateway's own call may take 25 seconds.
   */
  attemptTimeoutMs?: number | undefined;
  /**
   * The maximum number of retries after an attempt that certainly had no effect; with an `idempotencyKey`, also after
   * one in doubt. 0 to 10. Default 2. A retry waits for a random time, up to 0.5 s, 1 s, 2 s … 8 s, or as long as
   * `Retry-After` asks. A wait that would not end within `timeoutMs` is not started. The retry after a refreshed token
   * does not count.
   */
  maxRetries?: number | undefined;
  /**
   * Additional request headers, as a plain object. Invalid: names and values that HTTP does not allow, the documented
   * headers, `Idempotency-Key` (use `idempotencyKey`), `Prefer` and `Delay-Seconds` (a queued command has no receipt),
   * and headers that the platform sets (`Host`, `Content-Length` and the like). `Authorization` is valid if there is no
   * `accessToken` and the host is not Adobe's. Default: none.
   */
  headers?: Record<string, string> | undefined;
  /**
   * Identifies this command, so that a server that stores idempotency keys executes it once, however often it arrives.
   * 1 to 255 visible ASCII characters, sent as `Idempotency-Key`. Use a new key for each command
   * (`crypto.randomUUID()`), and the same key only to repeat the same command. Default: none.
   *
   * A command with a key is also retried if its delivery is in doubt: after a lost connection, an attempt's timeout,
   * 502, 504, and 409 with `Retry-After` ("still pending"), within `maxRetries` and `timeoutMs`. This turns an unknown
   * outcome into a known one. Use a key only with a server that stores keys, such as the package's Cloudflare Worker. A
   * gateway without a store refuses it, and it is invalid at Adobe's host, which documents no keys.
   */
  idempotencyKey?: string | undefined;
  /**
   * Lets a page (where a `document` exists) call Adobe's host directly, which exposes the credentials to everyone.
   * Adobe allows its API from servers only, so this is for tests. Default `false`: such a call is refused, naming
   * `baseUrl`.
   */
  allowBrowserCredentials?: boolean | undefined;
}

/** Campaign accepted the command, and will apply it later. */
export interface WorkflowCommandReceipt {
  /** The `workflowId` of the request. */
  workflowId: string;
  /** The `command` of the request. */
  command: WorkflowCommand;
  /** The HTTP status, 200 to 299. Adobe documents no particular one, so every 2xx is a success. */
  status: number;
  /**
   * The response's body: parsed JSON if the content type says JSON and it parses, otherwise its text, otherwise `null`.
   * Adobe doesn't document it, so don't rely on it. A body that is late, incomplete or over 1 MiB is cut. Credentials
   * in it are replaced by `***`.
   */
  body: unknown;
  /** The response's `x-request-id` header, for Adobe's support. */
  requestId: string | null;
  /** The number of requests that were sent. */
  attempts: number;
}

/** Why a command failed. The README lists each code with its outcome. */
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
 * The error that {@link sendWorkflowCommand} rejects with. No field contains a credential.
 *
 * If a gateway (a `baseUrl` that is not Adobe's) responds with a problem document (RFC 9457) that has a known `code`
 * and `outcome`, then the message, `code`, `outcome`, `errorCode`, `body`, `retryAfterMs`, and `hint` if it has one,
 * are the document's: they describe the gateway's own call.
 */
export class WorkflowCommandError extends Error {
  private constructor();
  /** Always `"WorkflowCommandError"`. */
  readonly name: "WorkflowCommandError";
  /** Why the command failed. */
  readonly code: WorkflowCommandErrorCode;
  /**
   * `"not-executed"`: Campaign certainly did not execute the command. It is safe to send it again.
   *
   * `"unknown"`: Campaign may have executed it. Look at the workflow before you send the command again, or repeat it
   * with the same `idempotencyKey` if it has one. Once a command with a key is in doubt, a later refusal proves nothing
   * about the earlier request, so the outcome stays `"unknown"` unless the server says that its response is the one
   * stored for that key.
   */
  readonly outcome: "not-executed" | "unknown";
  /** The HTTP status of the last response; `null` if there was none. */
  readonly status: number | null;
  /** Adobe's error code: `"401013"`, or the first `"RST-360011"` or `"XTK-…"` in the body; `null` if there is none. */
  readonly errorCode: string | null;
  /** The response's text, at most 8 KiB, with credentials masked; `null` if there is none. */
  readonly body: string | null;
  /** What you can do about it, in English; `null` if the message says it. */
  readonly hint: string | null;
  /** Milliseconds to wait before you try again, if the server or the retries suggest a time; otherwise `null`. */
  readonly retryAfterMs: number | null;
  /** The response's `x-request-id` header, for Adobe's support. */
  readonly requestId: string | null;
  /** The number of requests that were sent; 0 for `internal`, where it can't be known. */
  readonly attempts: number;
  /**
   * For `aborted`, the signal's reason. For `network` and `unreachable`, an Error with the platform's message, with
   * credentials masked. For `internal`, what was thrown inside the package. For `timeout` of `waitFor`, the last poll's
   * error if it failed. Otherwise absent.
   */
  readonly cause?: unknown;
}

/** Whether `value` is a {@link WorkflowCommandError}, also from another copy or another entry of the package. */
export function isWorkflowCommandError(value: unknown): value is WorkflowCommandError;

/**
 * The platform's `fetch`, a wrapper, or `(url, init) => env.SERVICE.fetch(url, init)`. `init` has `method`, `headers`
 * (a plain object), `body` (a string; absent for reading), `redirect: "manual"` and `signal`. The function must not
 * follow redirects.
 */
export type FetchLike = (url: string, init: any) => Promise<ResponseLike>;

/** The part of `Response` that the package reads. If there is a `body`, it is read as a stream. */
export interface ResponseLike {
  /** The HTTP status. */
  readonly status: number;
  /** The response's headers. */
  readonly headers: { get(name: string): string | null };
  /** The body as text. Used if there is no `body`. */
  text(): Promise<string>;
}

/** The part of `AbortSignal` that the package uses. */
export interface AbortSignalLike {
  /** Whether the signal has aborted. */
  readonly aborted: boolean;
  /** Becomes the error's `cause`. */
  readonly reason?: unknown;
  /** Called with `"abort"`. */
  addEventListener(type: "abort", listener: (event: any) => void): void;
  /** Called with `"abort"`. */
  removeEventListener(type: "abort", listener: (event: any) => void): void;
}
