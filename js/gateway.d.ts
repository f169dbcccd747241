/**
 * The server side of campaign-workflow: an edge function or a server that holds the credentials, decides who may do what with
 * which workflow, and calls Campaign. It speaks Adobe's own URLs and JSON, so that the client needs only its `baseUrl`.
 */
import type { FetchLike, WorkflowCommand, WorkflowCommandErrorCode, WorkflowCommandReceipt } from "./index.js";

export type { FetchLike, WorkflowCommand, WorkflowCommandErrorCode, WorkflowCommandReceipt } from "./index.js";

/** A gateway: anything that serves the Fetch API's requests can serve it. */
export interface Gateway {
  /**
   * Answers one request; never rejects, and needs no `this`. Below `<basePath>/<organization>/campaign/workflow/execution/` it
   * serves what Adobe documents:
   *
   * - `POST <workflowId>/commands` with `{"method": "start"}`: a command.
   * - `GET <workflowId>`: the workflow, as Campaign shows it. The address of each trigger is rewritten to the gateway's own, with
   *   the origin of the request's URL, its base path, and the id that was asked for. An address that is not the documented one,
   *   below Campaign's base and the organization, is left out. Behind a proxy, give the gateway the request with its public URL.
   * - `POST <workflowId>/activities/activity/<activity>/trigger/` with `{"source": "…", "parameters": {…}}`: a signal, with or
   *   without the last slash; at most 64 KiB. The parameters are strings, finite numbers and booleans, and may be left out. The
   *   gateway reads the workflow and triggers Campaign's own address. If the workflow shows no such trigger, nothing is triggered:
   *   404, `invalid-trigger`. Campaign's plain text to a signal that comes too soon passes as it is.
   *
   * Every refusal, and every request that failed, is a problem document (RFC 9457) with `code`, `outcome`, `hint` and
   * `retryAfterMs`. What Campaign accepted is answered with Campaign's status and body, so that the client makes of it the receipt
   * that it would have made of Campaign's own answer.
   *
   * The order is: address, method, origin, body, `authorize`, and only then the allow-list. So a caller who may do nothing gets one
   * and the same 403 for every workflow and every operation, and learns nothing of what there is.
   *
   * A problem document whose `outcome` is `"unknown"` has the status 504 for a deadline and 502 for everything else: never 429,
   * 503 or `Retry-After`, after which a client may repeat the command. Its `retryAfterMs` is `null`. The one exception is a
   * `Response` of your own `send`, which passes as it is.
   *
   * The gateway never ends a command because its caller has left. It can't keep the host from doing so:
   *
   * - Cloudflare Workers end the work of a request whose caller has left, unless it was given to `ctx.waitUntil`. The gateway
   *   does that with the whole command if it gets `ctx`: export the gateway, or call `gateway.fetch(request, env, ctx)`.
   *   Cloudflare then waits for up to 30 seconds.
   * - Node, Deno and Bun let the work go on for as long as the process lives. They need no `ctx`.
   *
   * A caller who leaves while the body is still being read has sent no command.
   *
   * @param request The request.
   * @param env Not read: it stands where Workers pass it.
   * @param ctx The request's context, if the host has one. Its `waitUntil` gets the command's whole work; it may be missing.
   */
  readonly fetch: (request: Request, env?: unknown, ctx?: GatewayContext | null) => Promise<Response>;
}

