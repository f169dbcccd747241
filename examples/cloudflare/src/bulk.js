// @ts-check
// POST /api/queue: many commands at once. Each goes through the gateway's own door, so none is let in by another way.

import { basePath, gatewayFor } from "./door.js";
import { badRequest, problemResponse, tooLarge, wrongMethod, wrongType } from "./problems.js";

const mostCommands = 100;
const mostBytes = 65_536;

/** @typedef {{ workflowId: string, command: string, delaySeconds?: number, idempotencyKey?: string }} BulkCommand */

/** @param {Request} request @param {Env} env @param {ExecutionContext} ctx */
export async function bulk(request, env, ctx) {
  if (request.method !== "POST") return problemResponse(wrongMethod, { allow: "POST" });
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) return problemResponse(wrongType);
  if (!(Number(request.headers.get("content-length") ?? NaN) <= mostBytes)) return problemResponse(tooLarge);
  const commands = readCommands(await request.text());
  if (!commands) return problemResponse(badRequest);
  const results = await Promise.all(commands.map((command) => one(request, command, env, ctx)));
  const statuses = new Set(results.map(({ status }) => status));
  // One status for all is the answer's own.
  const status = statuses.size === 1 ? results[0]?.status ?? 500 : 207;
  return Response.json({ commands: results }, { status, headers: { "cache-control": "no-store" } });
}

/** @param {string} text @returns {BulkCommand[] | null} */
function readCommands(text) {
  try {
    const { commands } = JSON.parse(text);
    const isCommand = (/** @type {any} */ item) =>
      typeof item?.workflowId === "string" &&
      typeof item.command === "string" &&
      ["undefined", "number"].includes(typeof item.delaySeconds) &&
      ["undefined", "string"].includes(typeof item.idempotencyKey);
    const isUsable = Array.isArray(commands) && commands.length > 0 && commands.length <= mostCommands && commands.every(isCommand);
    return isUsable ? commands : null;
  } catch {
    return null;
  }
}

/** @param {Request} request @param {BulkCommand} command @param {Env} env @param {ExecutionContext} ctx */
async function one(request, { workflowId, command, delaySeconds = 0, idempotencyKey = crypto.randomUUID() }, env, ctx) {
  const [organization, workflow] = [env.CAMPAIGN_ORGANIZATION, workflowId].map(encodeURIComponent);
  const path = `${basePath}/${organization}/campaign/workflow/execution/${workflow}/commands`;
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  headers.set("prefer", "respond-async");
  headers.set("delay-seconds", String(delaySeconds));
  try {
    headers.set("idempotency-key", idempotencyKey);
  } catch {
    return { ...badRequest };
  }
  const body = JSON.stringify({ method: command });
  const inner = new Request(new URL(path, request.url), { method: "POST", headers, body });
  const answer = await gatewayFor(request, env).fetch(inner, env, ctx);
  return { status: answer.status, .../** @type {Record<string, unknown>} */ (await answer.json()) };
}
