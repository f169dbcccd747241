// @ts-check
// One server for the demo: the page at /, the built package at /pkg/, and the local Campaign at /campaign.

import { join } from "node:path";
import { dist, root } from "./paths.mjs";
import { Failure } from "./process.mjs";
import { answer, serveFiles } from "./static.mjs";

/** What the page and the first command need to know. The local Campaign takes these credentials and no others. */
export const config = {
  organization: "acme-mkt-stage",
  baseUrl: "/campaign",
  accessToken: "local-token",
  apiKey: "local-key",
};

const portsTried = 20;

/**
 * @typedef {object} ServerOptions
 * @property {number} [port]         default 8787; a busy one gives way to the next; 0 takes any free one
 * @property {string} [hostname]     default 127.0.0.1
 * @property {number} [applyDelayMs] how long Campaign takes to apply a command; default the emulator's own
 */

/**
 * @param {ServerOptions & import("campaign-workflow/emulator").CampaignEmulatorOptions} [options]
 */
export async function startServer({ port = 8787, hostname = "127.0.0.1", ...options } = {}) {
  const { serveEmulator } = await import("campaign-workflow/emulator/node");
  /** @param {Request} request */
  const other = (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/campaign/")) return undefined;
    if (pathname === "/config.json") return answer(JSON.stringify(config), "application/json; charset=utf-8");
    return serveFiles(request, { "/": join(root, "www"), "/pkg/": dist });
  };
  const last = port === 0 ? 0 : Math.min(port + portsTried - 1, 65535);
  for (let next = port; next <= last; next += 1) {
    try {
      return await serveEmulator({ organization: config.organization, ...options, hostname, port: next, other });
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE") throw new Failure(`Cannot listen on ${hostname}:${next}: ${String(error)}`);
    }
  }
  throw new Failure(`The ports ${port} to ${last} are all in use. Choose another one with --port.`);
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
