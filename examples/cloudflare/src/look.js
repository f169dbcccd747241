// @ts-check
// What can be looked at: the state of a command, and the history of a workflow. For those who may, like everything.

import { whoMay } from "./authorize.js";
import { idOf, readId } from "./ids.js";
import { forbidden, notFound, objectLost, problemResponse, wrongMethod } from "./problems.js";
import { workflowObject } from "./workflow.js";

/** GET /api/queue/<id> @param {Request} request @param {Env} env @param {string} id */
export async function lookAtCommand(request, env, id) {
  const read = readId(id);
  if (!read) return problemResponse(notFound);
  const { key, who, ...target } = read;
  return look(request, env, target, async (object) => {
    const entry = await object.look(who, key);
    return entry && { id: idOf(target, { key, who }), ...target, ...entry };
  });
}

/** GET /api/<organization>/campaign/workflow/execution/<id>/history @param {Request} request @param {Env} env @param {Target} target */
export async function lookAtHistory(request, env, target) {
  return look(request, env, target, async (object) => ({ ...target, commands: await object.history() }));
}

/**
 * @param {Request} request @param {Env} env @param {Target} target
 * @param {(object: import("./workflow.js").WorkflowObject) => Promise<object | null>} read
 */
async function look(request, env, target, read) {
  const headers = headersFor(request, env);
  if (headers instanceof Response) return headers;
  if (!isListed(target, env)) return problemResponse(notFound, headers);
  if ((await whoMay(request, { ...target, command: null }, env)) === null) return problemResponse(forbidden, headers);
  try {
    const found = await read(workflowObject(env, target));
    return found ? Response.json(found, { headers }) : problemResponse(notFound, headers);
  } catch {
    return problemResponse(objectLost, headers);
  }
}

/**
 * What every answer to somebody who looks has; or the refusal, where they may not ask like this.
 * @param {Request} request @param {Env} env @returns {Record<string, string> | Response}
 */
export function headersFor(request, env) {
  if (request.method !== "GET") return problemResponse(wrongMethod, { allow: "GET" });
  const origin = request.headers.get("origin");
  const isForeign = origin !== null && origin !== new URL(request.url).origin;
  if (isForeign && !env.ALLOWED_ORIGINS?.includes(origin)) return problemResponse(forbidden);
  const cors = isForeign ? { "access-control-allow-origin": origin } : {};
  return { ...cors, vary: "Origin", "cache-control": "no-store" };
}

/** Whether the gateway knows the workflow; an object is not even made for another. @param {Target} target @param {Env} env */
function isListed({ organization, workflowId }, { CAMPAIGN_ORGANIZATION, WORKFLOWS }) {
  if (organization !== CAMPAIGN_ORGANIZATION || workflowId === "") return false;
  if (!WORKFLOWS) return true;
  return Array.isArray(WORKFLOWS) ? WORKFLOWS.includes(workflowId) : Object.hasOwn(WORKFLOWS, workflowId);
}
