// @ts-check
// A proxy between two servers: forwards HTTP requests, and applies the faults that a test sets for a workflow.

import { createServer, request as httpRequest } from "node:http";
import { close, listen } from "./listen.mjs";
import { sleep } from "./wait.mjs";

/** The longest exchange. */
const limitMs = 40_000;

/**
 * @typedef {object} Fault
 * @property {"pass" | "reset" | "hold-request" | "lose-response" | "cut-response" | "delay-response" | "replace-body"} kind
 *   pass: no fault; reset: the connection ends before the request is forwarded; hold-request: it is forwarded late, even if the caller has left;
 *   lose-response: the connection ends once the server has responded; cut-response: half of the response's body arrives, then the
 *   connection ends; replace-body: the response arrives with another body
 * @property {number} [delayMs] for "hold-request" and "delay-response"
 * @property {Buffer} [text] for "replace-body"
 */
/** @typedef {{ url: string, workflowId: string, key: string | null }} ProxiedRequest */

/**
 * @param {string} target the origin of the server @param {(text: string) => void} [onResponse] gets every response that is sent on
 */
export async function startProxy(target, onResponse = () => {}) {
  /** @type {Map<string, Fault[]>} */
  const faults = new Map();
  /** @type {ProxiedRequest[]} */
  const requests = [];
  let faultsApplied = 0;

  const server = createServer(async (incoming, outgoing) => {
    outgoing.shouldKeepAlive = false;
    outgoing.on("error", () => {});
    const url = incoming.url ?? "/";
    const workflowId = /\/execution\/([^/?]+)/.exec(url)?.[1] ?? "";
    const key = incoming.headers["idempotency-key"];
    requests.push({ url, workflowId, key: typeof key === "string" ? key : null });
    const fault = faults.get(workflowId)?.shift() ?? null;
    if (fault && fault.kind !== "pass") faultsApplied += 1;
    try {
      const body = Buffer.concat(await incoming.toArray());
      if (fault?.kind === "reset") return void incoming.socket.resetAndDestroy();
      if (fault?.kind === "hold-request") await sleep(fault.delayMs ?? 0, undefined, { ref: false });
      const callerLeft = new AbortController();
      // The server sees that the caller has left, unless the request is held in the network.
      if (fault?.kind !== "hold-request") outgoing.once("close", () => callerLeft.abort());
      const response = await forward(new URL(url, proxy.target), incoming, body, callerLeft.signal);
      if (fault?.kind === "delay-response") await sleep(fault.delayMs ?? 0, undefined, { ref: false });
      if (fault?.kind === "replace-body" && fault.text) replaceBody(response, fault.text);
      if (outgoing.destroyed) return;
      if (fault?.kind === "lose-response") return void incoming.socket.resetAndDestroy();
      onResponse(`${response.status} ${response.headers.join("\n")} ${response.body}`);
      outgoing.writeHead(response.status, response.headers);
      if (fault?.kind === "cut-response")
        outgoing.write(response.body.subarray(0, response.body.length / 2), () => incoming.socket.destroy());
      else outgoing.end(response.body);
    } catch {
      // One side has closed its connection, so the other one is closed too.
      incoming.socket.resetAndDestroy();
    }
  });
  const url = await listen(server);

  const proxy = {
    url,
    target,
    /** Faults for the next requests for a workflow, one each. @param {string} workflowId @param {...Fault} next */
    addFaults(workflowId, ...next) {
      faults.set(workflowId, [...(faults.get(workflowId) ?? []), ...next]);
    },
    /** All requests for a workflow. @param {string} workflowId */
    requestsFor: (workflowId) => requests.filter((one) => one.workflowId === workflowId),
    /** How many requests had a fault. */
    faultsApplied: () => faultsApplied,
    close: () => close(server),
  };
  return proxy;
}

/** @typedef {Awaited<ReturnType<typeof startProxy>>} Proxy */

/**
 * @param {URL} url @param {import("node:http").IncomingMessage} incoming @param {Buffer} body @param {AbortSignal} signal
 * @returns {Promise<{ status: number, headers: string[], body: Buffer }>} headers: names and values in turn
 */
function forward(url, { method, rawHeaders }, body, signal) {
  return new Promise((resolve, reject) => {
    const headers = [...endToEnd(rawHeaders), ...(method === "GET" ? [] : lengthOf(body))];
    const options = { method, headers, agent: false, signal, timeout: limitMs };
    const upstream = httpRequest(url, /** @type {any} */ (options), async (response) => {
      try {
        const whole = Buffer.concat(await response.toArray());
        resolve({
          status: response.statusCode ?? 502,
          headers: [...endToEnd(response.rawHeaders), ...lengthOf(whole)],
          body: whole,
        });
      } catch (error) {
        reject(error);
      }
    });
    upstream.on("timeout", () => upstream.destroy());
    upstream.on("error", reject);
    upstream.end(body);
  });
}

/** @param {Awaited<ReturnType<typeof forward>>} response @param {Buffer} text */
function replaceBody(response, text) {
  response.body = text;
  response.headers = ["content-type", "text/plain", ...lengthOf(text)];
}

/** Each connection has its own way to say where a body ends. */
const hopByHop = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/** @param {string[]} raw names and values in turn */
const endToEnd = (raw) => raw.filter((_, index) => !hopByHop.includes((raw[index - (index % 2)] ?? "").toLowerCase()));

/** @param {Buffer} body */
const lengthOf = (body) => ["content-length", `${body.length}`];
