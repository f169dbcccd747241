// @ts-check
// Calls over loopback to a server in another process: the rate, and the time of one call.

import { load, order } from "../peers.mjs";
import { startServer } from "../server.mjs";
import { spread } from "../stats.mjs";

/**
 * @param {(order: import("../peers.mjs").Order) => Promise<unknown>} send
 * @param {import("../peers.mjs").Order} order @param {number} calls @param {number} sideBySide
 */
async function run(send, order, calls, sideBySide) {
  /** @type {number[]} */
  const times = [];
  let left = calls;
  const work = async () => {
    while (left-- > 0) {
      const startedAt = performance.now();
      await send(order);
      times.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: sideBySide }, work));
  const ms = performance.now() - startedAt;
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? NaN;
  return { perCall: ms / calls, p50: at(0.5), p99: at(0.99) };
}

/** @param {number} sideBySide @returns {import("../run.mjs").Measure} */
export const loopback = (sideBySide) => ({
  title: `Loopback, ${sideBySide} in flight`,
  what: "time per call, with a server in another process",
  unit: "µs",
  async measure({ peers, rounds, status }) {
    const server = await startServer();
    const sends = await Promise.all(peers.map(async (peer) => ({ ...peer, send: await load(peer) })));
    const calls = sideBySide === 1 ? 400 : 1500;
    /** @type {Map<string, Awaited<ReturnType<typeof run>>[]>} */
    const found = new Map(peers.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round += 1) {
      status(`round ${round + 1} of ${rounds}`);
      for (const { name, send } of sends) {
        const result = await run(send, { ...order, baseUrl: server.url }, calls, sideBySide);
        if (round >= 0) found.get(name)?.push(result);
      }
    }
    server.close();
    return [...found].map(([peer, results]) => {
      const [p50, p99] = /** @type {const} */ (["p50", "p99"]).map((key) =>
        spread(results.map((each) => each[key])).median.toFixed(2),
      );
      const perSecond = Math.round(1000 / spread(results.map(({ perCall }) => perCall)).median);
      return {
        peer,
        samples: results.map(({ perCall }) => perCall * 1000),
        note: `${perSecond}/s, p50 ${p50} ms, p99 ${p99} ms`,
      };
    });
  },
});
