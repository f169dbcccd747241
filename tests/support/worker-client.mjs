// @ts-check
// An HTTP client of the Worker. Every response is collected, for the search for secrets.

import { request } from "node:http";
import { collect, organization, secrets } from "./secrets.mjs";

/** @typedef {{ status: number, headers: Headers, body: any, text: string }} WorkerResponse */

/**
 * Each call has its own connection: a kept one that workerd has just closed would fail it.
 *
 * @param {URL} url the Worker's @param {string} path
 * @param {{ method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal }} [options]
 *   a header that is "" is left out; a body that is not a string is sent as JSON
 * @returns {Promise<WorkerResponse>}
 */
export async function call(url, path, { method = "GET", body, headers = {}, signal } = {}) {
  const content = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const typed = content
    ? { "content-type": "application/json", "content-length": `${Buffer.byteLength(content)}` }
    : {};
  const own = { authorization: `Bearer ${secrets.callerKey}`, ...typed };
  const sent = Object.fromEntries(Object.entries({ ...own, ...headers }).filter(([, value]) => value !== ""));
  /** @type {import("node:http").IncomingMessage} */
  const response = await new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, url),
      { method, headers: sent, agent: false, ...(signal ? { signal } : {}) },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(content);
  });
  const text = Buffer.concat(await response.toArray()).toString();
  const pairs = Object.entries(response.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  collect(JSON.stringify(pairs) + text);
  const responseHeaders = new Headers(/** @type {[string, string][]} */ (pairs));
  const isJson = /json/.test(responseHeaders.get("content-type") ?? "");
  return { status: response.statusCode ?? 0, headers: responseHeaders, body: isJson ? JSON.parse(text) : null, text };
}

/** @param {string} workflowId @param {string} [last] */
export const pathOf = (workflowId, last = "commands") =>
  `/api/${organization}/campaign/workflow/execution/${workflowId}/${last}`;

/** @param {URL} url @param {string} workflowId @param {string} command @param {Record<string, string>} [headers] */
export const command = (url, workflowId, command, headers = {}) =>
  call(url, pathOf(workflowId), { method: "POST", body: { method: command }, headers });

/** The id of a queued command. @param {string} workflowId @param {string} key @param {string} [who] whose key it is */
export const idOf = (workflowId, key, who = "bearer of the key") =>
  Buffer.from(JSON.stringify([organization, workflowId, key, who])).toString("base64url");

/** @param {URL} url @param {string} workflowId @param {string} key @param {string} [who] whose key it is */
export const stateOf = (url, workflowId, key, who) => call(url, `/api/queue/${idOf(workflowId, key, who)}`);

/** @param {URL} url @param {string} workflowId @returns {Promise<any[]>} */
export const historyOf = async (url, workflowId) => (await call(url, pathOf(workflowId, "history"))).body.commands;
