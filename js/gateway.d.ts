/**
 * The server side of campaign-workflow: holds the credentials, decides who may do what with which workflow, and calls
 * Campaign. It speaks Adobe's own URLs and JSON, so a client only needs its `baseUrl`.
 */
import type { FetchLike, WorkflowCommand, WorkflowCommandErrorCode, WorkflowCommandReceipt } from "./index.js";

export type { FetchLike, WorkflowCommand, WorkflowCommandErrorCode, WorkflowCommandReceipt } from "./index.js";

/** A gateway, for any server of the Fetch API's requests. */
export interface Gateway {
  /**
   * Serves one request. Never rejects, and needs no `this`. It serves what Adobe documents, below
   * `<basePath>/<organization>/campaign/workflow/execution/`:
   *
   * - `POST <workflowId>/commands` with `{"method": "start"}`: a command.
   * - `GET <workflowId>`: the workflow, as Campaign shows it. Each trigger's address is rewritten to the gateway's own,
   *   with the origin of the request's URL, the base path, and the id that was requested. An address that is not the
   *   documented one below Campaign's base and the organization is left out. Behind a proxy, pass the gateway a request
   *   with the public URL.
   * - `POST <workflowId>/activities/activity/<activity>/trigger/` with `{"source": "…", "parameters": {…}}`: a signal,
   *   with or without the last slash, at most 64 KiB. Parameters are optional; their values are strings, finite numbers
   *   and booleans. The gateway reads the workflow and triggers Campaign's own address. If the workflow shows no such
   *   trigger, nothing is triggered: 404, `invalid-trigger`. Campaign's plain text for a signal that comes too soon is
   *   passed through.
   *
   * An accepted request gets Campaign's status and body, so the client returns the same receipt as from Campaign. Every
   * other response is a problem document (RFC 9457) with `code`, `outcome`, `hint` and `retryAfterMs`.
   *
   * The checks run in this order: address, method, origin, body, `authorize`, allow-list. So a caller without rights
   * gets the same 403 for every workflow and operation, and learns nothing about what exists.
   *
   * A problem document with the outcome `"unknown"` has status 504 for a deadline and 502 for everything else, and its
   * `retryAfterMs` is `null`. It never has 429, 503 or `Retry-After`, after which a client may repeat the command. The
   * only exception is a `Response` from your own `send`, which is passed through.
   *
   * The gateway never cancels a command because its caller has disconnected, but the host may:
   *
   * - Cloudflare Workers end the work of a disconnected request unless `ctx.waitUntil` holds it. The gateway passes the
   *   whole command to it if it gets `ctx`: export the gateway, or call `gateway.fetch(request, env, ctx)`. Cloudflare
   *   then waits for up to 30 seconds.
   * - Node, Deno and Bun continue the work as long as the process lives. They need no `ctx`.
   *
   * A caller who disconnects while the body is being read has sent no command.
   *
   * @param request The request.
   * @param env Ignored; it is here because Workers pass it.
   * @param ctx The request's context, if the host has one. Its `waitUntil` gets the command's whole work.
   */
  readonly fetch: (request: Request, env?: unknown, ctx?: GatewayContext | null) => Promise<Response>;
}

