// @ts-check
// A proxy between the fuzzer and the Worker that forwards everything unchanged, and records each exchange.

import { Agent, createServer, request } from "node:http";
import { close, listen } from "../../support/listen.mjs";

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} path with the query, as it was sent
 * @property {Record<string, string | undefined>} headers of the request, by lower-case name
 * @property {string} body of the request
 * @property {number} status 0: there was no response
 * @property {Record<string, string | undefined>} answerHeaders
 * @property {string} answer its body
 */

/** Headers of the proxy's own connection. Without accept-encoding, responses are not compressed. */
const own = ["host", "connection", "transfer-encoding", "accept-encoding"];

/** @param {URL} to the Worker's address */
export async function startRecorder(to) {
  /** @type {Exchange[]} */
  const exchanges = [];
  // Each request has its own connection, because one that workerd has just closed would fail it.
  const agent = new Agent({ keepAlive: false, maxSockets: 8 });
  // Invalid requests are for the Worker to refuse.
  const server = createServer({ insecureHTTPParser: true, keepAliveTimeout: 60_000 }, async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray());
    const { method = "", url = "" } = incoming;
    const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
      own.includes(name) ? [] : [[name, values]],
    );
    /** @type {Exchange} */
    const exchange = {
      method,
      path: url,
      headers: joined(incoming.headersDistinct),
      body: body.toString(),
      status: 0,
      answerHeaders: {},
      answer: "",
    };
    // Header values that no client can send, which the fuzzer tries.
    if (Object.values(exchange.headers).some((value) => /[^\t\x20-\x7e\x80-\xff]/.test(value ?? "")))
      return void outgoing.destroy();
    exchanges.push(exchange);
    const length =
      body.length > 0 || incoming.headers["transfer-encoding"] ? { "content-length": [`${body.length}`] } : {};
    const forwarded = request(
      {
        host: to.hostname,
        port: to.port,
        method,
        path: url,
        headers: { ...Object.fromEntries(headers), ...length },
        agent,
        insecureHTTPParser: true,
      },
      async (response) => {
        const answer = Buffer.concat(await response.toArray());
        Object.assign(exchange, {
          status: response.statusCode ?? 0,
          answerHeaders: joined(response.headersDistinct),
          answer: answer.toString(),
        });
        const kept = Object.entries(response.headersDistinct).filter(
          ([name]) => name !== "transfer-encoding" && name !== "connection",
        );
        outgoing.writeHead(
          exchange.status,
          /** @type {any} */ ({
            ...Object.fromEntries(kept),
            ...(method === "HEAD" ? {} : { "content-length": answer.length }),
          }),
        );
        outgoing.end(answer);
      },
    );
    forwarded.on("error", () => outgoing.destroy());
    forwarded.end(body);
  });
  const url = new URL(await listen(server));
  return {
    exchanges,
    url,
    async close() {
      agent.destroy();
      await close(server);
    },
  };
}

/** @param {NodeJS.Dict<string[]>} headers @returns {Exchange["headers"]} */
const joined = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values?.join(", ")]));
