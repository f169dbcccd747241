// @ts-check
// Serves the emulator over HTTP in Node.
import { serve } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { CampaignEmulator } from "./emulator.js";

/** @type {typeof import("./emulator-node.js").serveEmulator} */
export async function serveEmulator({ port = 0, hostname = "127.0.0.1", emulator: existing, other, ...options } = {}) {
  const emulator = existing ?? new CampaignEmulator(options);
  // Invalid options fail here, not at the first request.
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
    // Keeps the platform's own Request and Response.
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
 * Reads the whole body before it responds. If the body fails, sends what has arrived and destroys the socket. The
 * server would log that error, but here it is intended.
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
 * Whether no response can be sent: a fault lost the connection, or the client has disconnected.
 *
 * @param {any} error
 * @param {Request} request
 */
const isLost = (error, request) => error?.cause?.code === "ECONNRESET" || request.signal.aborted;
