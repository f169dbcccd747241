// @ts-check
// The gateway's outside: requests and answers of the platform, and time. What is answered is decided in the module.
import { createCore } from "./gateway-core.js";
import { countdown, inTime, LATE } from "./gateway-deadline.js";
import { given, taken } from "./gateway-options.js";
import { defineTokenProvider } from "./gateway-token.js";
import { isWorkflowCommandError } from "./errors.js";

/**
 * @typedef {import("./gateway-core.js").CoreAnswer} CoreAnswer
 * @typedef {import("./gateway-core.js").CoreGateway} CoreGateway
 * @typedef {import("./gateway-core.js").CoreHead} CoreHead
 * @typedef {import("./gateway-core.js").CoreWish} CoreWish
 * @typedef {import("./gateway.js").GatewayOptions} GatewayOptions
 * @typedef {(request: any) => Promise<any>} Send
 * @typedef {{ sent: boolean, work: Promise<unknown> | undefined }} Progress  whether the command is out, and what sends it
 */

/** The statuses to which the platform allows no body. */
const BODILESS = [204, 205, 304];

/**
 * The gateway over a module that is compiled when the first one is made.
 *
 * @param {() => WebAssembly.Module} compile
 * @param {Send} sendWorkflowCommand
 */
export function defineGateway(compile, sendWorkflowCommand) {
  /** @type {WebAssembly.Module | undefined} */
  let compiled;
  const instance = () => createCore((compiled ??= compile()));
  const imsTokenProvider = defineTokenProvider((json) => new (instance().Tokens)(json));

  /** @param {GatewayOptions} options @returns {import("./gateway.js").Gateway} */
  function createGateway(options) {
    const own = taken(options);
    const json = given(own);
    /** @type {CoreGateway | undefined} */
    let core = new (instance().Gateway)(json);
    const { authorize, timeoutMs = 25_000, maxBodyBytes = 4096 } = own;
    const send = own.send ?? sender(own);

    /**
     * Whatever of a request runs in the module runs through here. After a trap the next one gets a new instance.
     *
     * @template T @param {(core: CoreGateway) => T} step @returns {T}
     */
    const decide = (step) => {
      const current = (core ??= new (instance().Gateway)(json));
      try {
        return step(current);
      } catch (error) {
        if (core === current) core = undefined;
        throw error;
      }
    };

    /** @param {Request} request @param {CoreHead} head @param {Progress} progress */
    async function answer(request, head, progress) {
      const left = countdown(timeoutMs);
      const early = decide((core) => core.head(head));
      if (early) return respond(early);
      const body = await read(request, maxBodyBytes, left());
      if (typeof body === "string") return respond(decide((core) => core.refused(head, body)));
      const wish = decide((core) => core.body(head, body));
      if ("status" in wish) return respond(wish);

      /** @type {CoreWish & { caller?: unknown }} */
      const asked = { ...wish };
      let allowed;
      try {
        allowed = await inTime(left(), () => authorize(request, asked));
      } catch {
        allowed = LATE;
      }
      if (allowed !== true) {
        return respond(decide((core) => core.refused(head, allowed === LATE ? "unauthorizable" : "forbidden")));
      }

      const leftMs = left();
      if (leftMs === 0) return respond(decide((core) => core.refused(head, "late")));

      progress.sent = true;
      const { caller } = asked;
      /** @type {any} */
      let result;
      try {
        const sending = async () => send({ ...wish, request, caller, idempotencyKey: head.idempotencyKey, timeoutMs: leftMs });
        progress.work = sending();
        // The client's call ends by itself, and knows what became of the command.
        result = await (own.send ? inTime(leftMs, () => progress.work) : progress.work);
        if (result === LATE) return respond(decide((core) => core.timedOut(head)));
      } catch (error) {
        return respond(decide((core) => core.failed(head, isWorkflowCommandError(error) ? told(error) : {})));
      }
      if (isResponse(result)) return passOn(result, decide((core) => core.cors(head)));
      const { status, requestId, body: value } = result ?? {};
      const kind = value === undefined || value === null ? "none" : typeof value === "string" ? "text" : "json";
      const text = kind === "json" ? JSON.stringify(value) : value;
      const accepted = decide((core) => core.accepted(head, Number(status), textOr(requestId), kind));
      return respond(accepted, accepted.body ?? text);
    }

    /** @param {Request} request @param {Progress} progress */
    async function serve(request, progress) {
      let head;
      try {
        head = headOf(request);
        return await answer(request, head, progress);
      } catch {
        return failedInside(head, progress.sent, decide);
      }
    }

    return {
      fetch: (request, _env, ctx) => {
        /** @type {Progress} */
        const progress = { sent: false, work: undefined };
        const response = serve(request, progress);
        // What sends may go on after the deadline's answer.
        keepAlive(ctx, response.then(() => progress.work));
        return response;
      },
    };
  }

  /**
   * The client's own call, with the gateway's credentials and nothing of the caller's.
   *
   * @param {GatewayOptions} own
   * @returns {Send}
   */
  function sender({ credentials, accessToken, apiKey, baseUrl, fetch, attemptTimeoutMs = 10_000, maxRetries = 0 }) {
    const common = {
      ...{ baseUrl, fetch, attemptTimeoutMs, maxRetries },
      accessToken: accessToken ?? imsTokenProvider(/** @type {any} */ (credentials)),
      apiKey: apiKey ?? credentials?.clientId,
    };
    return ({ organization, workflowId, command, timeoutMs }) =>
      sendWorkflowCommand({ ...common, organization, workflowId, command, timeoutMs });
  }

  return { createGateway, imsTokenProvider };
}

