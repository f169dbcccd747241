// @ts-check
// A Campaign, and gateways before it in Node and in workerd; everything that they answer and log is collected, and searched
// for credentials at the end of each file.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { serve } from "@hono/node-server";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { createGateway } from "campaign-workflow/gateway";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { dist, root } from "../../scripts/lib/paths.mjs";
import { authorize, inside } from "./authorize.mjs";

export const organization = "acme-mkt-stage";
export const page = "https://app.example";

/** Each of them once, so that finding one tells which it was. */
export const secrets = {
  accessToken: "gw-access-token-6b1f0c",
  apiKey: "gw-api-key-91d2e7",
  clientSecret: "gw-client-secret-c40a8d",
};

/** @type {string[]} */
const seen = [];

/** @param {unknown} what something that a gateway answered, threw or logged */
export function collect(what) {
  seen.push(typeof what === "string" ? what : JSON.stringify(what));
}

for (const method of /** @type {const} */ (["log", "info", "warn", "error", "debug"])) {
  const own = console[method];
  console[method] = (...values) => (collect(values.map(String).join(" ")), own(...values));
}

// The measurement that uses this file is no test.
if (process.env.NODE_TEST_CONTEXT !== undefined)
  after(() => {
    assert.ok(seen.length > 0, "something was collected");
    for (const [name, secret] of Object.entries({ ...secrets, inside })) {
      for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) {
        assert.ok(!seen.some((text) => text.includes(form)), `${name} shows`);
      }
    }
  });

/** @param {import("campaign-workflow/emulator").CampaignEmulatorOptions} [options] */
export async function serveCampaign(options = {}) {
  const served = await serveEmulator({
    organization,
    accessTokens: [secrets.accessToken],
    apiKeys: [secrets.apiKey],
    applyDelayMs: 0,
    misfit: "accept",
    ...options,
  });
  return { ...served, log: () => served.emulator.log() };
}

/**
 * A gateway's usual options.
 *
 * @param {string} baseUrl @param {object} [more]
 */
export function optionsFor(baseUrl, more = {}) {
  const { accessToken, apiKey } = secrets;
  return {
    organization,
    accessToken,
    apiKey,
    baseUrl,
    allowedOrigins: [page],
    maxRetries: 0,
    timeoutMs: 1500,
    ...more,
  };
}

/**
 * What answers requests: the same gateway in each runtime.
 *
 * @typedef {{ ask: (request: Request) => Promise<Response>, close: () => Promise<void> }} Running
 */

/** @param {object} options @returns {Promise<Running>} */
export async function inNode(options) {
  const gateway = createGateway(/** @type {any} */ ({ ...options, authorize }));
  return { ask: async (request) => collected(await gateway.fetch(request)), close: async () => {} };
}

/** The same over a socket, as a server has it. @param {object} options @returns {Promise<Running & { url: URL }>} */
export async function overSocket(options) {
  const gateway = createGateway(/** @type {any} */ ({ authorize, ...options }));
  /** @type {import("@hono/node-server").ServerType | undefined} */
  let server;
  /** @type {number} */
  const port = await new Promise(
    (resolve) =>
      (server = serve(
        { fetch: async (request) => collected(await gateway.fetch(request)), port: 0, hostname: "127.0.0.1" },
        ({ port }) => resolve(port),
      )),
  );
  const url = new URL(`http://127.0.0.1:${port}`);
  const ask = async (/** @type {Request} */ request) => gateway.fetch(request);
  return { ask, url, close: () => new Promise((resolve) => void server?.close(() => resolve())) };
}

/** @param {object} options @returns {Promise<Running & { url: URL }>} */
export function inWorkerd(options) {
  return runWorker(`export { default } from "./tests/gateway/test-worker.mjs";`, { OPTIONS: options });
}

/**
 * @param {string} source of the Worker @param {any} bindings
 * @param {string} [front] the source of one that is called in its place, and calls it as `env.GATEWAY`
 * @returns {Promise<Running & { url: URL }>}
 */
export async function runWorker(source, bindings, front) {
  const folder = mkdtempSync(join(tmpdir(), "campaign-gateway-"));
  await build({
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: root },
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    external: ["cloudflare:*"],
    conditions: ["workerd", "worker", "browser"],
    plugins: [
      {
        name: "wasm",
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${path.split("/").at(-1)}`, external: true })),
      },
    ],
  });
  for (const name of readdirSync(dist)) if (name.endsWith(".wasm")) cpSync(join(dist, name), join(folder, name));
  const names = ["worker.js", "core.wasm", "gateway-core.wasm"];
  /** @type {any} */
  const worker = {
    name: "behind",
    modules: names.map((name) => ({
      type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
      path: join(folder, name),
    })),
    modulesRoot: folder,
    compatibilityDate: "2026-04-01",
    bindings,
  };
  const before =
    front === undefined
      ? []
      : [
          {
            name: "front",
            modules: true,
            script: front,
            compatibilityDate: "2026-04-01",
            serviceBindings: { GATEWAY: "behind" },
          },
        ];
  const running = new Miniflare({
    workers: [...before, worker],
    cf: false,
    handleRuntimeStdio: (/** @type {any[]} */ ...streams) =>
      streams.forEach((/** @type {NodeJS.ReadableStream} */ stream) =>
        stream.on("data", (data) => collect(String(data))),
      ),
  });
  const url = await running.ready;
  // Over the socket as it is: Origin and Content-Length are what a test says.
  const ask = async (/** @type {Request} */ request) => {
    const { pathname, search } = new URL(request.url);
    const init = /** @type {any} */ ({
      method: request.method,
      headers: request.headers,
      body: request.body,
      duplex: "half",
      redirect: "manual",
    });
    return collected(
      await /** @type {any} */ (running.dispatchFetch(new URL(pathname + search, "https://gateway.example"), init)),
    );
  };
  return { ask, url, close: async () => (await running.dispose(), rmSync(folder, { recursive: true, force: true })) };
}

/** @param {Response} response */
export async function collected(response) {
  const text = await response.text();
  collect([response.status, ...response.headers, text]);
  const empty = [204, 205, 304].includes(response.status);
  return new Response(empty ? null : text, { status: response.status, headers: [...response.headers] });
}

/** @param {string} workflowId @param {string} [tenant] */
export const pathOf = (workflowId, tenant = organization) =>
  `/${tenant}/campaign/workflow/execution/${workflowId}/commands`;

/**
 * The documented request, as a signed-in caller's, with changes.
 *
 * @param {{ path?: string, method?: string, headers?: Record<string, string | null>, body?: any }} [change]
 */
export function order({ path = pathOf("WKF101"), method = "POST", headers = {}, body = '{"method":"start"}' } = {}) {
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
