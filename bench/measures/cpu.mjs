// @ts-check
// What a call costs beside the network: over a fetch that answers at once, in one process, the peers in turn.

import { load, order } from "../peers.mjs";

const callsARound = 3000;
/** The peers that cost a hundred times as much need fewer for as good a figure. */
const enoughMs = 150;

const json = { "content-type": "application/json", "x-request-id": "bench" };
const text = '{"ok":true}';
const thin = { status: 200, ok: true, statusText: "OK", type: "basic", headers: new Headers(json), text: async () => text };
const stubs = {
  /** An answer that costs nothing to make, so that only the client is measured. */
  thin: async () => thin,
  /** The platform's own, with its stream. */
  Response: async () => new Response(text, { headers: json }),
};

/**
 * @param {(order: import("../peers.mjs").Order) => Promise<unknown>} send @param {number} sideBySide
 * @returns {Promise<number>} microseconds a call
 */
async function run(send, sideBySide) {
  const begun = performance.now();
  let calls = 0;
  while (calls < callsARound && (calls < 200 || performance.now() - begun < enoughMs)) {
    if (sideBySide === 1) await send(order);
    else await Promise.all(Array.from({ length: sideBySide }, () => send(order)));
    calls += sideBySide;
  }
  return ((performance.now() - begun) * 1000) / calls;
}

/** @param {keyof typeof stubs} kind @param {number} sideBySide @returns {import("../run.mjs").Measure} */
export const cpu = (kind, sideBySide) => ({
  title: `CPU per call, ${kind === "thin" ? "a thin answer" : "a Response"}, ${sideBySide === 1 ? "one by one" : `${sideBySide} at once`}`,
  what: "over a stubbed fetch that answers at once",
  unit: "µs",
  async measure({ peers, rounds, status }) {
    const real = globalThis.fetch;
    /** @type {any} */ (globalThis).fetch = stubs[kind];
    try {
      const rows = [];
      for (const peer of peers) {
        if (!peer.stubbable) continue;
        const send = await load(peer);
        // Some want more of an answer than a thin one has.
        const fits = await send(order).then(() => true, () => false);
        if (fits) rows.push({ peer: peer.name, send, samples: /** @type {number[]} */ ([]) });
      }
      // The first rounds are for the compilers.
      for (let round = -3; round < rounds; round += 1) {
        status(`round ${round + 1} of ${rounds}`);
        for (const { send, samples } of rows) {
          const took = await run(send, sideBySide);
          if (round >= 0) samples.push(took);
        }
      }
      return rows;
    } finally {
      globalThis.fetch = real;
    }
  },
});
