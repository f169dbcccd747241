// @ts-check
// A server on loopback that does wrong things on purpose, byte by byte on the socket, and the witness of what reached it.

import { createServer } from "node:net";
import { sleep } from "./wait.mjs";

const CONNECTION_LIMIT_MS = 60_000;

/**
 * What happens to one request; the server reads all of the request first.
 * @typedef {(wire: Wire) => unknown} Step
 */
/** @typedef {{ headers?: Record<string, string | string[]>, body?: string | Uint8Array, reason?: string }} AnswerParts */

/** One request as it reached the server, and what became of its answer. */
export class Seen {
  /** @type {string} */ method = "";
  /** @type {string} */ path = "";
  /** @type {Record<string, string>} by lower-case name */
  headers = {};
  body = "";
  /** How often the command in it was carried out. */
  executed = 0;
  /** Bytes of the answer that the system took. */
  written = 0;
  /** Whether the client has ended or reset the connection, or the server itself has. */
  gone = false;
  at = performance.now();
  /** When it was gone. */
  goneAt = NaN;
}

/** The answering side of one request. */
export class Wire {
  #socket;
  /** @param {import("node:net").Socket} socket @param {Seen} seen */
  constructor(socket, seen) {
    this.#socket = socket;
    this.seen = seen;
  }

  /** Campaign takes the command: from here on it was executed. */
  execute() {
    this.seen.executed++;
    return this;
  }

  /** @param {string | Uint8Array} data @returns {Promise<boolean>} whether it could be written */
  write(data) {
    return new Promise((resolve) => {
      if (this.seen.gone || this.#socket.destroyed) return resolve(false);
      this.#socket.write(data, (error) => {
        if (!error) this.seen.written += Buffer.byteLength(data);
        resolve(!error);
      });
    });
  }

  /** @param {number} status @param {AnswerParts["headers"]} [headers] @param {string} [reason] may hold any text, also none of HTTP's */
  head(status, headers = {}, reason = "Some Reason") {
    const lines = Object.entries({ Connection: "close", ...headers }).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}: ${one}\r\n`),
    );
    return this.write(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n`);
  }

  /** A whole answer, and the end of the connection. @param {number} status @param {AnswerParts} [parts] */
  async answer(status, { headers, body = "", reason } = {}) {
    await this.head(status, { "Content-Length": String(Buffer.byteLength(body)), ...headers }, reason);
    await this.write(body);
    this.end();
  }

  /** The same bytes again and again, until the client goes. @param {string | Uint8Array} data @param {number} [everyMs] */
  async repeat(data, everyMs) {
    const until = performance.now() + CONNECTION_LIMIT_MS;
    while (performance.now() < until && (await this.write(data))) if (everyMs !== undefined) await sleep(everyMs);
  }

  /** The normal end of the connection. */
  end() {
    this.#socket.end();
  }

  /** The connection is lost, as by a crash: the client gets a reset. What was written before is given time to arrive. */
  async reset() {
    await sleep(30);
    this.#socket.resetAndDestroy();
  }
}

export class FaultyServer {
  /** Every request, in order. @type {Seen[]} */
  seen = [];
  /** How many connections were made. */
  connections = 0;
  /** What every connection meets before a byte of it is read. @type {((socket: import("node:net").Socket) => void) | undefined} */
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

  /** What the next requests for a workflow meet, one step each; behind the last step it is accepted. @param {string} workflowId @param {readonly Step[]} steps */
  script(workflowId, steps) {
    this.#steps.set(workflowId, [...steps]);
  }

  /** The requests for one workflow. @param {string} workflowId */
  about(workflowId) {
    return this.seen.filter(({ path }) => workflowOf(path) === workflowId);
  }

  /** How many connections are open. */
  get open() {
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
    /** @type {Seen | undefined} */
    let current;
    const gone = () => {
      if (!current || current.gone) return;
      current.gone = true;
      current.goneAt = performance.now();
    };
    socket.setNoDelay(true);
    socket.setTimeout(CONNECTION_LIMIT_MS, () => socket.destroy());
    socket.on("error", gone);
    socket.on("end", gone);
    socket.on("close", () => {
      gone();
      this.#sockets.delete(socket);
    });
    if (this.atConnect) return this.atConnect(socket);

    let received = Buffer.alloc(0);
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      for (let parsed = parse(received); parsed; parsed = parse(received)) {
        received = received.subarray(parsed.length);
        current = parsed.seen;
        this.seen.push(current);
        const step = this.#steps.get(workflowOf(current.path))?.shift() ?? accepted;
        // A step that fails is a defect of the test, and is to be heard of.
        Promise.resolve(new Wire(socket, current))
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
const accepted = (wire) =>
  wire.execute().answer(200, { headers: { "Content-Type": "application/json" }, body: '{"accepted":true}' });

/** The workflow's id in the path of a command. @param {string} path */
const workflowOf = (path) => decodeURIComponent(path.split("/").at(-2) ?? "");

/**
 * The first request of the bytes, where it is whole. The client says the length of every body.
 * @param {Buffer} bytes @returns {{ seen: Seen, length: number } | undefined}
 */
function parse(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const seen = new Seen();
  [seen.method = "", seen.path = ""] = first.split(" ");
  for (const line of lines) {
    const colon = line.indexOf(":");
    seen.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = end + 4 + Number(seen.headers["content-length"] ?? 0);
  if (bytes.length < length) return undefined;
  seen.body = bytes.toString("utf8", end + 4, length);
  return { seen, length };
}
