// @ts-check
// The demo at one origin, as when it is deployed: the page at /, the built package at /pkg/, the gateway Worker at /api/, and the local
// Campaign, which is not deployed, at /campaign.

import { join } from "node:path";
import { startDemoWorker } from "./demo-worker.mjs";
import { LossyForwarder } from "./forward.mjs";
import { dist, root } from "./paths.mjs";
import { Failure } from "./process.mjs";
import { answer, serveFiles } from "./static.mjs";

const organization = "acme-mkt-stage";

/** The only credentials that the local Campaign accepts. Only the Worker gets them. */
export const credentials = { accessToken: "local-token", apiKey: "local-key" };

const portsTried = 20;

/** The page shows Campaign's whole log. */
const historyLimit = 1000;

/**
 * @typedef {object} ServerOptions
 * @property {number} [port]         default 8787; if it is in use, the next free one; 0: any free one
 * @property {string} [hostname]     default 127.0.0.1
 * @property {number} [applyDelayMs] how long Campaign takes to apply a command; default the emulator's
 * @property {Record<string, unknown>} [worker] variables of the Worker, in place of the demo's
 * @property {Record<string, string>} [headers] of the page's files, in place of their own
 * @property {boolean} [emulatorView] whether the browser can read the local Campaign's log and set faults; false: as when deployed. Default true
 */

/**
 * @param {ServerOptions & import("campaign-workflow/emulator").CampaignEmulatorOptions} [options]
 */
export async function startServer({
  port = 8787,
  hostname = "127.0.0.1",
  worker,
  headers,
  emulatorView = true,
  ...options
} = {}) {
  const { CampaignEmulator } = await import("campaign-workflow/emulator");
  const { accessToken, apiKey } = credentials;
  const emulator = new CampaignEmulator({
    organization,
    accessTokens: [accessToken],
    apiKeys: [apiKey],
    historyLimit,
    ...options,
  });
  const forwarder = new LossyForwarder();
  /** @type {Awaited<ReturnType<typeof startDemoWorker>> | undefined} */
  let gateway;
  const served = await listen(port, hostname, emulator, async (request) => {
    const { pathname } = new URL(request.url);
    if (emulatorView && isControl(pathname)) return withoutCredentials(await emulator.fetch(request));
    if (emulatorView && pathname === "/__gateway/lost-answers") return forwarder.control(request);
    if (pathname.startsWith("/campaign/") && !isControl(pathname)) return undefined;
    if (!isForWorker(pathname)) return serveFiles(request, { "/": join(root, "www"), "/pkg/": dist }, headers);
    return gateway
      ? forwarder.forward(request, gateway.url)
      : new Response("The gateway Worker starts.\n", { status: 503 });
  });
  try {
    gateway = await startDemoWorker({
      CAMPAIGN_ORGANIZATION: organization,
      WORKFLOWS: await allowed(emulator),
      CAMPAIGN_URL: `${served.url}/campaign`,
      ACCESS_TOKEN: accessToken,
      API_KEY: apiKey,
      DEMO_SIGN_IN: true,
      ATTEMPT_TIMEOUT_MS: 5000,
      ...worker,
    });
  } catch (error) {
    await served.close();
    throw new Failure(`The gateway Worker could not be started: ${error instanceof Error ? error.message : error}`);
  }
  const { url, port: used } = served;
  return { url, port: used, emulator, close: () => Promise.all([gateway?.close(), served.close()]) };
}

/**
 * @param {number} port @param {string} hostname
 * @param {import("campaign-workflow/emulator").CampaignEmulator} emulator
 * @param {(request: Request) => Promise<Response | undefined>} other
 */
async function listen(port, hostname, emulator, other) {
  const { serveEmulator } = await import("campaign-workflow/emulator/node");
  const last = port === 0 ? 0 : Math.min(port + portsTried - 1, 65535);
  for (let next = port; next <= last; next += 1) {
    try {
      return await serveEmulator({ emulator, hostname, port: next, other });
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE") throw new Failure(`Cannot listen on ${hostname}:${next}: ${String(error)}`);
    }
  }
  throw new Failure(`The ports ${port} to ${last} are all in use. Choose another one with --port.`);
}

/** Whether the Worker serves a path, which includes the demo's sign-in. @param {string} pathname */
function isForWorker(pathname) {
  return pathname.startsWith("/api/") || pathname === "/config.json" || pathname === "/sign-in";
}

/** Whether a path belongs to the emulator's control API, which accepts any prefix. @param {string} pathname */
function isControl(pathname) {
  return pathname.startsWith("/campaign/") && /__emulator/.test(decode(pathname));
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Masks the Worker's credentials, which are in the emulator's log, for the browser. @param {Response} response */
async function withoutCredentials(response) {
  const { accessToken, apiKey } = credentials;
  const text = (await response.text()).replaceAll(accessToken, "••••••••").replaceAll(apiKey, "••••••••");
  const headers = { "Cache-Control": "no-store" };
  return answer(text, response.headers.get("content-type") ?? "application/json", { status: response.status, headers });
}

/**
 * All operations by id. By PKey only the commands, because one of the page's failure cases needs them.
 * @param {import("campaign-workflow/emulator").CampaignEmulator} emulator
 */
async function allowed(emulator) {
  const commands = ["start", "pause", "resume", "stop"];
  const workflows = await emulator.workflows();
  return Object.fromEntries(
    workflows.flatMap(({ id, pkey }) => [
      [id, ["read", ...commands, "signal"]],
      [pkey, commands],
    ]),
  );
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
