// @ts-check
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { close, listen } from "./listen.mjs";

/**
 * Serves a gateway, or what has the same `fetch`, over a socket.
 * @param {{ fetch: (request: Request) => Response | Promise<Response> }} gateway
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serveGateway(gateway) {
  const server = createServer(
    getRequestListener((request) => gateway.fetch(request), { overrideGlobalObjects: false }),
  );
  return { url: await listen(server), close: () => close(server) };
}
