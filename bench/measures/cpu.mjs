// @ts-check
// The CPU time of a call without the network: over a fetch that responds at once, in one process, the peers in turn.

import { load, order } from "../peers.mjs";

const callsARound = 2000;
/** Slow peers need fewer calls for a figure of the same precision. */
const enoughMicroseconds = 150_000;

const json = { "content-type": "application/json", "x-request-id": "bench" };
const text = '{"ok":true}';
const minimal = {
  status: 200,
  ok: true,
  statusText: "OK",
  type: "basic",
  headers: new Headers(json),
  text: async () => text,
};
const stubs = {
  /** A response that costs nothing to make, so that only the client is measured. */
  minimal: async () => minimal,
  /** The platform's own response, with its stream. */
  Response: async () => new Response(text, { headers: json }),
};

/** The CPU time of this process, with all threads and the garbage collector. */
const spent = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/**
 * @param {(order: import("../peers.mjs").Order) => Promise<unknown>} send @param {number} sideBySide
 * @returns {Promise<number>} microseconds a call
 */
async function run(send, sideBySide) {
  const startedAt = spent();
  let calls = 0;
  while (calls < callsARound && (calls < 200 || spent() - startedAt < enoughMicroseconds)) {
    if (sideBySide === 1) for (let call = 0; call < 100; call += 1) await send({ ...order, workflowId: `WKF${call}` });
    else
      await Promise.all(Array.from({ length: sideBySide }, (_, call) => send({ ...order, workflowId: `WKF${call}` })));
    calls += sideBySide === 1 ? 100 : sideBySide;
  }
  return (spent() - startedAt) / calls;
}

/** @param {keyof typeof stubs} kind @param {number} sideBySide @returns {import("../run.mjs").Measure} */
export const cpu = (kind, sideBySide) => ({
  title: `CPU per call, ${kind === "minimal" ? "a minimal response" : "a Response"}, ${sideBySide === 1 ? "one by one" : `${sideBySide} at once`}`,
  what: "over a stubbed fetch that responds at once",
  unit: "µs",
  async measure({ peers, rounds, status }) {
    const real = globalThis.fetch;
    /** @type {any} */ (globalThis).fetch = stubs[kind];
    try {
      const rows = [];
      for (const peer of peers) {
        if (!peer.stubbable) continue;
        const send = await load(peer);
        // Some peers read more of a response than the minimal one has.
        const fits = await send(order).then(
          () => true,
          () => false,
        );
        if (fits) rows.push({ peer: peer.name, send, samples: /** @type {number[]} */ ([]) });
      }
      // The first rounds are for the compilers.
      for (let round = -5; round < rounds; round += 1) {
        status(`round ${round + 1} of ${rounds}`);
        // The order alternates, because each peer gets the garbage of the one before.
        for (const { send, samples } of round % 2 ? rows : rows.toReversed()) {
          const took = await run(send, sideBySide);
          if (round >= 0) samples.push(took);
        }
      }
      return rows.map(({ peer, samples }) => ({ peer, samples }));
    } finally {
      globalThis.fetch = real;
    }
  },
});
