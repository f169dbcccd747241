// @ts-check

export const accessToken = "local-token";
export const apiKey = "local-key";

/** The four headers that Adobe documents. */
export const headers = {
  "Content-Type": "application/json",
  Authorization: `Bearer ${accessToken}`,
  "Cache-Control": "no-cache",
  "X-Api-Key": apiKey,
};

/**
 * The URL and the parts of the documented request for a command.
 *
 * @param {string} workflowId @param {string} method @param {{ base?: string, signal?: AbortSignal }} [more]
 * @returns {[string, RequestInit]}
 */
export function documented(workflowId, method, { base = "https://mc.adobe.io", signal } = {}) {
  const url = `${base}/acme-mkt-stage/campaign/workflow/execution/${encodeURIComponent(workflowId)}/commands`;
  return [url, { method: "POST", headers, body: JSON.stringify({ method }), ...(signal && { signal }) }];
}
