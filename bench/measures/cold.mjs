// @ts-check
// A process that imports the peer and sends one command: the time from its start to the request at the server.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { order } from "../peers.mjs";
import { startServer } from "../server.mjs";

const program = fileURLToPath(new URL("cold-child.mjs", import.meta.url));

/** @type {import("../run.mjs").Measure} */
export const cold = {
  title: "Cold start",
  what: "from the start of a Node process to the first request at a server on loopback",
  unit: "ms",
  async measure({ peers, rounds, status }) {
    let onRequest = () => {};
    const server = await startServer(() => onRequest());
    /** @type {Map<string, number[]>} */
    const samples = new Map(peers.map(({ name }) => [name, []]));
    // The first round warms the disk's cache.
    for (let round = -1; round < rounds; round += 1) {
      status(`round ${round + 1} of ${rounds}`);
      for (const { name, module } of peers) {
        const arrived = new Promise((resolve) => (onRequest = () => resolve(performance.now())));
        const startedAt = performance.now();
        const child = spawn(process.execPath, [program, module, JSON.stringify({ ...order, baseUrl: server.url })], {
          stdio: ["ignore", "ignore", "inherit"],
        });
        const ended = once(child, "exit");
        const at = await arrived;
        await ended;
        if (round >= 0) samples.get(name)?.push(at - startedAt);
      }
    }
    server.close();
    return [...samples].map(([peer, samples]) => ({ peer, samples }));
  },
};