/** @param {Request} request @returns {CoreHead} */
function headOf({ method, url, headers }) {
  return {
    method,
    url,
    origin: headers.get("origin"),
    contentType: headers.get("content-type"),
    contentLength: headers.get("content-length"),
    idempotencyKey: headers.get("idempotency-key"),
    asksMethod: headers.has("access-control-request-method"),
  };
}

/**
 * The body, counted while it comes; or why there is none.
 *
 * @param {Request} request @param {number} limit @param {number} ms
 * @returns {Promise<Uint8Array | "too-large" | "too-slow" | "broken">}
 */
async function read(request, limit, ms) {
  /** @type {ReadableStreamDefaultReader<Uint8Array> | undefined} */
  let reader;
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  const all = async () => {
    // Firefox knows no stream of a request: there it is read whole.
    const stream = request.body === undefined ? (await request.blob()).stream() : request.body;
    // This throws where whoever called the gateway has read it already.
    reader = stream?.getReader();
    if (!reader) return "all";
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength;
      if (length > limit) return "too-large";
      chunks.push(next.value);
    }
    return "all";
  };
  const end = await inTime(ms, all).catch(() => /** @type {const} */ ("broken"));
  if (end !== "all") reader?.cancel().catch(() => {});
  if (end === LATE) return "too-slow";
  if (end !== "all") return /** @type {"too-large" | "broken"} */ (end);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * Has the host finish what was begun for a request, where it can: its caller may leave.
 *
 * @param {{ waitUntil?: unknown } | null | undefined} ctx @param {Promise<unknown>} work
 */
function keepAlive(ctx, work) {
  const quiet = work.catch(() => {});
  try {
    if (typeof ctx?.waitUntil === "function") ctx.waitUntil(quiet);
  } catch {}
}

/** What the module reads of an error: each field of its own type, or none. @param {any} error */
function told({ code, outcome, message, hint, retryAfterMs, errorCode, requestId, body }) {
  const ms = typeof retryAfterMs === "number" ? retryAfterMs : null;
  const texts = { code, outcome, message, hint, errorCode, requestId, body };
  return { ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, textOr(text)])), retryAfterMs: ms };
}

/** @param {unknown} value */
const textOr = (value) => (typeof value === "string" ? value : null);

/** @param {any} value */
const isResponse = (value) => typeof value?.headers?.get === "function" && typeof value.status === "number";

/** @param {CoreAnswer} answer @param {string | null} [body] where the module leaves it outside */
function respond(answer, body = answer.body) {
  const { status, headers } = answer;
  return new Response(BODILESS.includes(status) ? null : body, { status, headers });
}

/**
 * An answer of somebody else's, as it is but for who may read it.
 *
 * @param {Response} response @param {[string, string][]} cors
 */
function passOn(response, cors) {
  const headers = new Headers(response.headers);
  for (const [name, value] of cors) name === "vary" ? headers.append(name, value) : headers.set(name, value);
  const { status, statusText, body } = response;
  return new Response(BODILESS.includes(status) ? null : body, { status, statusText, headers });
}

/**
 * The answer where the gateway itself has failed: a new instance says it, or, where that fails too, these few words.
 *
 * @param {CoreHead | undefined} head @param {boolean} sent @param {<T>(step: (core: CoreGateway) => T) => T} decide
 */
function failedInside(head, sent, decide) {
  try {
    if (head) return respond(decide((core) => (sent ? core.failed(head, {}) : core.refused(head, "trapped"))));
  } catch {}
  const outcome = sent ? "unknown" : "not-executed";
  const [status, title] = sent ? [502, "Bad Gateway"] : [500, "Internal Server Error"];
  const document = { type: "about:blank", title, status, code: "internal", outcome };
  const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
  return new Response(JSON.stringify(document), { status, headers });
}
