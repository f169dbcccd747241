// @ts-check
// The emulator over a real socket: responses and failures as a client sees them.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { documented } from "./requests.mjs";

const platform = { Request, Response };
/** @type {Awaited<ReturnType<typeof serveEmulator>>} */
let served;
before(async () => {
  served = await serveEmulator({ applyDelayMs: 0, allowedOrigins: ["https://app.example"] });
});
after(() => served.close());
beforeEach(() => served.emulator.reset());

/** @param {string} method @param {AbortSignal} [signal] */
const send = (method, signal) =>
  fetch(...documented("WKF101", method, { base: served.url, ...(signal && { signal }) }));

/**
 * Sends the documented request over a socket of its own, and gives all that comes back until it ends.
 *
 * @returns {Promise<{ text: string, code: string | null }>}
 */
function raw() {
  const [url, { headers, body }] = documented("WKF101", "start", { base: served.url });
  const { pathname, host, port, hostname } = new URL(url);
  const lines = Object.entries({ ...headers, Host: host, "Content-Length": String(body).length });
  const head = [`POST ${pathname} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join("\r\n");
  return new Promise((resolve) => {
    let text = "";
    /** @type {string | null} */
    let code = null;
    const socket = connect(Number(port), hostname, () => socket.write(`${head}\r\n\r\n${body}`));
    socket.on("data", (data) => (text += data));
    socket.on("error", (error) => (code = /** @type {any} */ (error).code));
    socket.on("close", () => resolve({ text, code }));
  });
}

test("responds over HTTP and logs the request", async () => {
  const response = await send("start");
  assert.equal(response.status, 200);
  assert.equal(/** @type {any} */ (await response.json()).method, "start");
  const [request] = await served.emulator.log();
  assert.equal(request?.url, `${served.url}/acme-mkt-stage/campaign/workflow/execution/WKF101/commands`);
  assert.equal(request?.headers.host, new URL(served.url).host);
  assert.equal(request?.problem, null);
  const log = await (await fetch(`${served.url}/__emulator/log`)).json();
  assert.deepEqual(log, await served.emulator.log());
});

test("a lost connection is a reset without any response bytes", async () => {
  for (const kind of /** @type {const} */ (["lost-request", "lost-answer"])) {
    await served.emulator.addFault({ kind });
    assert.deepEqual(await raw(), { text: "", code: "ECONNRESET" });
    await served.emulator.addFault({ kind });
    await assert.rejects(send("stop"), { name: "TypeError" });
  }
  assert.deepEqual(
    (await served.emulator.log()).map(({ executed }) => executed),
    [false, false, true, true],
  );
});

test("a cut body delivers the headers and the first half", async () => {
  await served.emulator.addFault({ kind: "cut-body" });
  const { text } = await raw();
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /x-request-id: local-0\r\n/);
  assert.match(text, /\{"PKey":"@[^"]+$/, "half of the body, and no last chunk");

  await served.emulator.addFault({ kind: "cut-body" });
  const response = await send("pause");
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), { name: "TypeError" });
});

test("a cut empty body delivers the headers", async () => {
  await served.emulator.addFault({ kind: "cut-body", on: "any" });
  const [url] = documented("WKF9", "start", { base: served.url });
  const response = await fetch(url, { method: "POST" });
  assert.equal(response.status, 403);
  await assert.rejects(response.text());
});

test("a hang lasts until the client disconnects, and leaves nothing open", async () => {
  await served.emulator.addFault({ kind: "hang" });
  await assert.rejects(send("start", AbortSignal.timeout(80)), { name: "TimeoutError" });
  const [request] = await served.emulator.log();
  assert.deepEqual([request?.fault, request?.executed, request?.status], ["hang", false, null]);
  assert.equal((await send("start")).status, 200);
});

test("a delay passes before the response", async () => {
  await served.emulator.addFault({ kind: "delay", delayMs: 80 });
  const startedAt = performance.now();
  assert.equal((await send("start")).status, 200);
  assert.ok(performance.now() - startedAt >= 75);
});

test("responses without a body, redirects and pages are sent as scripted", async () => {
  await served.emulator.addFault({ kind: "answer", status: 204 });
  assert.equal((await send("start")).status, 204);
  await served.emulator.addFault({ kind: "redirect", location: "https://elsewhere.example/" });
  const [url, init] = documented("WKF101", "start", { base: served.url });
  const redirect = await fetch(url, { ...init, redirect: "manual" });
  assert.deepEqual([redirect.status, redirect.headers.get("location")], [307, "https://elsewhere.example/"]);
  await served.emulator.addFault({ kind: "html" });
  assert.match(await (await send("start")).text(), /^<!DOCTYPE html>/);
});

test("a page of an allowed origin may send requests and read responses", async () => {
  const origin = { Origin: "https://app.example" };
  const [url, init] = documented("WKF101", "start", { base: served.url });
  const preflight = await fetch(url, {
    method: "OPTIONS",
    headers: { ...origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key" },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-headers"), "x-api-key");
  const response = await fetch(url, { ...init, headers: { ...init.headers, ...origin } });
  assert.equal(response.headers.get("access-control-allow-origin"), origin.Origin);
  assert.deepEqual((await served.emulator.log()).length, 1);
});

test("requests to other paths go to `other`", async () => {
  const emulator = new CampaignEmulator();
  const files = await serveEmulator({
    emulator,
    other: async (request) => (request.url.endsWith("/page") ? new Response("a page") : undefined),
  });
  assert.equal(files.emulator, emulator);
  assert.equal(await (await fetch(`${files.url}/page`)).text(), "a page");
  assert.equal((await fetch(`${files.url}/elsewhere`)).status, 500);
  assert.equal((await emulator.log())[0]?.problem, "the path is not part of the API");
  await files.close();
});

test("a port in use and invalid options are rejected", async () => {
  await assert.rejects(serveEmulator({ port: served.port }), { code: "EADDRINUSE" });
  await assert.rejects(serveEmulator(/** @type {any} */ ({ organisation: "x" })), { name: "TypeError" });
});

test("close ends hanging connections and can be called twice", async () => {
  const hanging = await serveEmulator();
  await hanging.emulator.addFault({ kind: "hang" });
  const waiting = assert.rejects(fetch(...documented("WKF101", "start", { base: hanging.url })), { name: "TypeError" });
  while ((await hanging.emulator.log()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([hanging.close(), hanging.close()]);
  await waiting;
  await assert.rejects(fetch(hanging.url), { name: "TypeError" });
});

test("the platform's Request and Response are not replaced", () => {
  assert.equal(Request, platform.Request);
  assert.equal(Response, platform.Response);
});
