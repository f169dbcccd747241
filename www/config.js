// @ts-check
// How the page reaches the gateway. There is no credential in it: the gateway has them, and who asks it is told by a cookie
// of the sign-in that no script can read.

/**
 * @typedef {object} Config
 * @property {string} organization
 * @property {string} baseUrl      the gateway: where the client sends commands, relative to the page
 */

/** @returns {Promise<Config>} */
export async function loadConfig() {
  const response = await fetch("/config.json", { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  return response.json();
}
