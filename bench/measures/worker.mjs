// @ts-check
// Commands through the Worker in workerd, compared with the same commands to the local Campaign; and the storage that many commands leave.

import { spread } from "../stats.mjs";
import { load, startServers, workflows } from "../worker.mjs";

const DAY_MS = 24 * 3_600_000;

/** @param {number} inFlight @returns {import("../run.mjs").Measure} */
export const throughWorker = (inFlight) => ({
  title: `Commands through the Worker, ${inFlight} in flight`,
  what: `time per command by the package's client, for ${workflows} workflows; Campaign and workerd are processes of their own`,
  unit: "µs",
  base: "directly",
  async measure({ rounds, status, doing = status }) {
    const servers = await startServers();
    const calls = { 1: 100, 50: 500 }[inFlight] ?? 1500;
    /** @type {Record<string, (call: number) => Promise<unknown>>} */
    const ways = {
      directly: (call) => servers.direct(call % workflows),
      "through the Worker": (call) => servers.through(call % workflows),
      "through the Worker, one workflow": () => servers.through(0),
    };
    /** @type {Record<string, { perCall: number, p50: number, p99: number, failed: number }[]>} */
    const found = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
    try {
      for (let round = -1; round < rounds; round += 1) {
        if (round % 5 === 0) doing(`round ${round + 1} of ${rounds}`);
        for (const [way, send] of Object.entries(ways)) {
          status(`round ${round + 1} of ${rounds}, ${way}`);
          const startedAt = performance.now();
          const { times, failed } = await load(calls, inFlight, send);
          times.sort((a, b) => a - b);
          const perCall = ((performance.now() - startedAt) / calls) * 1000;
          const at = (/** @type {number} */ share) =>
            times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? NaN;
          // The first round starts modules, objects and connections.
          if (round >= 0) found[way]?.push({ perCall, p50: at(0.5), p99: at(0.99), failed });
        }
      }
    } finally {
      await servers.close();
    }
    return Object.entries(found).map(([peer, results]) => {
      const median = (/** @type {"perCall" | "p50" | "p99"} */ key) => spread(results.map((each) => each[key])).median;
      const failed = results.reduce((sum, each) => sum + each.failed, 0);
      const lost = failed > 0 ? `; ${failed} of ${calls * rounds} not sent in time` : "";
      const note = `${Math.round(1_000_000 / median("perCall"))}/s, p50 ${median("p50").toFixed(1)} ms, p99 ${median("p99").toFixed(1)} ms${lost}`;
      return { peer, samples: results.map(({ perCall }) => perCall), note };
    });
  },
});

/** @param {number} commands @returns {import("../run.mjs").Measure} */
export const objectMemory = (commands) => ({
  title: `An object after ${commands.toLocaleString("en")} commands through the Worker`,
  what: "memory of workerd, with all commands to one workflow, half of them with a key of their caller's",
  unit: "MB",
  exact: true,
  base: "",
  async measure({ status, doing = status }) {
    const servers = await startServers();
    /** @type {import("../run.mjs").Row[]} */
    const rows = [];
    const note = async (/** @type {string} */ peer, rate = "") => {
      const { rows: count, keys, bytes } = await servers.figures(0);
      rows.push({
        peer,
        samples: [servers.memory() / 1e6],
        note: `${count} rows, ${keys} with a key, ${(bytes / 1e6).toFixed(2)} MB on disk${rate}`,
      });
    };
    let sent = 0;
    /** @param {number} count @param {string} peer */
    const send = async (count, peer) => {
      let [rate, part] = [0, 0];
      for (let left = count; left > 0; left -= part) {
        part = Math.min(1000, left);
        const startedAt = performance.now();
        await load(part, 16, (call) => servers.through(0, call % 2 === 0));
        rate = (part / (performance.now() - startedAt)) * 1000;
        sent += part;
        const say = sent % (commands / 10) === 0 ? doing : status;
        say(`${sent} commands, ${Math.round(rate)}/s, ${Math.round(servers.memory() / 1e6)} MB`);
      }
      await note(peer, `; the last ${part} at ${Math.round(rate)}/s`);
    };
    try {
      const first = Math.round(commands / 100);
      await send(first, `after ${first}`);
      await send(commands / 10 - first, `after ${commands / 10}`);
      await send(commands - commands / 10, `after ${commands}`);
      doing("a day later");
      await servers.restart(DAY_MS + 3_600_000);
      // The alarm deletes what is a day old.
      for (let wait = 0; wait < 300 && (await servers.figures(0)).keys > 0; wait += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
      await note("a day later, workerd restarted");
      await send(commands / 10, `and ${commands / 10} more`);
    } finally {
      await servers.close();
    }
    return rows;
  },
});
