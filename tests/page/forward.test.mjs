// @ts-check
// What stands before the gateway Worker changes nothing, follows nothing, and goes away with who asked.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { LossyWay, passOn } from "../../scripts/lib/forward.mjs";

/** @type {{ method: string | undefined, url: string | undefined, headers: import("node:http").IncomingHttpHeaders, body: string }[]} */
const asked = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  asked.push({ method: request.method, url: request.url, headers: request.headers, body });
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
  else if (request.url?.endsWith("/commands")) response.writeHead(200).end("taken");
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

it("passes method, address, headers with Host, and body", { timeout: 10_000 }, async () => {
  const headers = {
    host: "page.example:8787",
    origin: "http://page.example:8787",
    cookie: "a=1",
    "content-type": "application/json",
  };
  await passOn(new Request("http://page.example:8787/bytes?x=%2e", { method: "PUT", headers, body: "{ }" }), url);
  const last = asked.at(-1);
  assert.deepEqual([last?.method, last?.url, last?.body], ["PUT", "/bytes?x=%2e", "{ }"]);
  for (const [name, value] of Object.entries(headers)) assert.equal(last?.headers[name], value);
});

it("gives status, headers and body as they came, and follows no redirect", { timeout: 10_000 }, async () => {
  const teapot = await passOn(new Request(new URL("/bytes", url)), url);
  assert.deepEqual(
    [teapot.status, teapot.headers.get("content-encoding"), await teapot.text()],
    [418, "gzip", "no gzip"],
  );
  assert.deepEqual(teapot.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal((await passOn(new Request(new URL("/none", url)), url)).status, 204);
  const before = asked.length;
  const redirect = await passOn(new Request(new URL("/redirect", url)), url);
  assert.deepEqual([redirect.status, redirect.headers.get("location"), asked.length], [307, "/elsewhere", before + 1]);
});

it("answers 502 where no whole answer came", { timeout: 10_000 }, async () => {
  assert.equal((await passOn(new Request(new URL("/cut", url)), url)).status, 502);
  assert.equal((await passOn(new Request("http://127.0.0.1/x"), new URL("http://127.0.0.1:1"))).status, 502);
});

it("ends the request when who asked goes away", { timeout: 10_000 }, async () => {
  const controller = new AbortController();
  const connected = once(server, "request");
  const answered = passOn(new Request(new URL("/silent", url), { signal: controller.signal }), url);
  const [, response] = await connected;
  const ended = once(response, "close");
  controller.abort();
  await Promise.all([ended, answered]);
});

describe("answers that are lost", { timeout: 10_000 }, () => {
  const command = (/** @type {string} */ id, signal = new AbortController().signal) =>
    new Request(new URL(`/api/acme/campaign/workflow/execution/${id}/commands`, url), {
      method: "POST",
      body: "{}",
      signal,
    });
  const control = (/** @type {string} */ method, /** @type {string} */ body) =>
    new Request(new URL("/__gateway/lost-answers", url), { method, ...(body ? { body } : {}) });

  it("are one answer, of the workflow that was named: the server got the request, and who asked waits until they leave", async () => {
    const way = new LossyWay();
    assert.equal((await way.control(control("POST", '{"workflowId":"WKF1"}'))).status, 204);
    const before = asked.length;
    const leaves = new AbortController();
    let isAnswered = false;
    const lost = way.passOn(command("WKF1", leaves.signal), url).finally(() => (isAnswered = true));
    assert.equal(await (await way.passOn(command("WKF2"), url)).text(), "taken");
    assert.equal(await (await way.passOn(command("WKF1"), url)).text(), "taken");
    assert.equal(asked.length, before + 3);
    assert.equal(isAnswered, false);
    leaves.abort();
    await lost;
  });

  it("are none once that is taken back, nor by an order that is not usable", async () => {
    const way = new LossyWay();
    for (const body of ["", "{", "null", "{}", '{"workflowId":1}'])
      assert.equal((await way.control(control("POST", body))).status, 400, body);
    await way.control(control("POST", '{"workflowId":"WKF1"}'));
    assert.equal((await way.control(control("DELETE", ""))).status, 204);
    assert.equal(await (await way.passOn(command("WKF1"), url)).text(), "taken");
  });
});
