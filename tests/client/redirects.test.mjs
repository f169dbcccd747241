// @ts-check
// Redirects are never followed: the other origin sees no connection, no request, no header.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { failed, warmServer } from "./checked-calls.mjs";
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

/** @param {number} status @param {string} location @param {Partial<import("../support/faulty-server.mjs").AnswerParts>} [parts] */
async function notFollowed(status, location, parts = {}) {
  const step = (/** @type {import("../support/faulty-server.mjs").Wire} */ wire) =>
    wire.answer(status, { ...parts, headers: { Location: location, ...parts.headers } });
  const { error, seen } = await failed(server, [step], secrets);
  assert.deepEqual(
    [error.code, error.outcome, error.status, error.attempts],
    ["redirected", "not-executed", status, 1],
  );
  assert.equal(seen[0]?.method, "POST");
  await until("the connection is closed", () => seen[0]?.gone);
  return error;
}

for (const status of [300, 301, 302, 303, 304, 305, 307, 308]) {
  test(`${status} to another origin, another path and nowhere`, async () => {
    const before = server.seen.length;
    await notFollowed(status, `${elsewhere.url}/acme/campaign/workflow/execution/WKF1/commands`);
    await notFollowed(status, `//127.0.0.1:${elsewhere.port}/`);
    await notFollowed(status, `${server.url}/elsewhere`);
    await notFollowed(status, "/acme/campaign/workflow/execution/WKF1/commands");
    await notFollowed(status, "http://[not an address");
    await notFollowed(status, "");
    assert.equal(server.seen.length, before + 6, "one request for each call");
    assert.ok(server.seen.every(({ path }) => path.endsWith("/commands") && path !== "/elsewhere"));
  });
}

test("a redirect to the same address does not go round", async () => {
  const before = server.seen.length;
  await notFollowed(307, "commands");
  assert.equal(server.seen.length, before + 1);
});

test("other ways to send a client elsewhere are not taken either", async () => {
  await notFollowed(302, elsewhere.url, {
    headers: {
      Refresh: `0; url=${elsewhere.url}`,
      Link: `<${elsewhere.url}>; rel=preload`,
      "Alt-Svc": `h2="127.0.0.1:${elsewhere.port}"`,
    },
  });
});

test("a redirect with an endless body is dropped", async () => {
  const { error, seen } = await failed(server, [
    async (wire) => {
      await wire.head(308, { Location: elsewhere.url });
      await wire.repeat(Buffer.alloc(65_536));
    },
  ]);
  assert.equal(error.code, "redirected");
  await until("the connection is closed", () => seen[0]?.gone);
});

test("an opaque redirect, as browsers give it, is one", async () => {
  const opaque = { status: 0, type: "opaqueredirect", headers: new Headers(), body: null, text: async () => "" };
  const { error } = await failed(server, [], { fetch: async () => opaque }, { unseen: true });
  assert.deepEqual([error.code, error.outcome, error.status], ["redirected", "not-executed", null]);
});

test("every request says that redirects are not to be followed", async () => {
  /** @type {unknown[]} */
  const modes = [];
  const spying = (/** @type {string} */ url, /** @type {any} */ init) => (modes.push(init.redirect), fetch(url, init));
  await failed(server, [(wire) => wire.answer(307, { headers: { Location: elsewhere.url } })], { fetch: spying });
  assert.deepEqual(modes, ["manual"]);
});

test("the other origin has seen nothing, in all of this", () => {
  assert.deepEqual([elsewhere.connections, elsewhere.seen], [0, []]);
  assert.ok(server.seen.length > 48);
});
