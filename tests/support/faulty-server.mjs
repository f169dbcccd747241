// @ts-check
// A server on loopback that fails on purpose, byte by byte on the socket, and logs every request.

import { createServer } from "node:net";
import { sleep } from "./wait.mjs";

const CONNECTION_LIMIT_MS = 60_000;

/**
 * What the server does with one request, which it has read whole.
 * @typedef {(reply: Reply) => unknown} Step
 */
/** @typedef {{ headers?: Record<string, string | string[]>, body?: string | Uint8Array, reason?: string }} ResponseParts */

/** A request that the server read, and how far its response came. */
export class ReceivedRequest {
  /** @type {string} */ method = "";
  /** @type {string} */ path = "";
  /** @type {Record<string, string>} by lower-case name */
  headers = {};
  body = "";
  /** How often its command was executed. */
  executed = 0;
  /** Bytes of the response that were handed to the system. */
  written = 0;
  /** Whether client or server has ended or reset the connection. */
  isClosed = false;
  at = performance.now();
  /** When that was. */
  closedAt = NaN;
}

/** Replies to one request. */
export class Reply {
  #socket;
  /** @param {import("node:net").Socket} socket @param {ReceivedRequest} request */
  constructor(socket, request) {
    this.#socket = socket;
    this.request = request;
  }

  /** Counts the command as executed by Campaign. */
  execute() {
    this.request.executed++;
    return this;
  }

  /** @param {string | Uint8Array} data @returns {Promise<boolean>} whether it could be written */
  write(data) {
    return new Promise((resolve) => {
      if (this.request.isClosed || this.#socket.destroyed) return resolve(false);
      this.#socket.write(data, (error) => {
        if (!error) this.request.written += Buffer.byteLength(data);
        resolve(!error);
      });
    });
  }

  /** @param {number} status @param {ResponseParts["headers"]} [headers] @param {string} [reason] any text, valid or not */
  head(status, headers = {}, reason = "Some Reason") {
    const lines = Object.entries({ Connection: "close", ...headers }).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}: ${one}\r\n`),
    );
    return this.write(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`);
  }

  /** Sends a whole response and ends the connection. @param {number} status @param {ResponseParts} [parts] */
  async respond(status, { headers, body = "", reason } = {}) {
    await this.head(status, { "Content-Length": String(Buffer.byteLength(body)), ...headers }, reason);
    await this.write(body);
    this.end();
  }

  /** Sends the same bytes repeatedly, until the client disconnects. @param {string | Uint8Array} data @param {number} [everyMs] */
  async repeat(data, everyMs) {
    const until = performance.now() + CONNECTION_LIMIT_MS;
    while (performance.now() < until && (await this.write(data))) if (everyMs !== undefined) await sleep(everyMs);
  }

  /** Ends the connection normally. */
  end() {
    this.#socket.end();
  }

  /** Resets the connection, as in a crash. What was written before has time to arrive. */
  async reset() {
    await sleep(30);
    this.#socket.resetAndDestroy();
  }
}

export class FaultyServer {
  /** Every request, in order. @type {ReceivedRequest[]} */
  requests = [];
  /** How many connections were made. */
  connections = 0;
  /** Called with each connection before a byte of it is read. @type {((socket: import("node:net").Socket) => void) | undefined} */
  atConnect;
  /** @type {Map<string, Step[]>} */
  #steps = new Map();
  /** @type {Set<import("node:net").Socket>} */
  #sockets = new Set();
  #server = createServer((socket) => this.#serve(socket));

  /** Listens on loopback. It does not keep the process alive. @param {number} [port] */
  async listen(port = 0) {
    await new Promise((resolve, reject) =>
      this.#server.once("error", reject).listen(port, "127.0.0.1", () => resolve(0)),
    );
    this.#server.unref();
    return this;
  }

  /** 0 before it listens. */
  get port() {
    return /** @type {import("node:net").AddressInfo | null} */ (this.#server.address())?.port ?? 0;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sets the steps for the next requests for a workflow, one each. Later requests are accepted. @param {string} workflowId @param {readonly Step[]} steps */
  script(workflowId, steps) {
    this.#steps.set(workflowId, [...steps]);
  }

  /** The requests for one workflow. @param {string} workflowId */
  requestsFor(workflowId) {
    return this.requests.filter(({ path }) => workflowOf(path) === workflowId);
  }

  get openConnections() {
    return this.#sockets.size;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import("node:net").Socket} socket */
  #serve(socket) {
    this.connections++;
    this.#sockets.add(socket);
    /** @type {ReceivedRequest | undefined} */
    let current;
    const markClosed = () => {
      if (!current || current.isClosed) return;
      current.isClosed = true;
      current.closedAt = performance.now();
    };
    socket.setNoDelay(true);
    socket.setTimeout(CONNECTION_LIMIT_MS, () => socket.destroy());
    socket.on("error", markClosed);
    socket.on("end", markClosed);
    socket.on("close", () => {
      markClosed();
      this.#sockets.delete(socket);
    });
    if (this.atConnect) return this.atConnect(socket);

    let received = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      for (let parsed = parse(received); parsed; parsed = parse(received)) {
        received = received.subarray(parsed.length);
        current = parsed.request;
        this.requests.push(current);
        const step = this.#steps.get(workflowOf(current.path))?.shift() ?? accepted;
        // A step that fails is a defect of the test, and fails it.
        Promise.resolve(new Reply(socket, current))
          .then(step)
          .catch((error) =>
            process.nextTick(() => {
              throw error;
            }),
          );
      }
    });
  }
}

/** @type {Step} */
const accepted = (reply) =>
  reply.execute().respond(200, { headers: { "Content-Type": "application/json" }, body: '{"accepted":true}' });

/** The workflow's id in the path of a command. @param {string} path */
const workflowOf = (path) => decodeURIComponent(path.split("/").at(-2) ?? "");

/**
 * The first request in the bytes, if it is complete. The client declares the length of every body.
 * @param {Buffer} bytes @returns {{ request: ReceivedRequest, length: number } | undefined}
 */
function parse(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const request = new ReceivedRequest();
  [request.method = "", request.path = ""] = first.split(" ");
  for (const line of lines) {
    const colon = line.indexOf(":");
    request.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = end + 4 + Number(request.headers["content-length"] ?? 0);
  if (bytes.length < length) return undefined;
  request.body = bytes.toString("utf8", end + 4, length);
  return { request, length };
}
