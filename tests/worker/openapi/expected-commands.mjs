// @ts-check
// What Campaign should have executed, computed from the requests and their responses. It shares no code with the Worker.

import { organization, secrets } from "../../support/secrets.mjs";

/** @typedef {import("./recording-proxy.mjs").Exchange} Exchange */

const commands = ["start", "pause", "resume", "stop"];
const key = /^[!-~]{1,255}$/;
const below = `/api/${organization}/campaign/workflow/execution/`;

/** The workflow's id and the rest of a path, or null if it is not below the organization's workflows. @param {string} path */
function partsOf(path) {
  const [plain = ""] = path.split("?");
  if (!plain.startsWith(below)) return null;
  const [id = "", ...rest] = plain.slice(below.length).split("/");
  return { id: decoded(id), rest: rest.map(decoded) };
}

/** @param {string} segment */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** @param {string} text @returns {any} */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the caller has any rights. @param {Exchange} exchange @param {string} page */
const hasRights = ({ headers }, page) =>
  headers["authorization"] === `Bearer ${secrets.callerKey}` && [undefined, page].includes(headers["origin"]);

/** @param {Exchange} exchange */
const isJson = ({ headers }) =>
  /^application\/json\s*(;\s*charset="?utf-8"?\s*)?;?\s*$/i.test(headers["content-type"] ?? "");

/** The command of a valid request, or the reason why it is invalid. @param {Exchange} exchange */
function commandOf({ headers, body, ...rest }) {
  const { method, ...more } = json(body) ?? {};
  if (!isJson({ headers, body, ...rest })) return { why: "content type" };
  if (!commands.includes(method) || Object.keys(more).length > 0) return { why: "body" };
  const { "idempotency-key": given, "delay-seconds": delay, prefer = "" } = headers;
  if (given !== undefined && !key.test(given)) return { why: "key" };
  const isForLater = prefer.split(",").some((one) => /^\s*respond-async\s*(;|$)/i.test(one));
  if (delay !== undefined && !(isForLater && /^\d{1,7}$/.test(delay) && Number(delay) <= 604_800))
    return { why: "delay" };
  return { command: /** @type {string} */ (method), key: given, isForLater };
}

/**
 * @param {readonly Exchange[]} exchanges @param {{ page: string, commanded: readonly string[] }} setting
 */
export function expectedOf(exchanges, { page, commanded }) {
  /** Requests that were accepted although they should not have been, or the other way round. @type {string[]} */
  const wrong = [];
  /** How often each command was accepted at once, by "workflow command". @type {Map<string, number>} */
  const accepted = new Map();
  /** The queued commands, by id. @type {Map<string, { workflowId: string, command: string }>} */
  const taken = new Map();
  /** How often a signal was triggered, by workflow. @type {Map<string, number>} */
  const signals = new Map();
  const seenKeys = new Set();
  const count = (/** @type {Map<string, number>} */ counts, /** @type {string} */ name) =>
    counts.set(name, (counts.get(name) ?? 0) + 1);
  /** @param {any} entry @param {string} what */
  const take = (entry, what) => {
    if (!commanded.includes(entry?.workflowId) || typeof entry.id !== "string")
      wrong.push(`${what}: taken for ${entry?.workflowId}`);
    else taken.set(entry.id, { workflowId: entry.workflowId, command: entry.command });
  };

  for (const exchange of exchanges) {
    const { method, path, status, answer, answerHeaders } = exchange;
    const what = `${method} ${path} ${exchange.body.slice(0, 200)} → ${status}`;
    const parts = partsOf(path);
    const isSuccess = status >= 200 && status < 300;
    const isAllowed = hasRights(exchange, page);
    if (isSuccess && method !== "OPTIONS" && !isAllowed) wrong.push(`${what}: the caller may not ask`);
    if (method !== "POST") continue;
    const id = parts?.id ?? "";
    const last = parts?.rest.join("/") ?? "";
    if (parts && last === "commands") {
      const requested = commandOf(exchange);
      const isInOrder = requested.command !== undefined && isAllowed && commanded.includes(id);
      if (isSuccess && !isInOrder) wrong.push(`${what}: ${requested.why ?? "not for this caller or workflow"}`);
      // A valid request is refused only because of earlier ones.
      if (isInOrder && [400, 403, 404, 405, 413, 415, 500].includes(status)) wrong.push(`${what}: it is in order`);
      if (!isSuccess || requested.command === undefined) continue;
      const isTaken = answerHeaders["preference-applied"] === "respond-async";
      if (isTaken !== requested.isForLater) wrong.push(`${what}: ${isTaken ? "queued" : "sent at once"}`);
      if (isTaken) take(json(answer), what);
      else if (requested.key === undefined || !seenKeys.has(`${id} ${requested.key}`))
        count(accepted, `${id} ${requested.command}`);
      if (!isTaken) seenKeys.add(`${id} ${requested.key}`);
    } else if (parts && /^dead\/\d+$/.test(last)) {
      if (isSuccess) take(json(answer), what);
    } else if (parts && /^activities\/activity\/.+\/trigger\/?$/s.test(last)) {
      if (isSuccess) count(signals, id);
      if (isSuccess && !(isJson(exchange) && typeof json(exchange.body)?.source === "string"))
        wrong.push(`${what}: no signal`);
    } else if (path.split("?")[0] === "/api/queue") {
      const [requested, reported] = [json(exchange.body)?.commands, json(answer)?.commands];
      for (const [index, result] of (reported ?? []).entries()) {
        if (result.status !== 202) continue;
        take(result, what);
        if (requested?.[index]?.workflowId !== result.workflowId || requested[index].command !== result.command)
          wrong.push(`${what}: another command`);
      }
    } else if (isSuccess) wrong.push(`${what}: nothing is served there`);
  }
  return { wrong, accepted, taken, signals };
}
