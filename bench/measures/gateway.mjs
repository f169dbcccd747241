// @ts-check
// What the gateway adds to a command: direct calls and calls through it in turn, in one Worker, to one Campaign over loopback.

import { fileURLToPath } from "node:url";
import { bundleWorker } from "../../scripts/lib/worker-bundle.mjs";
import { organization, secrets } from "../../tests/support/secrets.mjs";
import { startWorkerd } from "../../tests/support/workerd.mjs";
import { startCampaignProcess } from "../campaign.mjs";
import { spread } from "../stats.mjs";

const callsARound = 20;
const ways = /** @type {const} */ (["directly", "through the gateway"]);

/** @type {import("../run.mjs").Measure} */
export const throughGateway = {
  title: "A command through the gateway",
  what: `in one Worker of workerd, to a local Campaign; each sample is the median of ${callsARound} calls`,
  unit: "ms",
  base: "directly",
  async measure({ rounds, status }) {
    const campaign = await startCampaignProcess(1);
    const { accessToken, apiKey } = secrets;
    const worker = await startWorkerd({
      modules: await bundleWorker({ entryPoints: [fileURLToPath(new URL("../gateway-worker.js", import.meta.url))] }),
      compatibilityDate: "2026-04-01",
      bindings: { CONNECTION: { organization, accessToken, apiKey, baseUrl: campaign.url } },
    });
    const rows = ways.map((way) => ({ peer: way, samples: /** @type {number[]} */ ([]) }));
    try {
      // The first rounds start modules and connections.
      for (let round = -2; round < rounds; round += 1) {
        status(`round ${round + 1} of ${rounds}`);
        /** @type {Record<string, number[]>} */
        const times = Object.fromEntries(ways.map((way) => [way, []]));
        for (let call = 0; call < callsARound; call += 1) {
          for (const way of call % 2 ? ways : ways.toReversed())
            times[way]?.push(await timed(new URL(way.replaceAll(" ", "-"), worker.url)));
        }
        if (round >= 0) for (const { peer, samples } of rows) samples.push(spread(times[peer] ?? []).median);
      }
    } finally {
      await worker.close();
      campaign.close();
    }
    return rows;
  },
};

/** From outside: a Worker's clock stands still while it computes. @param {URL} url */
async function timed(url) {
  const from = performance.now();
  const response = await fetch(url);
  const text = await response.text();
  const ms = performance.now() - from;
  if (JSON.parse(text).status !== 200) throw new Error(`${url.pathname}: ${response.status} ${text}`);
  return ms;
}
