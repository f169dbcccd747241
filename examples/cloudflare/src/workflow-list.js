// @ts-check
// GET /api/workflows: the workflows of the variable WORKFLOWS, and what whoever asks may do with each. A page shows this, and reads
// each workflow through the gateway.

import { whoMay } from "./authorize.js";
import { headersFor } from "./look.js";
import { forbidden, problemResponse } from "./problems.js";

/** What the gateway can be asked for, as it stands in the allow-list. */
const operations = /** @type {const} */ (["read", "start", "pause", "resume", "stop", "signal"]);

/** @typedef {typeof operations[number]} Operation */

/** @param {Request} request @param {Env} env */
export async function listWorkflows(request, env) {
  const headers = headersFor(request, env);
  if (headers instanceof Response) return headers;
  const listed = await Promise.all(allowed(env).map(async ([id, words]) => ({ id, may: await granted(request, env, id, words) })));
  const readable = listed.filter(({ may }) => may.includes("read"));
  // As for every workflow that they may not read: who may look at nothing learns nothing, not even that there is none.
  return readable.length > 0 ? Response.json({ workflows: readable }, { headers }) : problemResponse(forbidden, headers);
}

/** @param {Env} env @returns {[string, readonly Operation[]][]} */
function allowed({ WORKFLOWS = [] }) {
  if (!Array.isArray(WORKFLOWS)) return Object.entries(WORKFLOWS);
  return WORKFLOWS.map((id) => [id, operations]);
}

/** @param {Request} request @param {Env} env @param {string} workflowId @param {readonly Operation[]} words */
async function granted(request, env, workflowId, words) {
  const asked = operations.filter((word) => words.includes(word));
  const organization = env.CAMPAIGN_ORGANIZATION;
  // To read is to look, for which there is no command.
  const commands = asked.map((word) => (word === "read" ? null : word));
  const answers = await Promise.all(commands.map((command) => whoMay(request, { organization, workflowId, command }, env)));
  return asked.filter((_, index) => answers[index] !== null);
}
