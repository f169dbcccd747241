// @ts-check
// Redirects are never followed: the other origin gets no connection, no request and no header.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { failedCall, warmServer } from "./checked-calls.mjs";
import { FaultyServer } from "../support/faulty-server.mjs";
import { until } from "../support/wait.mjs";

/** @type {FaultyServer} */
let server;
const elsewhere = new FaultyServer();
before(async () => {
  server = await warmServer();
  await elsewhere.listen();
});
after(() => Promise.all([server.close(), elsewhere.close()]));

const secrets = { headers: { Cookie: "session=5e55104", "X-Auth-Extra": "extra-secret" } };

/** @param {number} status @param {string} location @param {Partial<import("../support/faulty-server.mjs").ResponseParts>} [parts] */
async function notFollowed(status, location, parts = {}) {
  const step = (/** @type {import("../support/faulty-server.mjs").Reply} */ reply) =>
    reply.respond(status, { ...parts, headers: { Location: location, ...parts.headers } });
  const { error, requests } = await failedCall(server, [step], secrets);
  assert.deepEqual(
    [error.code, error.outcome, error.status, error.attempts],
    ["redirected", "not-executed", status, 1],
  );
  assert.equal(requests[0]?.method, "POST");
  await until("the connection is closed", () => requests[0]?.isClosed);
  return error;
}

for (const status of [300, 301, 302, 303, 304, 305, 307, 308]) {
  test(`${status} to another origin, another path and nowhere`, async () => {
    const before = server.requests.length;
    await notFollowed(status, `${elsewhere.url}/acme/campaign/workflow/execution/WKF1/commands`);
    await notFollowed(status, `//127.0.0.1:${elsewhere.port}/`);
    await notFollowed(status, `${server.url}/elsewhere`);
    await notFollowed(status, "/acme/campaign/workflow/execution/WKF1/commands");
    await notFollowed(status, "http://[not an address");
    await notFollowed(status, "");
    assert.equal(server.requests.length, before + 6, "one request for each call");
    assert.ok(server.requests.every(({ path }) => path.endsWith("/commands") && path !== "/elsewhere"));
  });
}

test("a redirect to the same address is not followed", async () => {
  const before = server.requests.length;
  await notFollowed(307, "commands");
  assert.equal(server.requests.length, before + 1);
});

test("other ways to redirect a client are ignored, too", async () => {
  await notFollowed(302, elsewhere.url, {
    headers: {
      Refresh: `0; url=${elsewhere.url}`,
      Link: `<${elsewhere.url}>; rel=preload`,
      "Alt-Svc": `h2="127.0.0.1:${elsewhere.port}"`,
    },
  });
});

test("the endless body of a redirect is cancelled", async () => {
  const { error, requests } = await failedCall(server, [
    async (reply) => {
      await reply.head(308, { Location: elsewhere.url });
      await reply.repeat(Buffer.alloc(65_536));
    },
  ]);
  assert.equal(error.code, "redirected");
  await until("the connection is closed", () => requests[0]?.isClosed);
});

test("a browser's opaque redirect is a redirect", async () => {
  const opaque = { status: 0, type: "opaqueredirect", headers: new Headers(), body: null, text: async () => "" };
  const { error } = await failedCall(server, [], { fetch: async () => opaque }, { mayMissServer: true });
  assert.deepEqual([error.code, error.outcome, error.status], ["redirected", "not-executed", null]);
});

test("every request has the redirect mode manual", async () => {
  /** @type {unknown[]} */
  const modes = [];
  const spying = (/** @type {string} */ url, /** @type {any} */ init) => (modes.push(init.redirect), fetch(url, init));
  await failedCall(server, [(reply) => reply.respond(307, { headers: { Location: elsewhere.url } })], {
    fetch: spying,
  });
  assert.deepEqual(modes, ["manual"]);
});

test("the other origin got no request from any of these tests", () => {
  assert.deepEqual([elsewhere.connections, elsewhere.requests], [0, []]);
  assert.ok(server.requests.length > 48);
});
