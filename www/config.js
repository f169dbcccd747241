// @ts-check
// Loads the page's configuration. It contains no credentials: the gateway has them, and identifies the user by a sign-in cookie
// that scripts can't read.

/**
 * @typedef {object} Config
 * @property {string} organization
 * @property {string} baseUrl      the gateway's URL, relative to the page
 */

/** @returns {Promise<Config>} */
export async function loadConfig() {
  const response = await fetch("/config.json", { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`/config.json responded with ${response.status}`);
  return response.json();
}
