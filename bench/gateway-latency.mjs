// @ts-check
// What the gateway adds to a call: direct calls and calls through it in turn, in one Worker of workerd, to one Campaign over
// loopback. `npm run build && node bench/gateway-latency.mjs [calls]`.

import { pathToFileURL } from "node:url";
import { collect, inWorkerd, optionsFor, serveCampaign } from "../tests/gateway/setup.mjs";

const calls = Number(process.argv[2] ?? 400);

export async function measureLatency(rounds = calls) {
  const campaign = await serveCampaign();
  const gateway = await inWorkerd(optionsFor(campaign.url));
  try {
    /** @type {Record<"direct" | "gateway", number[]>} */
    const times = { direct: [], gateway: [] };
    // From outside: a Worker's own clock stands still while it computes. The first calls start modules and connections.
    for (let call = -50; call < rounds; call += 1) {
      /** @type {("direct" | "gateway")[]} */
      const ways = call % 2 ? ["direct", "gateway"] : ["gateway", "direct"];
      for (const way of ways) {
        const begun = performance.now();
        const response = await fetch(new URL(`/latency/${way}`, gateway.url));
        const text = await response.text();
        if (call >= 0) times[way].push(performance.now() - begun);
        collect(text);
        if (JSON.parse(text).status !== 200) throw new Error(`${way}: ${response.status}`);
      }
    }
    const [direct, through] = [quantiles(times.direct), quantiles(times.gateway)];
    return { direct, through, addedP50: through.p50 - direct.p50 };
  } finally {
    await gateway.close();
    await campaign.close();
  }
}

/** @param {number[]} times */
function quantiles(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { direct, through, addedP50 } = await measureLatency();
  const ms = (/** @type {number} */ value) => `${value.toFixed(2)} ms`;
  console.log(
    `direct: p50 ${ms(direct.p50)}, p95 ${ms(direct.p95)}; through the gateway: p50 ${ms(through.p50)}, p95 ${ms(through.p95)}; added at p50: ${ms(addedP50)} (${calls} calls each, in turn)`,
  );
}
