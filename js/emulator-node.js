// @ts-check
// The emulator behind a socket.
import { serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { CampaignEmulator } from "./emulator.js";

/** @type {typeof import("./emulator-node.js").serveEmulator} */
export async function serveEmulator({ port = 0, hostname = "127.0.0.1", emulator: existing, other, ...options } = {}) {
  const emulator = existing ?? new CampaignEmulator(options);
  // Wrong options are told here, and not to whoever asks first.
  await emulator.workflows();

  /** @type {import("@hono/node-server").ServerType} */
  let server;
  /** @type {number} */
  const actualPort = await new Promise((resolve, reject) => {
    const fetch = async (/** @type {Request} */ request, /** @type {{ outgoing: any }} */ { outgoing }) => {
      const otherResponse = await other?.(request);
      if (otherResponse) return otherResponse;
      try {
        return await withWholeBody(await emulator.fetch(request), outgoing);
      } catch (error) {
        if (!isLost(error, request)) throw error;
        outgoing.socket?.resetAndDestroy();
        return RESPONSE_ALREADY_SENT;
      }
    };
    // The platform's own Request and Response stay in place.
    server = serve({ fetch, port, hostname, overrideGlobalObjects: false }, ({ port }) => resolve(port));
    server.once("error", reject);
  });

  /** @type {Promise<void> | undefined} */
  let closing;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${actualPort}`,
    port: actualPort,
    emulator,
    close: () =>
      (closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        /** @type {import("node:http").Server} */ (server).closeAllConnections();
      })),
  };
}

/**
 * The response, once all of its body is there; where it breaks off, what there is goes out and the socket is closed.
 * The server would print such an error, and here it is meant.
 *
 * @param {Response} response
 * @param {import("node:http").ServerResponse} outgoing
 */
async function withWholeBody(response, outgoing) {
  const { status, headers, body } = response;
  if (!body) return response;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  } catch {
    outgoing.writeHead(status, Object.fromEntries(headers));
    outgoing.flushHeaders();
    outgoing.write(Buffer.concat(chunks), () => outgoing.destroy());
    return RESPONSE_ALREADY_SENT;
  }
  return new Response(Buffer.concat(chunks), { status, headers });
}

/**
 * Whether there is nobody to answer: a fault lost the connection, or the client has gone.
 *
 * @param {any} error
 * @param {Request} request
 */
const isLost = (error, request) => error?.cause?.code === "ECONNRESET" || request.signal.aborted;
