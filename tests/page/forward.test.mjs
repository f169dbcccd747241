// @ts-check
// The demo server forwards requests to the gateway Worker unchanged, follows no redirects, and aborts with its caller.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { LossyForwarder, forward } from "../../scripts/lib/forward.mjs";

/** @type {{ method: string | undefined, url: string | undefined, headers: import("node:http").IncomingHttpHeaders, body: string }[]} */
const received = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push({ method: request.method, url: request.url, headers: request.headers, body });
  if (request.url === "/redirect") response.writeHead(307, { location: "/elsewhere" }).end();
  else if (request.url?.startsWith("/bytes"))
    response
      .writeHead(
        418,
        [
          ["content-encoding", "gzip"],
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ].flat(),
      )
      .end("no gzip");
  else if (request.url === "/cut")
    response.writeHead(200, { "content-length": "9" }).write("half", () => response.destroy());
  else if (request.url === "/none") response.writeHead(204).end();
  else if (request.url?.endsWith("/commands")) response.writeHead(200).end("accepted");
});
/** @type {URL} */
let url;

before(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = new URL(`http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`);
});
after(() => {
  server.close();
  server.closeAllConnections();
});

it("forwards method, URL, headers with Host, and body", { timeout: 10_000 }, async () => {
  const headers = {
    host: "page.example:8787",
    origin: "http://page.example:8787",
    cookie: "a=1",
    "content-type": "application/json",
  };
  await forward(new Request("http://page.example:8787/bytes?x=%2e", { method: "PUT", headers, body: "{ }" }), url);
  const last = received.at(-1);
  assert.deepEqual([last?.method, last?.url, last?.body], ["PUT", "/bytes?x=%2e", "{ }"]);
  for (const [name, value] of Object.entries(headers)) assert.equal(last?.headers[name], value);
});

it("returns status, headers and body unchanged, and follows no redirect", { timeout: 10_000 }, async () => {
  const teapot = await forward(new Request(new URL("/bytes", url)), url);
  assert.deepEqual(
    [teapot.status, teapot.headers.get("content-encoding"), await teapot.text()],
    [418, "gzip", "no gzip"],
  );
  assert.deepEqual(teapot.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal((await forward(new Request(new URL("/none", url)), url)).status, 204);
  const before = received.length;
  const redirect = await forward(new Request(new URL("/redirect", url)), url);
  assert.deepEqual(
    [redirect.status, redirect.headers.get("location"), received.length],
    [307, "/elsewhere", before + 1],
  );
});

it("responds with 502 if the response is incomplete", { timeout: 10_000 }, async () => {
  assert.equal((await forward(new Request(new URL("/cut", url)), url)).status, 502);
  assert.equal((await forward(new Request("http://127.0.0.1/x"), new URL("http://127.0.0.1:1"))).status, 502);
});

it("aborts its request when the caller aborts", { timeout: 10_000 }, async () => {
  const controller = new AbortController();
  const connected = once(server, "request");
  const forwarded = forward(new Request(new URL("/silent", url), { signal: controller.signal }), url);
  const [, response] = await connected;
  const ended = once(response, "close");
  controller.abort();
  await Promise.all([ended, forwarded]);
});

describe("lost responses", { timeout: 10_000 }, () => {
  const command = (/** @type {string} */ id, signal = new AbortController().signal) =>
    new Request(new URL(`/api/acme/campaign/workflow/execution/${id}/commands`, url), {
      method: "POST",
      body: "{}",
      signal,
    });
  const control = (/** @type {string} */ method, /** @type {string} */ body) =>
    new Request(new URL("/__gateway/lost-answers", url), { method, ...(body ? { body } : {}) });

  it("affect one response for the named workflow: the server gets the request, and the caller waits until it aborts", async () => {
    const forwarder = new LossyForwarder();
    assert.equal((await forwarder.control(control("POST", '{"workflowId":"WKF1"}'))).status, 204);
    const before = received.length;
    const caller = new AbortController();
    let hasResponded = false;
    const lost = forwarder.forward(command("WKF1", caller.signal), url).finally(() => (hasResponded = true));
    assert.equal(await (await forwarder.forward(command("WKF2"), url)).text(), "accepted");
    assert.equal(await (await forwarder.forward(command("WKF1"), url)).text(), "accepted");
    assert.equal(received.length, before + 3);
    assert.equal(hasResponded, false);
    caller.abort();
    await lost;
  });

  it("can be cancelled, and an invalid order has no effect", async () => {
    const forwarder = new LossyForwarder();
    for (const body of ["", "{", "null", "{}", '{"workflowId":1}'])
      assert.equal((await forwarder.control(control("POST", body))).status, 400, body);
    await forwarder.control(control("POST", '{"workflowId":"WKF1"}'));
    assert.equal((await forwarder.control(control("DELETE", ""))).status, 204);
    assert.equal(await (await forwarder.forward(command("WKF1"), url)).text(), "accepted");
  });
});
