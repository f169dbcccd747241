// @ts-check
// The alternative of a page without the package: one function, written by hand, and as short as is fair. It validates the fields as
// index.d.ts documents them, has one deadline, follows no redirects and throws a typed error. It has no retries, token functions, masking
// or body limit, and does not report a command's outcome.

export class CommandError extends Error {
  /** @override */
  name = "CommandError";

  /** @param {string} code @param {string} message @param {{ status?: number, body?: string, cause?: unknown }} [more] */
  constructor(code, message, { status, body, cause } = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status ?? null;
    this.body = body ?? null;
  }
}

const COMMANDS = ["start", "pause", "resume", "stop"];
const NO_SEGMENT = /^(?:\.\.?|)$|[\x00-\x1f\x7f-\x9f]|^ | $|\p{Cs}/u;
const NO_CREDENTIAL = /^(?:bearer |$)|[^!-~]/i;
const ADOBE = /\.adobe\.io\.?$/;
const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/;
const NO_NAME = /^$|[^!#-'*+.0-9A-Z^-z|~-]/;
const NO_VALUE = /^[\t ]|[\t ]$|[^\t -~\xa0-\xff]/;
const RESERVED =
  /^(?:authorization|cache-control|content-type|x-api-key|connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** @param {string} problem @returns {never} */
function refuse(problem) {
  throw new CommandError("invalid-argument", problem);
}

/** @param {unknown} value @param {string} field */
function segment(value, field) {
  if (typeof value !== "string" || NO_SEGMENT.test(value)) refuse(`${field} is not a path segment`);
  return encodeURIComponent(/** @type {string} */ (value)).replaceAll("%40", "@");
}

/** @param {unknown} value @param {string} field @param {boolean} required */
function credential(value, field, required) {
  if (value === undefined && !required) return;
  if (typeof value !== "string" || NO_CREDENTIAL.test(value)) refuse(`${field} is not a credential`);
}

/** @param {string | undefined} given @returns {{ base: string, adobe: boolean }} */
function checkedBase(given) {
  if (given === undefined) return { base: "https://mc.adobe.io", adobe: true };
  if (typeof given !== "string" || !URL.canParse(given, globalThis.document?.baseURI)) refuse("baseUrl is not a URL");
  const url = new URL(given, globalThis.document?.baseURI);
  if (url.username || url.password || url.search || url.hash) refuse("baseUrl has more than a path");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.test(url.hostname)))
    refuse("baseUrl must be https");
  return { base: url.origin + url.pathname.replace(/\/+$/, ""), adobe: ADOBE.test(url.hostname) };
}

/** @param {import("campaign-workflow").WorkflowCommandRequest} request */
export async function send(request) {
  const {
    organization,
    workflowId,
    command,
    accessToken,
    apiKey,
    baseUrl,
    signal,
    timeoutMs = 30_000,
    headers,
  } = request;
  const fetch = request.fetch ?? globalThis.fetch;
  const path = `/${segment(organization, "organization")}/campaign/workflow/execution/${segment(workflowId, "workflowId")}/commands`;
  if (!COMMANDS.includes(command)) refuse("command must be start, pause, resume or stop");
  const { base, adobe } = checkedBase(baseUrl);
  if (adobe && "document" in globalThis && !request.allowBrowserCredentials)
    refuse("baseUrl must not be Adobe's host in a page");
  credential(accessToken, "accessToken", adobe);
  credential(apiKey, "apiKey", adobe);
  if (typeof fetch !== "function") refuse("fetch must be a function");
  if (signal !== undefined && typeof signal?.addEventListener !== "function") refuse("signal must be an AbortSignal");
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 2147483647) refuse("timeoutMs must be milliseconds");

  /** @type {Record<string, string>} */
  const sent = { "Content-Type": "application/json", "Cache-Control": "no-cache" };
  if (accessToken !== undefined) sent.Authorization = `Bearer ${accessToken}`;
  if (apiKey !== undefined) sent["X-Api-Key"] = apiKey;
  if (headers !== undefined) {
    for (const [name, value] of Object.entries(headers)) {
      if (NO_NAME.test(name) || RESERVED.test(name)) refuse("headers holds a name that can't be set");
      if (typeof value !== "string" || NO_VALUE.test(value)) refuse("headers holds a value that HTTP forbids");
      sent[name] = value;
    }
  }

  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const response = await fetch(base + path, {
      method: "POST",
      redirect: "manual",
      headers: sent,
      body: `{"method":"${command}"}`,
      signal: controller.signal,
    });
    const { status } = response;
    const body = await response.text();
    if (status < 200 || status > 299)
      throw new CommandError("refused", `Campaign answered ${status}`, { status, body });
    return { workflowId, command, status, body: body || null, requestId: response.headers.get("x-request-id") };
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(
      signal?.aborted ? "aborted" : controller.signal.aborted ? "timeout" : "network",
      "The request failed",
      { cause },
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
