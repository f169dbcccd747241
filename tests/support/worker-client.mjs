// @ts-check
// Somebody who calls the Worker, and notes everything it answers.

import { request } from "node:http";
import { organization, said, secrets } from "./example-worker.mjs";

/** @typedef {{ status: number, headers: Headers, body: any, text: string }} Answered */

/**
 * Each call has a connection of its own: a kept one that workerd has just closed would fail it.
 *
 * @param {URL} url the Worker's @param {string} path
 * @param {{ method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal }} [options]
 *   a header that is "" is left out; a body that is no string goes as JSON
 * @returns {Promise<Answered>}
 */
export async function call(url, path, { method = "GET", body, headers = {}, signal } = {}) {
  const content = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const typed = content
    ? { "content-type": "application/json", "content-length": `${Buffer.byteLength(content)}` }
    : {};
  const own = { authorization: `Bearer ${secrets.gateway}`, ...typed };
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
  said.add(JSON.stringify(pairs) + text);
  const answerHeaders = new Headers(/** @type {[string, string][]} */ (pairs));
  const isJson = /json/.test(answerHeaders.get("content-type") ?? "");
  return { status: response.statusCode ?? 0, headers: answerHeaders, body: isJson ? JSON.parse(text) : null, text };
}

/** @param {string} workflowId @param {string} [last] */
export const pathOf = (workflowId, last = "commands") =>
  `/api/${organization}/campaign/workflow/execution/${workflowId}/${last}`;

/** @param {URL} url @param {string} workflowId @param {string} command @param {Record<string, string>} [headers] */
export const command = (url, workflowId, command, headers = {}) =>
  call(url, pathOf(workflowId), { method: "POST", body: { method: command }, headers });

/** The id that finds a command again. @param {string} workflowId @param {string} key @param {string} [who] whose key it is */
export const idOf = (workflowId, key, who = "bearer of the key") =>
  Buffer.from(JSON.stringify([organization, workflowId, key, who])).toString("base64url");

/** @param {URL} url @param {string} workflowId @param {string} key @param {string} [who] whose key it is */
export const stateOf = (url, workflowId, key, who) => call(url, `/api/queue/${idOf(workflowId, key, who)}`);

/** @param {URL} url @param {string} workflowId @returns {Promise<any[]>} */
export const historyOf = async (url, workflowId) => (await call(url, pathOf(workflowId, "history"))).body.commands;

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {string} what is waited for @param {() => Promise<boolean>} isSo @param {number} [patienceMs]
 */
export async function until(what, isSo, patienceMs = 30_000) {
  const end = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${patienceMs} ms`);
    await pause(50);
  }
}

/** A generator of numbers from 0 to 1 that a seed repeats. @param {number} seed */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
