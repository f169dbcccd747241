// @ts-check
// The two hops of a call: what the page's own fetch saw go to the gateway, and what Campaign's log says came from there.

/** @typedef {import("./store.js").Call} Call */

/**
 * @typedef {object} Hop
 * @property {"gateway" | "campaign"} to
 * @property {number | null} count  requests; null: not known
 * @property {"good" | "bad" | "none" | "waiting" | "silent" | "unknown"} state
 * @property {(number | null)[]} statuses of the answers, in their order; null: no answer
 */

/** @param {Call} call @returns {[Hop, Hop]} */
export function hopsOf({ exchanges, outcome, witness }) {
  const inFlight = outcome === "flight";
  /** @type {Hop} */
  const toGateway = { to: "gateway", count: exchanges.length, ...stateOf(exchanges.map(({ status }) => status)) };
  if (exchanges.at(-1)?.state === "waiting") toGateway.state = "waiting";
  /** @type {Hop} */
  const toCampaign = witness
    ? { to: "campaign", count: witness.length, ...stateOf(witness.map(({ status }) => status)) }
    : { to: "campaign", count: null, state: inFlight ? "waiting" : "unknown", statuses: [] };
  return [toGateway, toCampaign];
}

/** @param {(number | null)[]} statuses @returns {Pick<Hop, "state" | "statuses">} */
function stateOf(statuses) {
  const last = statuses.at(-1);
  if (last === undefined) return { state: "none", statuses };
  if (last === null) return { state: "silent", statuses };
  return { state: last < 300 ? "good" : "bad", statuses };
}

/**
 * Why a hop has nothing, or more than one request: the end of the key of its sentence.
 * @param {Call} call
 * @returns {"client" | "refused" | "kept" | "early" | "lost" | "keyed" | "repeated" | "signal" | null} null: nothing is to be explained
 */
export function reasonOf({ exchanges, outcome, witness, activity }) {
  if (outcome === "flight" || !witness) return null;
  if (exchanges.length === 0) return "client";
  const status = exchanges.at(-1)?.status ?? null;
  if (activity !== null) return witness.length === 0 && [403, 404].includes(status ?? 0) ? "refused" : "signal";
  const before = exchanges.slice(0, -1);
  if (before.some(leavesDoubt)) {
    const isOnce = outcome === "accepted" && witness.filter(({ executed }) => executed).length === 1;
    return isOnce && before.some(({ state }) => state === "failed") ? "lost" : "keyed";
  }
  if (witness.length > 1 || exchanges.length > 1) return "repeated";
  if (witness.length > 0) return null;
  if (status === null) return "early";
  return status < 300 ? "kept" : "refused";
}

/** Whether the command may have been executed: only one with a key is repeated after that. @param {Call["exchanges"][number]} exchange */
export function leavesDoubt({ status, state }) {
  return state === "failed" || [409, 502, 504].includes(status ?? 0);
}

/** Equal neighbours together: "429 × 3, 200". @param {readonly (number | null)[]} statuses @param {string} none for no answer */
export function statusText(statuses, none) {
  /** @type {{ text: string, count: number }[]} */
  const runs = [];
  for (const status of statuses) {
    const text = status === null ? none : String(status);
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count > 1 ? `${text} × ${count}` : text)).join(", ");
}
