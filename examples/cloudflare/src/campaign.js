// @ts-check
// The call to Campaign, by the package's client.

import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { credentialsOf } from "./credentials.js";
import { notConfigured, problemOf } from "./problems.js";

const mostRepetitions = 2;

/** A longer wait is left to the caller: the Worker does not know how much time they have, and other commands wait for their turn. */
const longestWaitMs = 2000;

/**
 * Repeats a command that was certainly not executed, if the wait before that is short.
 * @param {Target & { command: WorkflowCommand }} command @param {Env} env @param {import("./settings.js").Settings} settings
 * @param {() => number} left milliseconds for all of it
 * @returns {Promise<Answer>}
 */
export async function sendToCampaign(command, env, { attemptTimeoutMs }, left) {
  for (let repetitions = 0; ; repetitions += 1) {
    const answer = await sendOnce({ ...command, timeoutMs: left(), attemptTimeoutMs, maxRetries: 0 }, env);
    const waitMs = "problem" in answer ? waitBefore(answer.problem, repetitions) : null;
    if (waitMs === null || repetitions === mostRepetitions || waitMs > Math.min(longestWaitMs, left() / 2)) return answer;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/**
 * @param {import("campaign-workflow").WorkflowCommandRequest} request @param {Env} env
 * @returns {Promise<Answer>}
 */
async function sendOnce(request, env) {
  const baseUrl = env.CAMPAIGN_URL;
  try {
    return { receipt: await sendWorkflowCommand({ ...request, ...credentialsOf(env), ...(baseUrl ? { baseUrl } : {}) }) };
  } catch (error) {
    // The client rejects with nothing else: anything else came before it was called.
    return { problem: isWorkflowCommandError(error) ? problemOf(error) : notConfigured };
  }
}

/** @param {Problem} problem @param {number} repetitions so far @returns {number | null} null: it is not repeated */
function waitBefore({ code, outcome, retryAfterMs }, repetitions) {
  if (outcome === "unknown") return null;
  if (code === "server-error") return retryAfterMs;
  const backoffMs = 500 * 2 ** repetitions * Math.random();
  return code === "rate-limited" || code === "unreachable" ? (retryAfterMs ?? backoffMs) : null;
}
