// @ts-check
// What can be looked at: the state of a command, and the history of a workflow. For those who may, like everything.

import { whoMay } from "./authorize.js";
import { idOf, objectFor, readId } from "./ids.js";
import { forbidden, notFound, objectLost, problemResponse, wrongMethod } from "./problems.js";

/**
 * GET /api/queue/<id>, and DELETE to call a command off, for those who may send it.
 * @param {Request} request @param {Env} env @param {string} id
 */
export async function lookAtCommand(request, env, id) {
  const read = readId(id);
  if (!read) return problemResponse(notFound);
  const { key, who, ...target } = read;
  return look(request, env, target, ["GET", "DELETE"], async (object, headers) => {
    let entry = await object.look(who, key);
    if (entry && request.method === "DELETE") {
      if ((await whoMay(request, { ...target, command: entry.command }, env)) === null) return problemResponse(forbidden, headers);
      entry = await object.cancel(who, key);
    }
    return entry && { id: idOf(target, { key, who }), ...target, ...entry };
  });
}

/** GET /api/<organization>/campaign/workflow/execution/<id>/history @param {Request} request @param {Env} env @param {Target} target */
export async function lookAtHistory(request, env, target) {
  return look(request, env, target, ["GET"], async (object) => ({ ...target, commands: await object.history() }));
}

/**
 * @param {Request} request @param {Env} env @param {Target} target @param {readonly string[]} methods
 * @param {(object: WorkflowStub, headers: Record<string, string>) => Promise<object | null>} read
 */
async function look(request, env, target, methods, read) {
  const headers = headersFor(request, env, methods);
  if (headers instanceof Response) return headers;
  if (!isListed(target, env)) return problemResponse(notFound, headers);
  if ((await whoMay(request, { ...target, command: null }, env)) === null) return problemResponse(forbidden, headers);
  try {
    const found = await read(objectFor(env, target), headers);
    if (found instanceof Response) return found;
    return found ? Response.json(found, { headers }) : problemResponse(notFound, headers);
  } catch {
    return problemResponse(objectLost, headers);
  }
}

/**
 * What every answer to somebody who looks has; or the refusal, where they may not ask like this.
 * @param {Request} request @param {Env} env @param {readonly string[]} [methods] @returns {Record<string, string> | Response}
 */
export function headersFor(request, env, methods = ["GET"]) {
  if (!methods.includes(request.method)) return problemResponse(wrongMethod, { allow: methods.join(", ") });
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