/** The part of a Worker's `ExecutionContext` that the gateway uses. */
export interface GatewayContext {
  /**
   * Keeps the host from ending the promise's work, even after the response was sent or its receiver has disconnected.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/**
 * Creates a gateway, and starts its WebAssembly module.
 *
 * @param options Checked and copied immediately.
 * @throws {TypeError} If an option is invalid or unknown. The message names the option, and never shows its value.
 */
export function createGateway(options: GatewayOptions): Gateway;

/** An operation on a workflow: one of the four commands, reading it, or triggering one of its signal activities. */
export type GatewayOperation = WorkflowCommand | "read" | "signal";

/** A command for a workflow. */
export interface GatewayCommand {
  /** The Campaign tenant. */
  organization: string;
  /** The workflow's id or PKey, decoded. */
  workflowId: string;
  /** The command. */
  command: WorkflowCommand;
}

/** The request that `authorize` decides about. */
export interface AuthorizedCommand {
  /** The tenant in the address. It may differ from the gateway's; such a request gets a 404 afterwards. */
  organization: string;
  /** The workflow's id or PKey, decoded. It may not be in the allow-list; such a request gets a 404 afterwards. */
  workflowId: string;
  /** One of the four commands, `"read"` or `"signal"`. */
  command: GatewayOperation;
  /** The caller. Empty until `authorize` sets it; then it is passed to `send` and `log`. */
  caller?: unknown;
}

/** The options of a gateway. Each may be left out or `undefined` if it is optional; `null` is invalid. */
export interface GatewayOptions {
  /** The one Campaign tenant to serve, such as `"acme-mkt-stage"`. Any other gets the 404. Required. */
  organization: string;
  /**
   * Decides who may do what. It is called for every valid request, before the allow-list is checked. Only `true` lets
   * the request pass; anything else is a 403. If it throws, or has not finished at the deadline, the response is a 500
   * without details, and nothing is sent. Required: there is no default.
   *
   * @param request The caller's request. Its body has already been read.
   * @param command The operation. Set its `caller` to pass it to `send` and `log`; changes to other fields have no
   *   effect.
   */
  authorize: (request: Request, command: AuthorizedCommand) => boolean | Promise<boolean>;
  /**
   * The credential for getting and renewing access tokens: see {@link imsTokenProvider}. Either this or `accessToken`
   * is required, unless there is a `send`.
   */
  credentials?: ImsCredentials | undefined;
  /**
   * The access token, without `"Bearer "`, or a function that returns it. The function is called for each command, and
   * once more with `refresh: true` after a 401. Visible ASCII without spaces.
   */
  accessToken?: string | ((need: { refresh: boolean }) => string | Promise<string>) | undefined;
  /**
   * The credential's client id in Adobe Developer Console (`X-Api-Key`). Visible ASCII without spaces. Default: the
   * `clientId` of `credentials`. Required with `accessToken`.
   */
  apiKey?: string | undefined;
  /**
   * The workflows to serve: a list of ids, or an object with the operations for each id. A list allows all six
   * operations. Ids are compared exactly; an id does not stand for the PKey of the same workflow. Everything else gets
   * the same 404 as an unknown address. Default: every workflow of the organization, so `authorize` alone decides.
   */
  workflows?: readonly string[] | Readonly<Record<string, readonly GatewayOperation[]>> | undefined;
  /**
   * The origins whose pages may call the gateway (CORS), as browsers write them: `"https://app.example"`, lower case,
   * without a path or the default port. A request with any other `Origin`, including `"null"` and the gateway's own,
   * gets a 403. A request without an `Origin`, as servers send it, continues to `authorize`. Default: none.
   */
  allowedOrigins?: readonly string[] | undefined;
  /** The path before the organization, such as `"/api"`; percent-encoded, without a slash at the end. Default: none. */
  basePath?: string | undefined;
  /**
   * The maximum size of a command's body in bytes. 1 to 1048576. A longer one gets a 413, and the rest of it is not
   * read. Default 4096. A signal's body may always have 64 KiB.
   */
  maxBodyBytes?: number | undefined;
  /**
   * Milliseconds for the gateway's whole response: one deadline for the caller's body (408), `authorize` (500), and the
   * requests to Campaign with token and retries (504), or your own `send` (504, unknown). 1 to 2147483647. Default
   * 25000.
   *
   * Each hop has less time than the hop in front of it, so an outcome that one hop knows reaches the caller. By
   * default, the client gives a gateway 30 s, the gateway's whole response takes at most 25 s, one request to Campaign
   * 10 s, and one request for a token 8 s. If you change one of them, keep that order.
   */
  timeoutMs?: number | undefined;
  /** Milliseconds for one request to Campaign, and for one call of `accessToken`. 1 to 2147483647. Default 10000. */
  attemptTimeoutMs?: number | undefined;
  /**
   * The maximum number of retries by the gateway itself, after an attempt that was certainly not executed. 0 to 10.
   * Default 0: the gateway responds with 429 or 503 and `Retry-After` immediately, and the client, which knows how much
   * time it has left, waits and retries. A gateway that also waits uses up that time, and turns a certain 429 into an
   * unknown timeout.
   */
  maxRetries?: number | undefined;
  /**
   * Campaign's address; it may contain a path. https, or http on loopback; no user, query or fragment. Default
   * `"https://mc.adobe.io"`.
   */
  baseUrl?: string | undefined;
  /** Sends the requests to Campaign, and only those. Default: the global `fetch` at the time of the request. */
  fetch?: FetchLike | undefined;
  /**
   * Sends an authorized command instead of the gateway's own call to Campaign, for example through a queue or a lock.
   *
   * - If it returns a receipt, the response is the same as for Campaign's.
   * - If it returns a `Response`, that is the response, with the CORS headers added. The gateway doesn't read it: if
   *   the outcome is unknown, don't use 429, 503 or `Retry-After`.
   * - If it throws a `WorkflowCommandError`, the response is the same as for an error of the gateway's own call.
   * - If it returns or throws anything else, the response is a 502, `internal`, with the outcome `unknown` and no
   *   details.
   * - If it has not finished at the deadline (`timeoutMs`), the response is a 504, `timeout`, with the outcome
   *   `unknown`. It is not stopped, and `ctx.waitUntil` waits for it. To report more than that, finish within the
   *   command's own `timeoutMs`.
   *
   * With a `send`, requests may carry an `Idempotency-Key`, which is passed to it as `idempotencyKey`. Without one,
   * nobody stores keys, and such a request is refused: 400, `invalid-argument`, not-executed.
   *
   * `send` gets commands only. The gateway serves reading and signals itself if it has credentials too (`credentials`,
   * or `accessToken` and `apiKey`). Without them, their addresses are 404, and the options about Campaign (`apiKey`,
   * `baseUrl`, `fetch`, `attemptTimeoutMs`, `maxRetries`) are invalid. Default: the gateway's own call.
   */
  send?: ((command: SentCommand) => Promise<WorkflowCommandReceipt | Response>) | undefined;
  /**
   * Gets one entry for each valid command, read or signal, also if it was refused. It is called before the response is
   * returned. What it returns or throws is ignored. Default: nothing is logged.
   */
  log?: ((entry: GatewayLogEntry) => void) | undefined;
}

/** A request and its result. It never contains a credential of the gateway. */
export interface GatewayLogEntry {
  /** When the response was ready, in ISO 8601. */
  time: string;
  /** The `X-Request-Id` of Campaign's response, or 16 unique hexadecimal digits. */
  requestId: string;
  /** The `caller` that `authorize` has set, or `null`. */
  caller: unknown;
  /** The tenant in the address. */
  organization: string;
  /** The workflow in the address. */
  workflowId: string;
  /** The operation. */
  command: GatewayOperation;
  /**
   * `"accepted"`: Campaign responded with a success. `"not-executed"` is certain; every failed read has it. For a
   * `Response` from your own `send`, only the status is known: 2xx counts as accepted, anything else as unknown.
   */
  outcome: "accepted" | "not-executed" | "unknown";
  /** Why it was not accepted; `null` if it was, or for a `Response` from your own `send`. */
  code: WorkflowCommandErrorCode | null;
  /** The status of the gateway's response. */
  status: number;
  /** The number of requests that were sent to Campaign, as far as known. */
  attempts: number;
  /** Milliseconds from the request to the response. */
  ms: number;
}

/** The argument of `send`. */
export interface SentCommand extends GatewayCommand {
  /** The caller's request. Its body has already been read. */
  request: Request;
  /** The `caller` that `authorize` has set. */
  caller?: unknown;
  /**
   * The request's `Idempotency-Key`, 1 to 255 visible ASCII characters without spaces; `null` if it has none. The
   * client relies on `send` to execute a command once for each caller, workflow and key.
   */
  idempotencyKey: string | null;
  /** Milliseconds until the gateway's deadline. */
  timeoutMs: number;
}

/**
 * An OAuth Server-to-Server credential of Adobe Developer Console.
 *
 * Source: Adobe, "OAuth Server-to-Server credential implementation guide".
 */
export interface ImsCredentials {
  /** The client id. Visible ASCII without spaces. */
  clientId: string;
  /** The client secret. Sent only in the body of the request for a token. Visible ASCII without spaces. */
  clientSecret: string;
  /** The scopes, separated by commas, as Developer Console shows them. Visible ASCII. */
  scope: string;
  /**
   * The address that issues tokens. https, or http on loopback; no user, query or fragment. Default
   * `"https://ims-na1.adobelogin.com/ims/token/v3"`.
   */
  tokenUrl?: string | undefined;
  /** Milliseconds for one request for a token, including its body. 1 to 2147483647. Default 8000. */
  timeoutMs?: number | undefined;
  /** Sends the request for a token; it sees the secret. Default: the global `fetch` at the time of the request. */
  fetch?: FetchLike | undefined;
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/**
 * Returns a function for `accessToken` that gets, stores and renews access tokens. A gateway creates one for its
 * `credentials` by itself; on a server, you can pass it to the client.
 *
 * - A token is used until 5 minutes before it expires, and for at most 23 hours, as Adobe advises. An `expires_in` that
 *   is a number in a string counts as that number; if it is missing or not positive, the token is used for 5 minutes.
 * - `refresh: true` gets a new token, unless the stored one is less than 10 seconds old: then the refused one was its
 *   predecessor.
 * - After a failure, no request is made for a random time, up to 1 s, 2 s, 4 s … 60 s. Meanwhile the function returns
 *   the last token while it is valid, or rejects with the same failure.
 * - All callers share one request. On Cloudflare Workers, that request may end with its caller without notifying the
 *   others. So nobody waits for another caller's request longer than 3 s from its start: one of the waiting callers
 *   makes a new request, and the others poll for its token every 20 ms. This fits into the 10 s that the client allows
 *   its token function. If the token endpoint takes longer than 3 s, it gets a request every 3 s until it responds.
 *
 * The function rejects with an `Error` that contains the status and OAuth's error code, and nothing else of the
 * response or the credential.
 *
 * @throws {TypeError} If a field is invalid. The message names it, and never shows its value.
 */
export function imsTokenProvider(credentials: ImsCredentials): (need?: { refresh: boolean }) => Promise<string>;
