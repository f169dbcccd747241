// @ts-check
// Finds a call's requests in Campaign's log. Only the emulator has a log that the page can read.

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").Call} Call
 * @typedef {import("./store.js").LoggedRequest} LoggedRequest
 * @typedef {import("./emulator-api.js").EmulatorApi} EmulatorApi
 */

const pollIntervalMs = 1000;
/** Longer than a command waits in the gateway and is then sent. */
const pollDurationMs = 15_000;

/** @param {Store} store @param {EmulatorApi} emulator @returns {Promise<number | null>} null: no log, or it can't be read */
export async function lastLogIndex(store, emulator) {
  if (store.state.emulator === false) return null;
  try {
    return (await emulator.log()).at(-1)?.index ?? -1;
  } catch {
    return null;
  }
}

/**
 * Stores the result of a call, together with its requests in Campaign's log.
 * @param {Store} store @param {EmulatorApi} emulator @param {number | null} lastIndex the log's last index before the call
 * @param {Call} call @param {Partial<Call>} result
 */
export async function finishCall(store, emulator, lastIndex, call, result) {
  const campaignLog = lastIndex === null ? null : await requestsSince(emulator, lastIndex, call);
  store.changeCall(call, { ...result, campaignLog });
  // If the page aborted its request, the gateway goes on: it may still send, and Campaign may still respond.
  if (lastIndex !== null && call.requests.at(-1)?.state === "failed") pollLog(store, emulator, lastIndex, call);
}

/** @param {Store} store @param {EmulatorApi} emulator @param {number} lastIndex @param {Call} call */
async function pollLog(store, emulator, lastIndex, call) {
  for (const end = Date.now() + pollDurationMs; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    const campaignLog = await requestsSince(emulator, lastIndex, call);
    // After a reset the log is empty, which says nothing about this call.
    const isChanged =
      campaignLog &&
      campaignLog.length >= (call.campaignLog?.length ?? 0) &&
      JSON.stringify(campaignLog) !== JSON.stringify(call.campaignLog);
    if (isChanged) store.changeCall(call, { campaignLog });
  }
}

/** @param {EmulatorApi} emulator @param {number} lastIndex @param {Call} call */
async function requestsSince(emulator, lastIndex, call) {
  try {
    const log = await emulator.log();
    return log.filter((entry) => entry.index > lastIndex && belongsTo(call, entry));
  } catch {
    return null;
  }
}

/** Whether a logged request can be the call's. Reads are left out: other parts of the page read too. @param {Call} call @param {LoggedRequest} entry */
function belongsTo({ workflowId, workflow, command, activity }, entry) {
  if (activity === null) return entry.workflowId === workflowId && entry.command === command;
  const isTrigger = entry.method === "POST" && /\/trigger\/?$/.test(entry.path);
  return isTrigger && [workflowId, workflow.pkey].includes(entry.workflowId);
}
