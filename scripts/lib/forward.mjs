// @ts-check
// A request that another server of this machine answers. Both pass as they are: nothing is followed, repeated or decoded, and
// whoever goes away ends it. For the demo's trials, an answer can be lost.

import { request as send } from "node:http";
import { buffer } from "node:stream/consumers";

/** What is between two neighbours on the way, and not for the third. */
const betweenNeighbours = ["connection", "keep-alive", "transfer-encoding"];

/**
 * @param {Request} request @param {URL} server
 * @returns {Promise<Response>} 502 where the server gives no whole answer
 */
export async function passOn(request, server) {
  const { pathname, search } = new URL(request.url);
  const { method, signal } = request;
  const headers = Object.fromEntries([...request.headers].filter(([name]) => !betweenNeighbours.includes(name)));
  const target = { host: server.hostname, port: server.port, path: pathname + search };
  try {
    const body = Buffer.from(await request.arrayBuffer());
    // No agent: a connection of its own for each, so that none breaks because it was used before.
    const outgoing = send({ ...target, method, headers, signal, agent: false });
    /** @type {Promise<import("node:http").IncomingMessage>} */
    const answered = new Promise((resolve, reject) => outgoing.once("response", resolve).once("error", reject));
    outgoing.end(body);
    return await responseOf(await answered);
  } catch {
    return new Response("The gateway Worker gave no answer.\n", { status: 502 });
  }
}

/**
 * Passes requests on, and loses the answers it was told to lose: the server gets the request and answers, but whoever asked
 * waits until they give up. A connection that breaks would not do: Chromium repeats the request by itself then.
 */
export class LossyWay {
  /** The workflows whose next command gets no answer. @type {Set<string>} */
  #losing = new Set();

  /** @param {Request} request `POST {"workflowId"}` loses one answer; `DELETE` takes that back */
  async control(request) {
    if (request.method === "DELETE") {
      this.#losing.clear();
      return new Response(null, { status: 204 });
    }
    const { workflowId } = (await request.json().catch(() => null)) ?? {};
    if (request.method !== "POST" || typeof workflowId !== "string")
      return new Response("Not usable.\n", { status: 400 });
    this.#losing.add(workflowId);
    return new Response(null, { status: 204 });
  }

  /** @param {Request} request @param {URL} server @returns {Promise<Response>} */
  async passOn(request, server) {
    const [, workflowId = ""] = /\/execution\/([^/]+)\/commands$/.exec(new URL(request.url).pathname) ?? [];
    // Only the first: the client's repetition gets its answer.
    const isLost = this.#losing.delete(workflowId);
    const response = await passOn(request, server);
    if (isLost) await left(request.signal);
    return response;
  }
}

/** @param {AbortSignal} signal of a request */
function left(signal) {
  return new Promise((resolve) =>
    signal.aborted ? resolve(undefined) : signal.addEventListener("abort", resolve, { once: true }),
  );
}

/** @param {import("node:http").IncomingMessage} incoming */
async function responseOf(incoming) {
  const status = incoming.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (!betweenNeighbours.includes(name)) for (const value of values ?? []) headers.append(name, value);
  }
  const body = await buffer(incoming);
  return new Response(body.length > 0 ? body : null, { status, headers });
}
