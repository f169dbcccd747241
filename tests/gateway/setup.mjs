// @ts-check
// Gateways in Node and in workerd for the tests. Everything that they send and log is collected, and searched for secrets at the end
// of each file.

import assert from "node:assert/strict";
import { after, mock } from "node:test";
import { serve } from "@hono/node-server";
import { createGateway } from "campaign-workflow/gateway";
import { root } from "../../scripts/lib/paths.mjs";
import { bundleWorker } from "../../scripts/lib/worker-bundle.mjs";
import { assertNoSecrets, collect, organization, secrets } from "../support/secrets.mjs";
import { startWorkerd } from "../support/workerd.mjs";
import { authorize, internalDetail } from "./authorize.mjs";

export const pageOrigin = "https://app.example";

for (const method of /** @type {const} */ (["log", "info", "warn", "error", "debug"])) {
  const print = console[method].bind(console);
  mock.method(console, method, (/** @type {unknown[]} */ ...values) => {
    collect(values.map(String).join(" "));
    print(...values);
  });
}
after(() => assertNoSecrets({ internalDetail }));

/**
 * A gateway's usual options.
 * @param {string} baseUrl @param {object} [more]
 */
export function optionsFor(baseUrl, more = {}) {
  const { accessToken, apiKey } = secrets;
  return {
    organization,
    accessToken,
    apiKey,
    baseUrl,
    allowedOrigins: [pageOrigin],
    maxRetries: 0,
    timeoutMs: 1500,
    ...more,
  };
}

/**
 * A gateway that runs. The tests are the same for each runtime.
 * @typedef {{ fetch: (request: Request) => Promise<Response>, close: () => Promise<void> }} RunningGateway
 */

/** @param {object} options @returns {Promise<RunningGateway>} */
export async function inNode(options) {
  const gateway = createGateway(/** @type {any} */ ({ ...options, authorize }));
  return { fetch: async (request) => collectResponse(await gateway.fetch(request)), close: async () => {} };
}

/** In Node, over a socket. @param {object} options @returns {Promise<RunningGateway & { url: URL }>} */
export async function overSocket(options) {
  const gateway = createGateway(/** @type {any} */ ({ authorize, ...options }));
  /** @type {import("@hono/node-server").ServerType | undefined} */
  let server;
  /** @type {number} */
  const port = await new Promise(
    (resolve) =>
      (server = serve(
        { fetch: async (request) => collectResponse(await gateway.fetch(request)), port: 0, hostname: "127.0.0.1" },
        ({ port }) => resolve(port),
      )),
  );
  const url = new URL(`http://127.0.0.1:${port}`);
  return {
    fetch: async (request) => gateway.fetch(request),
    url,
    close: () => new Promise((resolve) => void server?.close(() => resolve())),
  };
}

/** @param {object} options @returns {Promise<RunningGateway & { url: URL }>} */
export function inWorkerd(options) {
  return runWorker(`export { default } from "./tests/gateway/test-worker.mjs";`, { OPTIONS: options });
}

/**
 * @param {string} source of the Worker @param {any} bindings
 * @param {{ front?: string, outboundService?: (request: import("miniflare").Request) => Promise<import("miniflare").Response> }} [options]
 *   front: the source of a Worker that is called in its place, and calls it as `env.GATEWAY`; outboundService: gets the Worker's requests
 * @returns {Promise<RunningGateway & { url: URL }>}
 */
export async function runWorker(source, bindings, { front, outboundService } = {}) {
  const compatibilityDate = "2026-04-01";
  /** @type {import("miniflare").WorkerOptions} */
  const gateway = {
    // workerd sends the name, in a header of its own, to Campaign.
    name: "tested",
    modules: await bundleWorker({ stdin: { contents: source, resolveDir: root } }),
    compatibilityDate,
    bindings,
    ...(outboundService ? { outboundService } : {}),
  };
  /** @type {import("miniflare").WorkerOptions[]} The first is called from outside. */
  const workers = [gateway];
  if (front)
    workers.unshift({
      name: "front",
      modules: true,
      script: front,
      compatibilityDate,
      serviceBindings: { GATEWAY: "tested" },
    });
  const { miniflare, url, close } = await startWorkerd({ workers });
  // Unlike `fetch`, this sends Origin and Content-Length as they are.
  const fetch = async (/** @type {Request} */ request) => {
    const { pathname, search } = new URL(request.url);
    const init = /** @type {any} */ ({
      method: request.method,
      headers: request.headers,
      body: request.body,
      duplex: "half",
      redirect: "manual",
    });
    const response = miniflare.dispatchFetch(new URL(pathname + search, "https://gateway.example"), init);
    return collectResponse(/** @type {any} */ (await response));
  };
  return { fetch, url, close };
}

/** @param {Response} response @returns {Promise<Response>} a copy */
export async function collectResponse(response) {
  const text = await response.text();
  collect([response.status, ...response.headers, text]);
  const empty = [204, 205, 304].includes(response.status);
  return new Response(empty ? null : text, { status: response.status, headers: [...response.headers] });
}

/** @param {string} workflowId @param {string} [tenant] */
export const pathOf = (workflowId, tenant = organization) =>
  `/${tenant}/campaign/workflow/execution/${workflowId}/commands`;

/**
 * The documented request for a command, of a caller who may send it, with changes. A header that is null is left out.
 * @param {{ path?: string, method?: string, headers?: Record<string, string | null>, body?: any }} [change]
 */
export function commandRequest({
  path = pathOf("WKF101"),
  method = "POST",
  headers = {},
  body = '{"method":"start"}',
} = {}) {
  const usual = { "content-type": "application/json", "cache-control": "no-cache", authorization: "Bearer alice" };
  const kept = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== null);
  const bodiless = ["GET", "HEAD"].includes(method);
  return new Request(
    `https://gateway.example${path}`,
    /** @type {any} */ ({ method, headers: kept, body: bodiless ? undefined : body, duplex: "half" }),
  );
}

/** @param {Response} response */
export async function problemIn(response) {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = JSON.parse(await response.text());
  assert.equal(problem.status, response.status);
  return problem;
}
