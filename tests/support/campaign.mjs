// @ts-check
// The local Campaign over HTTP, in this process. It also counts how many requests are in flight.

import { CampaignEmulator } from "campaign-workflow/emulator";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { organization, secrets } from "./secrets.mjs";

/** @param {import("campaign-workflow/emulator").CampaignEmulatorOptions} [options] */
export async function startCampaign(options) {
  const emulator = new CampaignEmulator({
    organization,
    accessTokens: [secrets.accessToken],
    apiKeys: [secrets.apiKey],
    invalidTransition: "accept",
    applyDelayMs: 0,
    historyLimit: 100_000,
    ...options,
  });
  /** @type {Map<string, number>} by workflow */
  const inFlight = new Map();
  let mostInFlight = 0;
  let requests = 0;
  const counted = {
    workflows: () => emulator.workflows(),
    /** @param {Request} request */
    async fetch(request) {
      requests += 1;
      const { pathname } = new URL(request.url);
      const now = (inFlight.get(pathname) ?? 0) + 1;
      inFlight.set(pathname, now);
      mostInFlight = Math.max(mostInFlight, now);
      try {
        return await emulator.fetch(request);
      } finally {
        inFlight.set(pathname, (inFlight.get(pathname) ?? 1) - 1);
      }
    },
  };
  const server = await serveEmulator({ emulator: /** @type {any} */ (counted) });
  return {
    url: server.url,
    emulator,
    log: () => emulator.log(),
    /** The most requests for one address that were in flight at once. */
    mostInFlight: () => mostInFlight,
    requests: () => requests,
    resetMostInFlight() {
      mostInFlight = 0;
    },
    /** How often each command was executed, by "workflow command". */
    async executions() {
      /** @type {Map<string, number>} */
      const counts = new Map();
      for (const { id, executions } of await emulator.workflows()) {
        for (const { command } of executions) counts.set(`${id} ${command}`, (counts.get(`${id} ${command}`) ?? 0) + 1);
      }
      return counts;
    },
    close: () => server.close(),
  };
}
