// @ts-check
// Stands between the fuzzer and the Worker, passes everything on as it is, and keeps both sides of each exchange.

import { Agent, createServer, request } from "node:http";
import { close, listen } from "../../support/listen.mjs";

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} path with the query, as it was sent
 * @property {Record<string, string | undefined>} headers of the request, by lower-case name
 * @property {string} body of the request
 * @property {number} status 0: there was no answer
 * @property {Record<string, string | undefined>} answerHeaders
 * @property {string} answer its body
 */

/** Headers that are the recorder's own matter: answers are to come as they are, without compression. */
const own = ["host", "connection", "transfer-encoding", "accept-encoding"];

/** @param {URL} to the Worker's address */
export async function startRecorder(to) {
  /** @type {Exchange[]} */
  const exchanges = [];
  // A connection that workerd has just closed would fail a call; so each has one of its own.
  const agent = new Agent({ keepAlive: false, maxSockets: 8 });
  // What is odd is the Worker's to refuse, not the recorder's.
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
    // No client can send these at all: the fuzzer tries whether one can.
    if (Object.values(exchange.headers).some((value) => /[^\t\x20-\x7e\x80-\xff]/.test(value ?? "")))
      return void outgoing.destroy();
    exchanges.push(exchange);
    const length =
      body.length > 0 || incoming.headers["transfer-encoding"] ? { "content-length": [`${body.length}`] } : {};
    const passed = request(
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
    passed.on("error", () => outgoing.destroy());
    passed.end(body);
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
