// @ts-check
// The gateway, with what sends a command once it may be sent: its workflow's Durable Object, now or by the queue.

import { createGateway } from "campaign-workflow/gateway";
import { whoMay } from "./authorize.js";
import { idOf, isKey } from "./ids.js";
import { badDelay, badKey, objectLost, problemResponse } from "./problems.js";
import { longestDelayMs } from "./settings.js";
import { workflowObject } from "./workflow.js";

export const basePath = "/api";

/**
 * One for each origin that the Worker has, as its own pages may ask it too.
 * @type {Map<string, import("campaign-workflow/gateway").Gateway>}
 */
const gateways = new Map();

/** @param {Request} request @param {Env} env */
export function gatewayFor(request, env) {
  const { origin } = new URL(request.url);
  let gateway = gateways.get(origin);
  if (!gateway) {
    gateway = createGateway({
      organization: env.CAMPAIGN_ORGANIZATION,
      workflows: env.WORKFLOWS,
      allowedOrigins: [origin, ...(env.ALLOWED_ORIGINS ?? [])],
      basePath,
      authorize: async (request, asked) => {
        const who = await whoMay(request, asked, env);
        asked.caller = who;
        return who !== null;
      },
      send: (asked) => send(asked, env),
    });
    gateways.set(origin, gateway);
  }
  return gateway;
}

/**
 * @param {import("campaign-workflow/gateway").SentCommand} asked by somebody who may @param {Env} env
 * @returns {Promise<import("campaign-workflow").WorkflowCommandReceipt | Response>}
 */
async function send({ organization, workflowId, command, request, caller }, env) {
  const target = { organization, workflowId };
  const key = request.headers.get("idempotency-key") ?? crypto.randomUUID();
  if (!isKey(key)) return problemResponse(badKey);
  const order = { key, command, who: String(caller) };
  try {
    const object = workflowObject(env, target);
    if (isForLater(request)) return await enqueue(object, target, order, request);
    const answer = await object.send(target, order);
    return "receipt" in answer ? answer.receipt : problemResponse(answer.problem);
  } catch {
    return problemResponse(objectLost);
  }
}

/** @param {Request} request */
function isForLater(request) {
  return /(^|,)\s*respond-async\s*(;|,|$)/i.test(request.headers.get("prefer") ?? "");
}

/** @param {import("./workflow.js").WorkflowObject} object @param {Target} target @param {Order} order @param {Request} request */
async function enqueue(object, target, order, request) {
  const delay = request.headers.get("delay-seconds") ?? "0";
  const delayMs = /^\d{1,5}$/.test(delay) ? Number(delay) * 1000 : Infinity;
  if (delayMs > longestDelayMs) return problemResponse(badDelay);
  const entry = await object.enqueue(target, order, delayMs);
  if ("status" in entry) return problemResponse(entry);
  const id = idOf(target, order.key);
  const headers = { location: `${basePath}/queue/${id}`, "cache-control": "no-store", "preference-applied": "respond-async" };
  return Response.json({ id, ...target, ...entry }, { status: 202, headers });
}
