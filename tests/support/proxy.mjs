// @ts-check
// One hop of the network: passes HTTP requests on, and harms those that a test names.

import { createServer, request as httpRequest } from "node:http";

/** No exchange takes longer, whatever a test does. */
const limitMs = 40_000;

/**
 * @typedef {object} Fault
 * @property {"pass" | "reset" | "hold-request" | "lose-answer" | "cut-answer" | "delay-answer" | "replace-body"} kind
 *   pass: nothing happens; reset: the connection ends before the request is passed on; hold-request: it is passed on late, even if the caller has left;
 *   lose-answer: the connection ends once the other side has answered; cut-answer: half of the answer's body arrives, then the
 *   connection ends; replace-body: the answer arrives with another text
 * @property {number} [delayMs] for "hold-request" and "delay-answer"
 * @property {Buffer} [text] for "replace-body"
 */
/** @typedef {{ url: string, workflowId: string, key: string | null }} Passed a request that came here */

/**
 * @param {string} target where requests go @param {(text: string) => void} [onAnswer] sees every answer that is given
 */
export async function startProxy(target, onAnswer = () => {}) {
  /** @type {Map<string, Fault[]>} */
  const faults = new Map();
  /** @type {Passed[]} */
  const passed = [];
  let harmed = 0;

  const server = createServer(async (incoming, outgoing) => {
    outgoing.shouldKeepAlive = false;
    outgoing.on("error", () => {});
    const url = incoming.url ?? "/";
    const workflowId = /\/execution\/([^/?]+)/.exec(url)?.[1] ?? "";
    const key = incoming.headers["idempotency-key"];
    passed.push({ url, workflowId, key: typeof key === "string" ? key : null });
    const fault = faults.get(workflowId)?.shift() ?? null;
    if (fault && fault.kind !== "pass") harmed += 1;
    try {
      const body = Buffer.concat(await incoming.toArray());
      if (fault?.kind === "reset") return void incoming.socket.resetAndDestroy();
      if (fault?.kind === "hold-request") await pause(fault.delayMs ?? 0);
      const left = new AbortController();
      // A caller that leaves is felt by the other side too, unless its request is held in the network.
      if (fault?.kind !== "hold-request") outgoing.once("close", () => left.abort());
      const answer = await ask(new URL(url, proxy.target), incoming, body, left.signal);
      if (fault?.kind === "delay-answer") await pause(fault.delayMs ?? 0);
      if (fault?.kind === "replace-body" && fault.text) replaceBody(answer, fault.text);
      if (outgoing.destroyed) return;
      if (fault?.kind === "lose-answer") return void incoming.socket.resetAndDestroy();
      onAnswer(`${answer.status} ${answer.headers.join("\n")} ${answer.body}`);
      outgoing.writeHead(answer.status, answer.headers);
      if (fault?.kind === "cut-answer")
        outgoing.write(answer.body.subarray(0, answer.body.length / 2), () => incoming.socket.destroy());
      else outgoing.end(answer.body);
    } catch {
      // One of the two sides has gone: so has the connection to the other.
      incoming.socket.resetAndDestroy();
    }
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(0)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

  const proxy = {
    url: `http://127.0.0.1:${port}`,
    target,
    /** What the next requests for a workflow meet, one fault each. @param {string} workflowId @param {...Fault} next */
    harm(workflowId, ...next) {
      faults.set(workflowId, [...(faults.get(workflowId) ?? []), ...next]);
    },
    /** The requests for a workflow that came here, harmed or not. @param {string} workflowId */
    seen: (workflowId) => passed.filter((one) => one.workflowId === workflowId),
    /** How many requests met a fault. */
    harmed: () => harmed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(0));
        server.closeAllConnections();
      }),
  };
  return proxy;
}

/** @typedef {Awaited<ReturnType<typeof startProxy>>} Proxy */

/**
 * @param {URL} url @param {import("node:http").IncomingMessage} incoming @param {Buffer} body @param {AbortSignal} signal
 * @returns {Promise<{ status: number, headers: string[], body: Buffer }>} headers: names and values in turn
 */
function ask(url, { method, rawHeaders }, body, signal) {
  return new Promise((resolve, reject) => {
    const headers = [...endToEnd(rawHeaders), ...(method === "GET" ? [] : lengthOf(body))];
    const options = { method, headers, agent: false, signal, timeout: limitMs };
    const upstream = httpRequest(url, /** @type {any} */ (options), async (answer) => {
      try {
        const whole = Buffer.concat(await answer.toArray());
        resolve({
          status: answer.statusCode ?? 502,
          headers: [...endToEnd(answer.rawHeaders), ...lengthOf(whole)],
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

/** @param {Awaited<ReturnType<typeof ask>>} answer @param {Buffer} text */
function replaceBody(answer, text) {
  answer.body = text;
  answer.headers = ["content-type", "text/plain", ...lengthOf(text)];
}

/** Each hop has its own connection, and its own way to say where a body ends. */
const ofOneHop = ["connection", "keep-alive", "transfer-encoding", "content-length"];

/** @param {string[]} raw names and values in turn */
const endToEnd = (raw) => raw.filter((_, index) => !ofOneHop.includes((raw[index - (index % 2)] ?? "").toLowerCase()));

/** @param {Buffer} body */
const lengthOf = (body) => ["content-length", `${body.length}`];

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());
