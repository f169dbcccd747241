// @ts-check
// A fetch that records each request as the client makes it, with the status of the response and its problem document.

/**
 * @typedef {object} TracedRequest
 * @property {string} method
 * @property {string} url      absolute
 * @property {Record<string, string>} headers as the client sets them; they contain no credentials
 * @property {string} body
 * @property {boolean} signedIn whether the browser adds the sign-in cookie
 * @property {number} sentAfterMs  since the start of the call
 * @property {number | null} status null: no response (yet), or a redirect whose status the browser hides
 * @property {string | null} problem the body of an error response; null: none, or not read yet
 * @property {"waiting" | "responded" | "redirect" | "failed"} state
 */

/** @typedef {(url: string, init: RequestInit) => Promise<Response>} TracedFetch */

/**
 * @param {(requests: TracedRequest[]) => void} onChange
 * @param {boolean} signedIn
 * @returns {TracedFetch}
 */
export function tracedFetch(onChange, signedIn) {
  /** @type {TracedRequest[]} */
  const requests = [];
  const startedAt = performance.now();
  return async (url, init) => {
    /** @type {TracedRequest} */
    const request = {
      method: init.method ?? "GET",
      url: new URL(url, document.baseURI).href,
      headers: { .../** @type {Record<string, string>} */ (init.headers) },
      body: String(init.body ?? ""),
      signedIn,
      sentAfterMs: performance.now() - startedAt,
      status: null,
      problem: null,
      state: "waiting",
    };
    requests.push(request);
    onChange(requests);
    try {
      const response = await fetch(url, signedIn ? init : { ...init, credentials: "omit" });
      if (response.type === "opaqueredirect") request.state = "redirect";
      else Object.assign(request, { state: "responded", status: response.status });
      if (response.status >= 400) readProblem(response.clone());
      return response;
    } catch (error) {
      request.state = "failed";
      throw error;
    } finally {
      onChange(requests);
    }

    /** @param {Response} response */
    async function readProblem(response) {
      // If the body breaks off, the client's own error reports that.
      request.problem = await response.text().catch(() => null);
      onChange(requests);
    }
  };
}
