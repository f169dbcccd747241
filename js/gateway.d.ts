/**
 * The server side of campaign-workflow: an edge function or a server that holds the credentials, decides who may send which
 * command, and passes it on to Campaign. It speaks Adobe's own URL and JSON, so that the client needs only its `baseUrl`.
 */
import type { FetchLike, WorkflowCommand, WorkflowCommandReceipt } from "./index.js";

export type { FetchLike, WorkflowCommand, WorkflowCommandReceipt } from "./index.js";

/** A gateway: anything that serves the Fetch API's requests can serve it. */
export interface Gateway {
  /**
   * Answers one request; never rejects, and needs no `this`. Served is
   * `POST <basePath>/<organization>/campaign/workflow/execution/<workflowId>/commands` with `{"method": "start"}` in JSON. Every
   * refusal, and every command that failed, is a problem document (RFC 9457) with `code`, `outcome`, `hint` and `retryAfterMs`.
   * An accepted command is answered with Campaign's status and body, so that the client makes of it the receipt that it would
   * have made of Campaign's own answer.
   *
   * A caller who goes away does not end a command that is under way: its outcome would be lost.
   */
  readonly fetch: (request: Request) => Promise<Response>;
}

/**
 * Makes a gateway, and starts its WebAssembly module; the client's is started at the first command.
 *
 * @param options All of them are checked at once, and copied.
 * @throws {TypeError} that names the option that is wrong, also one that does not exist, and never shows a value.
 */
export function createGateway(options: GatewayOptions): Gateway;

/** What a caller asks for. */
export interface GatewayCommand {
  /** The tenant, as in the options. */
  organization: string;
  /** The workflow's id or PKey, decoded. */
  workflowId: string;
  /** One of the four. */
  command: WorkflowCommand;
}

/** What `authorize` decides about. */
export interface AuthorizedCommand extends GatewayCommand {
  /** Who asks. The gateway leaves it empty; what `authorize` puts here is given to `send`. */
  caller?: unknown;
}

/** How a gateway is set up. An option may be left out or `undefined`; `null` is refused. */
export interface GatewayOptions {
  /** The one Campaign tenant that is served, such as `"acme-mkt-stage"`; commands for any other get the 404. Required. */
  organization: string;
  /**
   * Decides who may send what; asked for every command that is in order. Only the value `true` lets it pass; anything else is
   * a 403. If it throws, or has not ended after `timeoutMs`, the answer is a 500 that shows nothing of it, and nothing is sent.
   * Required: there is no default.
   *
   * @param request The caller's request. Its body has been read, and is the command.
   * @param command What is asked for. What is written to its `caller` reaches `send`; its other fields can't be changed so.
   */
  authorize: (request: Request, command: AuthorizedCommand) => boolean | Promise<boolean>;
  /**
   * The credential with which access tokens are got and renewed: see {@link imsTokenProvider}. This or `accessToken` is required.
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
   * The workflows that are served: a list of ids, or an object with the commands that are served for each id. Names are compared
   * as they are; an id does not stand for the PKey of the same workflow. What is not listed gets the 404 that anything unknown
   * gets. Default: every workflow of the organization, so that `authorize` alone decides.
   */
  workflows?: readonly string[] | Readonly<Record<string, readonly WorkflowCommand[]>> | undefined;
  /**
   * The origins whose pages may ask (CORS), as browsers write them: `"https://app.example"`, lower case, without a path or the
   * default port. A request with any other `Origin`, `"null"` and the gateway's own included, gets a 403; one without, as
   * servers send it, goes on to `authorize`. Default: none.
   */
  allowedOrigins?: readonly string[] | undefined;
  /** What stands before the organization in the path: `"/api"`, percent-encoded, no slash at its end. Default: nothing. */
  basePath?: string | undefined;
  /** How long a request's body may be, in bytes: 1 to 1048576. Of a longer one no more is read: a 413. Default 4096. */
  maxBodyBytes?: number | undefined;
  /**
   * Milliseconds for the whole call of Campaign, retries and token included; also for the caller's body to come (408), and for
   * `authorize`. 1 to 2147483647. Default 30000.
   */
  timeoutMs?: number | undefined;
  /** Milliseconds for one request to Campaign. 1 to 2147483647. Default 10000. */
  attemptTimeoutMs?: number | undefined;
  /**
   * How often a command that was certainly not executed is sent again, 0 to 10. A client in front of the gateway repeats after
   * its 429 as well: let only one of the two do it where that is too much. Default 2.
   */
  maxRetries?: number | undefined;
  /**
   * Where commands go; may carry a path. https, or http on loopback; no user, query or fragment. Default
   * `"https://mc.adobe.io"`.
   */
  baseUrl?: string | undefined;
  /** Sends the requests to Campaign, and only those. Default: the global `fetch` at the time of the command. */
  fetch?: FetchLike | undefined;
  /**
   * Sends a command that was authorized, in place of the client's own call: through a queue, or a lock. It is waited for
   * as long as it takes. A receipt that it gives is answered as Campaign's would be; a `Response` as it is, with the CORS
   * headers added; a `WorkflowCommandError` that it throws like one of the client's. Anything else that it throws is a
   * 500, `internal`, with the outcome `unknown`, that shows nothing of it. The options about Campaign (`apiKey`,
   * `accessToken`, `credentials`, `baseUrl`, `fetch`, `attemptTimeoutMs`, `maxRetries`) are refused beside it. Default:
   * the client's call.
   */
  send?: ((command: SentCommand) => Promise<WorkflowCommandReceipt | Response>) | undefined;
}

/** What `send` is given. */
export interface SentCommand extends GatewayCommand {
  /** The caller's request; its body has been read. */
  request: Request;
  /** What `authorize` has put into its command's `caller`. */
  caller?: unknown;
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
 * A token is kept until 5 minutes before it expires, and at most 23 hours, as Adobe advises. However many callers ask,
 * one request is under way. `refresh: true` gets a new one, unless the one that is kept is not 10 seconds old: then
 * whoever was refused had the one before it. After a failure IMS is left alone for a random time, up to 1 s, 2 s, 4 s …
 * 60 s, and whoever asks gets the last token while it lives, or else the same failure at once.
 *
 * Rejects with an `Error` that tells the status and OAuth's own word for the reason, and nothing else of the answer, nor of the
 * credential.
 *
 * @throws {TypeError} that names the field that is wrong, and never shows a value.
 */
export function imsTokenProvider(credentials: ImsCredentials): (need?: { refresh: boolean }) => Promise<string>;
