// @ts-check
// A fetch that remembers: each request exactly as the client hands it over, the status of its answer, and the problem in it.

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} url      absolute
 * @property {Record<string, string>} headers as the client sets them; no credential is among them
 * @property {string} body
 * @property {boolean} signedIn whether the browser sends the cookie of the sign-in along
 * @property {number} sentAfterMs  since the call began
 * @property {number | null} status null: no answer (yet), or a redirect that the browser hides
 * @property {string | null} problem the body of an answer that is an error; null: none, or not read yet
 * @property {"waiting" | "answered" | "redirect" | "failed"} state
 */

/** @typedef {(url: string, init: RequestInit) => Promise<Response>} RecordingFetch */

/**
 * @param {(exchanges: Exchange[]) => void} onChange
 * @param {boolean} signedIn
 * @returns {RecordingFetch}
 */
export function recordingFetch(onChange, signedIn) {
  /** @type {Exchange[]} */
  const exchanges = [];
  const begun = performance.now();
  return async (url, init) => {
    /** @type {Exchange} */
    const exchange = {
      method: init.method ?? "GET",
      url: new URL(url, document.baseURI).href,
      headers: { .../** @type {Record<string, string>} */ (init.headers) },
      body: String(init.body ?? ""),
      signedIn,
      sentAfterMs: performance.now() - begun,
      status: null,
      problem: null,
      state: "waiting",
    };
    exchanges.push(exchange);
    onChange(exchanges);
    try {
      const response = await fetch(url, signedIn ? init : { ...init, credentials: "omit" });
      if (response.type === "opaqueredirect") exchange.state = "redirect";
      else Object.assign(exchange, { state: "answered", status: response.status });
      if (response.status >= 400) keepProblem(response.clone());
      return response;
    } catch (error) {
      exchange.state = "failed";
      throw error;
    } finally {
      onChange(exchanges);
    }

    /** @param {Response} response */
    async function keepProblem(response) {
      // One that breaks off is told by the client's own error.
      exchange.problem = await response.text().catch(() => null);
      onChange(exchanges);
    }
  };
}
