// @ts-check
// The gateway, with what sends a command once it may be sent: its workflow's Durable Object, now or by the queue. Reading and
// signals go to Campaign directly, as there is nothing to keep of them.

import { createGateway } from "campaign-workflow/cloudflare";
import { whoMay } from "./authorize.js";
import { credentialsOf } from "./credentials.js";
import { idOf, objectFor } from "./ids.js";
import { badDelay, objectLost, problemResponse } from "./problems.js";
import { longestDelayMs, settingsOf } from "./settings.js";

export const basePath = "/api";

/** An outcome that the object knows must get here before the gateway's deadline. */
const wayBackMs = 1000;

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
    gateway = makeGateway(origin, env);
    gateways.set(origin, gateway);
  }
  return gateway;
}

/** @param {string} origin @param {Env} env */
function makeGateway(origin, env) {
  const { timeoutMs, attemptTimeoutMs } = settingsOf(env);
  /** @type {import("campaign-workflow/gateway").GatewayOptions} */
  const options = {
    organization: env.CAMPAIGN_ORGANIZATION,
    workflows: env.WORKFLOWS,
    allowedOrigins: [origin, ...(env.ALLOWED_ORIGINS ?? [])],
    basePath,
    timeoutMs,
    authorize: async (request, asked) => {
      const { command } = asked;
      const who = await whoMay(request, { ...asked, command: command === "read" ? null : command }, env);
      asked.caller = who;
      return who !== null;
    },
    send: (asked) => send(asked, env),
  };
  try {
    return createGateway({ ...options, ...credentialsOf(env), baseUrl: env.CAMPAIGN_URL, attemptTimeoutMs });
  } catch {
    // What is wrong with the credentials is told at the first command. Nothing can be read without them.
    return createGateway(options);
  }
}

/**
 * @param {import("campaign-workflow/gateway").SentCommand} asked by somebody who may @param {Env} env
 * @returns {Promise<import("campaign-workflow").WorkflowCommandReceipt | Response>}
 */
async function send({ organization, workflowId, command, request, caller, idempotencyKey, timeoutMs }, env) {
  const target = { organization, workflowId };
  const order = { key: idempotencyKey ?? crypto.randomUUID(), command, who: String(caller) };
  try {
    const object = objectFor(env, target);
    if (isForLater(request)) return await enqueue(object, target, order, request);
    const { receipt, problem, isStored } = await object.send(target, order, Math.max(1, timeoutMs - wayBackMs));
    if (receipt) return { workflowId, command, ...receipt };
    // Nobody can repeat a key that the Worker made up.
    return problemResponse(isStored && idempotencyKey !== null ? { ...problem, stored: true } : problem);
  } catch {
    return problemResponse(objectLost);
  }
}

/** @param {Request} request */
function isForLater(request) {
  return /(^|,)\s*respond-async\s*(;|,|$)/i.test(request.headers.get("prefer") ?? "");
}

/** @param {WorkflowStub} object @param {Target} target @param {Order} order @param {Request} request */
async function enqueue(object, target, order, request) {
  const delay = request.headers.get("delay-seconds") ?? "0";
  const delayMs = /^\d{1,6}$/.test(delay) ? Number(delay) * 1000 : Infinity;
  if (delayMs > longestDelayMs) return problemResponse(badDelay);
  const { entry, problem, isStored } = await object.enqueue(target, order, delayMs);
  // A command that has failed is no success to whoever repeats its key.
  if (problem) return problemResponse(isStored ? { ...problem, stored: true } : problem);
  const id = idOf(target, order);
  const headers = { location: `${basePath}/queue/${id}`, "cache-control": "no-store", "preference-applied": "respond-async" };
  return Response.json({ id, ...target, ...entry }, { status: 202, headers });
}
