// @ts-check
// How the page reaches Campaign. The only module that sees credentials: they are the local Campaign's own and open
// nothing else. With a gateway in between there are none, and nothing else on the page changes.

/**
 * @typedef {object} Config
 * @property {string} organization
 * @property {string} baseUrl      where the client sends commands, relative to the page
 * @property {string} [accessToken]
 * @property {string} [apiKey]
 */

/** @returns {Promise<Config>} */
export async function loadConfig() {
  const response = await fetch("/config.json", { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  return response.json();
}

/**
 * The part of every request that says where it goes and on whose behalf.
 * @param {Config} config
 */
export function connection({ organization, baseUrl, accessToken, apiKey }) {
  return {
    organization,
    baseUrl,
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}
