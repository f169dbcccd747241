// @ts-check
// Access tokens of Adobe's identity service. When one is asked for is decided in the module; token and secret stay here.
import { inTime, LATE } from "./gateway-deadline.js";
import { given, taken } from "./gateway-options.js";

/**
 * @typedef {import("./gateway-core.js").CoreTokens} CoreTokens
 * @typedef {import("./gateway.js").ImsCredentials} ImsCredentials
 */

/** Source: Adobe, "OAuth Server-to-Server credential implementation guide". */
const TOKEN_URL = "https://ims-na1.adobelogin.com/ims/token/v3";

/** No answer with a token is longer, in bytes. */
const LONGEST = 64 * 1024;

/** What OAuth 2.0 (RFC 6749, 5.2) says of a refusal; any other word of the answer is not repeated. */
const REASONS = [
  ...["invalid_request", "invalid_client", "invalid_grant"],
  ...["unauthorized_client", "unsupported_grant_type", "invalid_scope"],
];

/** @param {(credentialsJson: string) => CoreTokens} create */
export function defineTokenProvider(create) {
  /** @param {ImsCredentials} credentials */
  return function imsTokenProvider(credentials) {
    const own = taken(credentials);
    const json = given(own);
    const { now = Date.now } = own;
    /** @type {CoreTokens | undefined} */
    let core = create(json);
    /** @type {string | undefined} */
    let token;
    /** The newest request: it may belong to a caller with whom it has ended. @type {Promise<string> | undefined} */
    let pending;
    let failure = new Error("The token host was not asked yet");

    /**
     * After a trap the next one gets a new instance, which knows of no token.
     *
     * @template T @param {(core: CoreTokens) => T} step @returns {T}
     */
    const decide = (step) => {
      try {
        return step((core ??= create(json)));
      } catch (error) {
        core = undefined;
        throw error;
      }
    };

    /** @param {number} number */
    const renew = async (number) => {
      try {
        const granted = await request(own);
        decide((core) => core.granted(now(), number, granted.expiresIn));
        return (token = granted.token);
      } catch (error) {
        failure = /** @type {Error} */ (error);
        const { action } = decide((core) => core.failed(now(), number, Math.random()));
        if (action === "give" && token !== undefined) return token;
        throw failure;
      }
    };

    return async ({ refresh } = { refresh: false }) => {
      for (let waitedFor = 0; ; ) {
        const { action, number, waitMs } = decide((core) => core.ask(now(), refresh === true, waitedFor));
        if (action === "fail") throw failure;
        if (action === "give" && token !== undefined) return token;
        if (action !== "join" || !pending) return (pending = renew(number));
        // The timer is this caller's own, so it fires whatever became of the request.
        const others = pending;
        const given = await inTime(waitMs, () => others);
        if (given !== LATE) return given;
        waitedFor = number;
      }
    };
  };
}

/**
 * Asks for a token. What goes wrong is told in this package's own words: another's could hold the secret.
 *
 * @param {ImsCredentials} credentials
 * @returns {Promise<{ token: string, expiresIn: unknown }>}
 */
async function request({ clientId, clientSecret, scope, tokenUrl = TOKEN_URL, timeoutMs = 8000, fetch = globalThis.fetch }) {
  const secret = { client_id: clientId, client_secret: clientSecret };
  const form = new URLSearchParams({ grant_type: "client_credentials", ...secret, scope });
  const controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The token host gave no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  const init = {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
    body: form.toString(),
    redirect: "manual",
    signal: controller.signal,
  };
  try {
    return await Promise.race([exchange(fetch, tokenUrl, init), late]);
  } finally {
    clearTimeout(timer);
    // Whatever is still open of it is not waited for.
    controller.abort();
  }
}

/** @param {NonNullable<ImsCredentials["fetch"]>} fetch @param {string} url @param {object} init */
async function exchange(fetch, url, init) {
  let response, text;
  try {
    response = /** @type {Response} */ (await fetch(url, init));
  } catch {
    throw new Error("The token host could not be reached");
  }
  const { status, type } = response;
  if (type === "opaqueredirect" || (status >= 300 && status <= 399)) {
    throw new Error("The token host redirects, which is not followed");
  }
  try {
    text = await limited(response);
  } catch {
    throw new Error(`The token host's answer (${status}) broke off`);
  }
  if (text === undefined) throw new Error(`The token host's answer (${status}) is too long`);
  const answer = parsed(text);
  if (status < 200 || status > 299) {
    const reason = REASONS.find((word) => word === answer?.error);
    throw new Error(`The token host answered ${status}${reason ? `: ${reason}` : ""}`);
  }
  const { access_token: token, expires_in: expiresIn } = answer ?? {};
  if (typeof token !== "string" || !/^[!-~]+$/.test(token)) throw new Error("The token host's answer holds no usable token");
  return { token, expiresIn };
}

/** The body's text; undefined where it is too long. @param {Response} response */
async function limited(response) {
  if (!response.body) return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > LONGEST) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(next.value, { stream: true });
  }
  return text + decoder.decode();
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {}
}
