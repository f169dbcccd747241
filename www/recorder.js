// @ts-check
// A fetch that remembers: each request exactly as the client hands it over, and the head of its answer.

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} url      absolute
 * @property {Record<string, string>} headers as the client sets them, credentials masked
 * @property {string} body
 * @property {number} sentAfterMs  since the call began
 * @property {number | null} status null: no answer (yet), or a redirect that the browser hides
 * @property {"waiting" | "answered" | "redirect" | "failed"} state
 */

const mask = "••••••••";

/**
 * @param {(exchanges: Exchange[]) => void} onChange
 * @returns {(url: string, init: RequestInit) => Promise<Response>}
 */
export function recordingFetch(onChange) {
  /** @type {Exchange[]} */
  const exchanges = [];
  const begun = performance.now();
  return async (url, init) => {
    /** @type {Exchange} */
    const exchange = {
      method: init.method ?? "GET",
      url: new URL(url, document.baseURI).href,
      headers: withoutSecrets(/** @type {Record<string, string>} */ (init.headers)),
      body: String(init.body ?? ""),
      sentAfterMs: performance.now() - begun,
      status: null,
      state: "waiting",
    };
    exchanges.push(exchange);
    onChange(exchanges);
    try {
      const response = await fetch(url, init);
      if (response.type === "opaqueredirect") exchange.state = "redirect";
      else Object.assign(exchange, { state: "answered", status: response.status });
      return response;
    } catch (error) {
      exchange.state = "failed";
      throw error;
    } finally {
      onChange(exchanges);
    }
  };
}

/** @param {Record<string, string>} headers */
function withoutSecrets(headers) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (/^authorization$/i.test(name)) return [name, value.replace(/^(\w+ )?.*$/s, `$1${mask}`)];
      return [name, /^x-api-key$/i.test(name) ? mask : value];
    }),
  );
}