/** The part of a Worker's `ExecutionContext` that the gateway uses. */
export interface GatewayContext {
  /** Keeps the host from ending the promise's work, even if the response is sent or its receiver has left. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/**
 * Makes a gateway, and starts its WebAssembly module.
 *
 * @param options All of them are checked at once, and copied.
 * @throws {TypeError} that names the option that is wrong, also one that does not exist, and never shows a value.
 */
export function createGateway(options: GatewayOptions): Gateway;

/** What can be done with a workflow: one of the four commands, reading it, or triggering one of its signal activities. */
export type GatewayOperation = WorkflowCommand | "read" | "signal";

/** A command, as it is sent. */
export interface GatewayCommand {
  /** The tenant, as in the options. */
  organization: string;
  /** The workflow's id or PKey, decoded. */
  workflowId: string;
  /** One of the four. */
  command: WorkflowCommand;
}

/** What `authorize` decides about. */
export interface AuthorizedCommand {
  /** The tenant that the address names. It may be another than that of the options, which gets its 404 afterwards. */
  organization: string;
  /** The workflow's id or PKey, decoded. It may be one that is not listed, which gets its 404 afterwards. */
  workflowId: string;
  /** What is to be done: one of the four commands, `"read"` or `"signal"`. */
  command: GatewayOperation;
  /** Who asks. The gateway leaves it empty; what `authorize` puts here is given to `send`. */
  caller?: unknown;
}

/** How a gateway is set up. An option may be left out or `undefined`; `null` is refused. */
export interface GatewayOptions {
  /** The one Campaign tenant that is served, such as `"acme-mkt-stage"`; any other gets the 404. Required. */
  organization: string;
  /**
   * Decides who may do what; asked for every request that is in order, before the allow-list is looked at. Only the value `true`
   * lets it pass; anything else is a 403. If it throws, or has not ended at the deadline, the answer is a 500 that shows nothing
   * of it, and nothing is sent. Required: there is no default.
   *
   * @param request The caller's request. Its body has been read, and is the command or the signal.
   * @param command What is asked for. What is written to its `caller` reaches `send` and `log`; its other fields can't be changed so.
   */
  authorize: (request: Request, command: AuthorizedCommand) => boolean | Promise<boolean>;
  /**
   * The credential with which access tokens are got and renewed: see {@link imsTokenProvider}. This or `accessToken` is required,
   * unless there is a `send`.
   */
  credentials?: ImsCredentials | undefined;
  /**
   * The access token, without `"Bearer "`; or a function that gives it, called for each command, and once more with
   * `refresh: true` after a 401. Visible ASCII without spaces.
   */
  accessToken?: string | ((need: { refresh: boolean }) => string | Promise<string>) | undefined;
  /**
   * The client id of the credential in Adobe Developer Console (`X-Api-Key`). Visible ASCII without spaces. Default: the
   * `clientId` of `credentials`; required beside `accessToken`.
   */
  apiKey?: string | undefined;
  /**
   * The workflows that are served: a list of ids, or an object with what is served for each id. A list allows all six
   * operations. Names are compared as they are; an id does not stand for the PKey of the same workflow. What is not listed gets
   * the 404 that anything unknown gets. Default: every workflow of the organization, so that `authorize` alone decides.
   */
  workflows?: readonly string[] | Readonly<Record<string, readonly GatewayOperation[]>> | undefined;
  /**
   * The origins whose pages may ask (CORS), as browsers write them: `"https://app.example"`, lower case, without a path or the
   * default port. A request with any other `Origin`, `"null"` and the gateway's own included, gets a 403; one without, as
   * servers send it, goes on to `authorize`. Default: none.
   */
  allowedOrigins?: readonly string[] | undefined;
  /** What stands before the organization in the path: `"/api"`, percent-encoded, no slash at its end. Default: nothing. */
  basePath?: string | undefined;
  /**
   * How long a command's body may be, in bytes: 1 to 1048576. Of a longer one no more is read: a 413. Default 4096. That of a
   * signal may always be 64 KiB long.
   */
  maxBodyBytes?: number | undefined;
  /**
   * Milliseconds for the gateway's whole answer: one deadline for the caller's body (408), `authorize` (500), and the requests to
   * Campaign with their token and retries (504), or your own `send` (504, unknown). What one of them takes, the next ones don't have. 1 to
   * 2147483647. Default 25000.
   *
   * Each hop has less time than the hop in front of it, so that an outcome that one hop knows reaches the caller. By default the
   * client gives a gateway 30 s, the gateway's whole answer takes at most 25 s, one request to Campaign 10 s, and one request for a
   * token 8 s. If you change one of them, keep that order.
   */
  timeoutMs?: number | undefined;
  /** Milliseconds for one request to Campaign, and for one call of `accessToken`. 1 to 2147483647. Default 10000. */
  attemptTimeoutMs?: number | undefined;
  /**
   * How often the gateway itself sends a request again that was certainly not executed, 0 to 10. Default 0: the gateway says 429
   * or 503 with `Retry-After` at once, and the client in front, which knows how much time it has, waits and repeats. A gateway
   * that waits as well uses up that time, and turns a certain 429 into an unknown timeout.
   */
  maxRetries?: number | undefined;
  /**
   * Where Campaign is; may carry a path. https, or http on loopback; no user, query or fragment. Default
   * `"https://mc.adobe.io"`.
   */
  baseUrl?: string | undefined;
  /** Sends the requests to Campaign, and only those. Default: the global `fetch` at the time of the request. */
  fetch?: FetchLike | undefined;
  /**
   * Sends a command that was authorized, in place of the client's own call: through a queue, or a lock.
   *
   * - A receipt that it gives is answered as Campaign's would be.
   * - A `Response` is answered as it is, with the CORS headers added. The gateway doesn't read it: if the outcome is unknown, don't
   *   give it 429, 503 or `Retry-After`.
   * - A `WorkflowCommandError` that it throws is answered like one of the client's.
   * - Anything else that it gives or throws is a 502, `internal`, with the outcome `unknown`, that shows nothing of it.
   * - If it has not ended at the deadline (`timeoutMs`), the answer is a 504, `timeout`, with the outcome `unknown`. It is not
   *   stopped, and `ctx.waitUntil` waits for it. To say more than that, end within the command's own `timeoutMs`.
   *
   * With a `send`, requests may carry an `Idempotency-Key`, which it gets as `idempotencyKey`. Without one there is nobody who
   * keeps keys, and such a request is refused: 400, `invalid-argument`, not executed.
   *
   * Reading and signals do not go through it. The gateway serves them itself if it has credentials as well (`credentials`, or
   * `accessToken` and `apiKey`); without them their addresses are 404, and the options about Campaign (`apiKey`, `baseUrl`,
   * `fetch`, `attemptTimeoutMs`, `maxRetries`) are refused. Default: the client's call.
   */
  send?: ((command: SentCommand) => Promise<WorkflowCommandReceipt | Response>) | undefined;
  /**
   * Gets one entry for each request that got as far as being a command, a read or a signal, also if it was refused then. Called
   * before the answer is given. What it returns or throws is ignored. Default: nothing is logged.
   */
  log?: ((entry: GatewayLogEntry) => void) | undefined;
}

/** What became of a request. It never holds a credential of the gateway's. */
export interface GatewayLogEntry {
  /** When it was answered, in ISO 8601. */
  time: string;
  /** `X-Request-Id` of Campaign's answer, or else 16 hexadecimal digits that no other entry has. */
  requestId: string;
  /** What `authorize` has put into its command's `caller`, or `null`. */
  caller: unknown;
  /** The tenant that the address names. */
  organization: string;
  /** The workflow that the address names. */
  workflowId: string;
  /** What was asked for. */
  command: GatewayOperation;
  /**
   * `"accepted"`: Campaign answered with a success. `"not-executed"` is certain, and what every failed read is. Of a `Response` of
   * your own `send` only the status is known: 2xx counts as accepted, anything else as unknown.
   */
  outcome: "accepted" | "not-executed" | "unknown";
  /** Why it was not accepted; `null` if it was, or if a `Response` of your own `send` doesn't tell. */
  code: WorkflowCommandErrorCode | null;
  /** The status of the gateway's answer. */
  status: number;
  /** How many requests went to Campaign, as far as is known. */
  attempts: number;
  /** Milliseconds from the request to its answer. */
  ms: number;
}

/** What `send` is given. */
export interface SentCommand extends GatewayCommand {
  /** The caller's request; its body has been read. */
  request: Request;
  /** What `authorize` has put into its command's `caller`. */
  caller?: unknown;
  /**
   * The request's `Idempotency-Key`, 1 to 255 visible ASCII characters without spaces; `null` if it has none. Whoever repeats it
   * relies on `send` to execute the command once for each caller, workflow and key.
   */
  idempotencyKey: string | null;
  /** Milliseconds that are left until the gateway's deadline. */
  timeoutMs: number;
}

/**
 * A credential of the type OAuth Server-to-Server in Adobe Developer Console. A field may be left out or `undefined` where it is
 * optional.
 *
 * Source: Adobe, "OAuth Server-to-Server credential implementation guide".
 */
export interface ImsCredentials {
  /** The client id. Visible ASCII without spaces. */
  clientId: string;
  /** The client secret; it goes into the body of the request for a token and nowhere else. Visible ASCII without spaces. */
  clientSecret: string;
  /** The scopes, separated by commas, as Developer Console shows them. Visible ASCII. */
  scope: string;
  /**
   * Where tokens are got. https, or http on loopback; no user, query or fragment. Default
   * `"https://ims-na1.adobelogin.com/ims/token/v3"`.
   */
  tokenUrl?: string | undefined;
  /** Milliseconds for one request for a token, its body included. 1 to 2147483647. Default 8000. */
  timeoutMs?: number | undefined;
  /** Sends the request for a token; it sees the secret. Default: the global `fetch` at the time of the request. */
  fetch?: FetchLike | undefined;
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/**
 * Access tokens for `accessToken`: of the gateway, which makes one for its `credentials` by itself, or of the client on a server.
 *
 * A token is kept until 5 minutes before it expires, and at most 23 hours, as Adobe advises. An `expires_in` that is a number in
 * a text counts as the number; if it is missing or not positive, the token is used for 5 minutes. `refresh: true` gets a new one,
 * unless the one that is kept is not 10 seconds old: then whoever was refused had the one before it. After a failure IMS is left
 * alone for a random time, up to 1 s, 2 s, 4 s … 60 s, and whoever asks gets the last token while it lives, or else the same
 * failure at once.
 *
 * However many callers ask, they share one request. On Cloudflare Workers a request for a token ends with the call for which it was
 * made, without a word to those who wait for it. So nobody waits for somebody else's request for longer than 3 s from its beginning:
 * then one of those who wait makes another, and the others wait for that one. They look for its token every 20 ms. A command that meets such a dead request has its
 * token 3 s later, which is well within the 10 s that the client gives its token function. A token host that takes longer than 3 s
 * is asked once every 3 s until one of the answers comes.
 *
 * Rejects with an `Error` that tells the status and OAuth's own word for the reason, and nothing else of the answer, nor of the
 * credential.
 *
 * @throws {TypeError} that names the field that is wrong, and never shows a value.
 */
export function imsTokenProvider(credentials: ImsCredentials): (need?: { refresh: boolean }) => Promise<string>;
