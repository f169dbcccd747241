// @ts-check
// The trace of a call in two segments: the requests from page to gateway that the page's own fetch recorded, and the requests from
// gateway to Campaign in Campaign's log.

/** @typedef {import("./store.js").Call} Call */

/**
 * @typedef {object} TraceSegment
 * @property {"gateway" | "campaign"} to
 * @property {number | null} count  number of requests; null: not known
 * @property {"good" | "bad" | "none" | "waiting" | "no-response" | "unknown"} state
 * @property {(number | null)[]} statuses of the responses, in order; null: no response
 */

/** @param {Call} call @returns {[TraceSegment, TraceSegment]} */
export function traceOf({ requests, outcome, campaignLog }) {
  const isInFlight = outcome === "in-flight";
  /** @type {TraceSegment} */
  const toGateway = { to: "gateway", count: requests.length, ...stateOf(requests.map(({ status }) => status)) };
  if (requests.at(-1)?.state === "waiting") toGateway.state = "waiting";
  /** @type {TraceSegment} */
  const toCampaign = campaignLog
    ? { to: "campaign", count: campaignLog.length, ...stateOf(campaignLog.map(({ status }) => status)) }
    : { to: "campaign", count: null, state: isInFlight ? "waiting" : "unknown", statuses: [] };
  return [toGateway, toCampaign];
}

/** @param {(number | null)[]} statuses @returns {Pick<TraceSegment, "state" | "statuses">} */
function stateOf(statuses) {
  const last = statuses.at(-1);
  if (last === undefined) return { state: "none", statuses };
  if (last === null) return { state: "no-response", statuses };
  return { state: last < 300 ? "good" : "bad", statuses };
}

/**
 * Explains a segment without requests or with more than one. The value is the end of a text's key.
 * @param {Call} call
 * @returns {"client" | "refused" | "stored" | "early" | "lost" | "repeated-with-key" | "repeated" | "signal" | null}
 */
export function traceExplanation({ requests, outcome, campaignLog, activity }) {
  if (outcome === "in-flight" || !campaignLog) return null;
  if (requests.length === 0) return "client";
  const status = requests.at(-1)?.status ?? null;
  if (activity !== null) return campaignLog.length === 0 && [403, 404].includes(status ?? 0) ? "refused" : "signal";
  const earlier = requests.slice(0, -1);
  if (earlier.some(mayBeExecuted)) {
    const isExecutedOnce = outcome === "accepted" && campaignLog.filter(({ executed }) => executed).length === 1;
    return isExecutedOnce && earlier.some(({ state }) => state === "failed") ? "lost" : "repeated-with-key";
  }
  if (campaignLog.length > 1 || requests.length > 1) return "repeated";
  if (campaignLog.length > 0) return null;
  if (status === null) return "early";
  return status < 300 ? "stored" : "refused";
}

/** Whether a request that failed may have been executed. The client repeats it only with a key. @param {Call["requests"][number]} request */
export function mayBeExecuted({ status, state }) {
  return state === "failed" || [409, 502, 504].includes(status ?? 0);
}

/** Groups equal neighbours: "429 × 3, 200". @param {readonly (number | null)[]} statuses @param {string} noResponse text for null */
export function statusText(statuses, noResponse) {
  /** @type {{ text: string, count: number }[]} */
  const runs = [];
  for (const status of statuses) {
    const text = status === null ? noResponse : String(status);
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count > 1 ? `${text} × ${count}` : text)).join(", ");
}
