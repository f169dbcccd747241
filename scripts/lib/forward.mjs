// @ts-check
// Forwards requests of the demo server to the gateway Worker unchanged: no redirect is followed, nothing is repeated or decoded, and
// an abort of the caller aborts the request. For the failure cases, it can lose a response.

import { request as send } from "node:http";
import { buffer } from "node:stream/consumers";

/** Headers that describe one connection only. */
const hopByHopHeaders = ["connection", "keep-alive", "transfer-encoding"];

/**
 * @param {Request} request @param {URL} server
 * @returns {Promise<Response>} 502 if the server sends no complete response
 */
export async function forward(request, server) {
  const { pathname, search } = new URL(request.url);
  const { method, signal } = request;
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !hopByHopHeaders.includes(name)));
  const target = { host: server.hostname, port: server.port, path: pathname + search };
  try {
    const body = Buffer.from(await request.arrayBuffer());
    // No agent: a new connection for each request, because a reused one may be closing.
    const outgoing = send({ ...target, method, headers, signal, agent: false });
    /** @type {Promise<import("node:http").IncomingMessage>} */
    const incoming = new Promise((resolve, reject) => outgoing.once("response", resolve).once("error", reject));
    outgoing.end(body);
    return await responseOf(await incoming);
  } catch {
    return new Response("The gateway Worker did not respond.\n", { status: 502 });
  }
}

/**
 * Forwards requests and loses responses on demand: the server gets the request and responds, but the caller waits until it aborts.
 * Breaking the connection would not do, because Chromium then repeats the request by itself.
 */
export class LossyForwarder {
  /** The workflows whose next command gets no response. @type {Set<string>} */
  #losing = new Set();

  /** @param {Request} request `POST {"workflowId"}` loses one response; `DELETE` cancels that */
  async control(request) {
    if (request.method === "DELETE") {
      this.#losing.clear();
      return new Response(null, { status: 204 });
    }
    const { workflowId } = (await request.json().catch(() => null)) ?? {};
    if (request.method !== "POST" || typeof workflowId !== "string")
      return new Response('Send POST {"workflowId": "…"} or DELETE.\n', { status: 400 });
    this.#losing.add(workflowId);
    return new Response(null, { status: 204 });
  }

  /** @param {Request} request @param {URL} server @returns {Promise<Response>} */
  async forward(request, server) {
    const [, workflowId = ""] = /\/execution\/([^/]+)\/commands$/.exec(new URL(request.url).pathname) ?? [];
    // Only once: the client's repeated request gets its response.
    const isLost = this.#losing.delete(workflowId);
    const response = await forward(request, server);
    if (isLost) await aborted(request.signal);
    return response;
  }
}

/** Resolves when the signal aborts. @param {AbortSignal} signal */
function aborted(signal) {
  return new Promise((resolve) =>
    signal.aborted ? resolve(undefined) : signal.addEventListener("abort", resolve, { once: true }),
  );
}

/** @param {import("node:http").IncomingMessage} incoming */
async function responseOf(incoming) {
  const status = incoming.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (!hopByHopHeaders.includes(name)) for (const value of values ?? []) headers.append(name, value);
  }
  const body = await buffer(incoming);
  return new Response(body.length > 0 ? body : null, { status, headers });
}
