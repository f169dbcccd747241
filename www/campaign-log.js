// @ts-check
// What Campaign's own log says of a call. Only the emulator has one: elsewhere nothing is known.

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 * @typedef {import("./emulator-api.js").LocalCampaign} LocalCampaign
 */

const lookAgainMs = 1000;
/** Longer than a command waits in the gateway and is then sent. */
const followedMs = 15_000;

/** @param {Store} store @param {LocalCampaign} campaign @returns {Promise<number | null>} null: there is no log, or it can't be read */
export async function newestIndex(store, campaign) {
  if (store.now.emulator === false) return null;
  try {
    return (await campaign.log()).at(-1)?.index ?? -1;
  } catch {
    return null;
  }
}

/**
 * Tells how a call ended, with what the log says of it since then.
 * @param {Store} store @param {LocalCampaign} campaign @param {number | null} seen @param {Call} call @param {Partial<Call>} end
 */
export async function settle(store, campaign, seen, call, end) {
  const witness = seen === null ? null : await requestsSince(campaign, seen, call);
  store.changeCall(call, { ...end, witness });
  // Who went away does not end what the gateway does: it may still send, and Campaign may still answer.
  if (seen !== null && call.exchanges.at(-1)?.state === "failed") follow(store, campaign, seen, call);
}

/** @param {Store} store @param {LocalCampaign} campaign @param {number} seen @param {Call} call */
async function follow(store, campaign, seen, call) {
  for (const end = Date.now() + followedMs; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    const witness = await requestsSince(campaign, seen, call);
    // After a reset the log begins anew, and knows nothing of this call.
    const isNews =
      witness &&
      witness.length >= (call.witness?.length ?? 0) &&
      JSON.stringify(witness) !== JSON.stringify(call.witness);
    if (isNews) store.changeCall(call, { witness });
  }
}

/** @param {LocalCampaign} campaign @param {number} seen @param {Call} call */
async function requestsSince(campaign, seen, call) {
  try {
    const log = await campaign.log();
    return log.filter((entry) => entry.index > seen && isOf(call, entry));
  } catch {
    return null;
  }
}

/** Whether a request may be this call's. What reads the workflow may be anybody's. @param {Call} call @param {LoggedRequest} entry */
function isOf({ workflowId, workflow, command, activity }, entry) {
  if (activity === null) return entry.workflowId === workflowId && entry.command === command;
  const isTrigger = entry.method === "POST" && /\/trigger\/?$/.test(entry.path);
  return isTrigger && [workflowId, workflow.pkey].includes(entry.workflowId);
}
