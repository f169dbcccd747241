// @ts-check
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { organization, secrets } from "../tests/support/secrets.mjs";

/**
 * Starts the local Campaign in its own process.
 * @param {number} workflows how many, named WKF0, WKF1 and so on
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startCampaignProcess(workflows) {
  const { accessToken, apiKey } = secrets;
  const child = fork(fileURLToPath(new URL("campaign-process.mjs", import.meta.url)), [
    JSON.stringify({ organization, accessToken, apiKey, workflows }),
  ]);
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("message", (/** @type {{ url: string }} */ message) => resolve(message.url));
  });
  return { url, close: () => child.disconnect() };
}
