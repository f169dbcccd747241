// @ts-check
// The example's sign-in by Cloudflare Access: which tokens are valid, and what POLICIES allow their users. Compared with Campaign's log.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { exportSPKI } from "jose";
import { AccessHost, altered, audience, signingKey, team, tokenOf, unsigned } from "./access-tokens.mjs";
import { startExample } from "./example.mjs";
import { outputs, secrets } from "../support/secrets.mjs";
import { until } from "../support/wait.mjs";
import { call, historyOf, pathOf } from "../support/worker-client.mjs";

const policies = {
  "jo@example.com": { WKF1: ["read", "start"], "*": ["read"] },
  "lee@example.com": { WKF2: ["stop"], WKF3: [] },
  "8a1f.access": { WKF4: ["start"] },
  "*": { WKF5: ["read"] },
};
const configured = { ACCESS_TEAM: team, ACCESS_AUD: audience, POLICIES: policies };
const host = new AccessHost();
/** Every token that a test sent. @type {string[]} */
const tokens = [];

/** @type {import("./example.mjs").Example} */
let example;
/** @type {import("./access-tokens.mjs").SigningKey} */
let key;

before(async () => {
  key = await signingKey("first");
  host.keys = [key];
  example = await startExample({ bindings: configured, more: { outboundService: host.fetch } });
});
beforeEach(() => example.campaign.emulator.clearLog());
after(async () => {
  await example.close();
  assert.ok(tokens.length > 50);
  const signatures = tokens
    .map((token) => token.split(".")[2])
    .filter((text) => text !== undefined && text.length > 20);
  for (const text of outputs)
    assert.ok(!signatures.some((signature) => text.includes(signature ?? "")), `a token is in: ${text}`);
});

/** @param {string | null} token @param {Record<string, string>} [headers] default: without the caller's key */
function withToken(token, headers = { authorization: "" }) {
  if (token !== null) tokens.push(token);
  return { ...headers, ...(token === null ? {} : { "cf-access-jwt-assertion": token }) };
}

/** @param {string} workflowId @param {string} operation @param {Record<string, string>} headers */
function ask(workflowId, operation, headers) {
  if (operation === "read") return call(example.url(), pathOf(workflowId, "history"), { headers });
  return call(example.url(), pathOf(workflowId), { method: "POST", body: { method: operation }, headers });
}

/** How many requests Campaign got. */
const sent = async () => (await example.campaign.emulator.log()).length;

test("a user with the right to start a workflow starts it once, and is in its history", async () => {
  const answer = await ask("WKF1", "start", withToken(await tokenOf(key)));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await example.executions("WKF1"), 1);
  const { body } = await ask("WKF1", "read", withToken(await tokenOf(key, { email: "Jo@Example.com" })));
  assert.deepEqual(
    body.commands.map((/** @type {any} */ one) => [one.command, one.who]),
    [["start", "jo@example.com"]],
  );
});

describe("a token is refused, and nothing is sent, if it", () => {
  const now = Math.floor(Date.now() / 1000);
  const publicText = async () => new TextEncoder().encode(await exportSPKI(key.publicKey));
  const stranger = () => signingKey("first");
  /** @type {[string, () => Promise<string | null> | string | null][]} */
  const refused = [
    ["is for another application", () => tokenOf(key, { aud: ["0".repeat(64)] })],
    ["is for no application", () => tokenOf(key, { aud: undefined })],
    ["is of another team", () => tokenOf(key, { iss: "https://other.cloudflareaccess.com" })],
    ["has no issuer", () => tokenOf(key, { iss: undefined })],
    ["has expired", () => tokenOf(key, { exp: now - 60 })],
    ["never expires", () => tokenOf(key, { exp: undefined })],
    ["has no iat", () => tokenOf(key, { iat: undefined })],
    ["is not valid yet", () => tokenOf(key, { nbf: now + 600 })],
    ["has no signature: alg none", async () => unsigned(await tokenOf(key))],
    [
      "is signed by HS256, with the public key as the secret",
      async () => tokenOf(key, {}, { alg: "HS256", signer: await publicText() }),
    ],
    [
      "is signed by the right key with another algorithm",
      async () => tokenOf(key, {}, { alg: "PS256", signer: await pss(key) }),
    ],
    ["is signed by a stranger's key of the same name", async () => tokenOf(await stranger())],
    ["was altered", async () => altered(await tokenOf(key), { email: "lee@example.com" })],
    ["has no email", () => tokenOf(key, { email: undefined })],
    ["has an email that is not a string", () => tokenOf(key, { email: ["jo@example.com"] })],
    ["is of a user without a policy for the workflow", () => tokenOf(key, { email: "kim@example.com" })],
    ["is of a user whose name is that of a property", () => tokenOf(key, { email: "constructor" })],
    ["is not a JWT", () => "jo@example.com"],
    ["is empty", () => ""],
    ["is missing", () => null],
  ];
  for (const [what, make] of refused) {
    test(what, async () => {
      const answer = await ask("WKF1", "start", withToken(await make()));
      assert.equal(answer.status, 403, answer.text);
      assert.equal(await sent(), 0);
    });
  }

  test("comes as a cookie alone", async () => {
    const answer = await ask("WKF1", "start", { authorization: "", cookie: `CF_Authorization=${await tokenOf(key)}` });
    assert.deepEqual([answer.status, await sent()], [403, 0]);
  });
});

describe("POLICIES", () => {
  for (const [who, workflowId, operation, status] of /** @type {[string, string, string, number][]} */ ([
    ["jo@example.com", "WKF1", "start", 200],
    ["jo@example.com", "WKF1", "stop", 403],
    ["jo@example.com", "WKF2", "read", 200],
    ["jo@example.com", "WKF2", "start", 403],
    ["jo@example.com", "constructor", "start", 403],
    ["lee@example.com", "WKF2", "stop", 200],
    ["lee@example.com", "WKF2", "read", 403],
    ["lee@example.com", "WKF1", "read", 403],
    ["lee@example.com", "WKF3", "read", 403],
    ["lee@example.com", "WKF5", "read", 403],
    ["kim@example.com", "WKF5", "read", 200],
    ["kim@example.com", "WKF5", "start", 403],
    ["kim@example.com", "WKF1", "read", 403],
  ])) {
    test(`${who}, ${workflowId}, ${operation}: ${status}`, async () => {
      const answer = await ask(workflowId, operation, withToken(await tokenOf(key, { email: who })));
      assert.equal(answer.status, status, answer.text);
      assert.equal(await sent(), operation !== "read" && status === 200 ? 1 : 0);
    });
  }

  test("name a service token by its Client ID", async () => {
    const token = await tokenOf(key, { email: undefined, sub: "", common_name: "8a1f.access" });
    assert.equal((await ask("WKF4", "start", withToken(token))).status, 200);
    assert.equal((await ask("WKF4", "stop", withToken(token))).status, 403);
    assert.equal((await historyOf(example.url(), "WKF4"))[0].who, "8a1f.access");
  });

  test("apply to each of a hundred commands in one request, whose token is verified once", async () => {
    const commands = Array.from({ length: 100 }, (_, i) => ({
      workflowId: i % 2 ? "WKF1" : "WKF2",
      command: "start",
      delaySeconds: 600,
    }));
    const send = (/** @type {string} */ token) =>
      call(example.url(), "/api/queue", { method: "POST", body: { commands }, headers: withToken(token) });
    const answer = await send(await tokenOf(key));
    assert.equal(answer.status, 207, answer.text);
    const statuses = answer.body.commands.map((/** @type {any} */ one) => one.status);
    assert.deepEqual(
      statuses,
      commands.map(({ workflowId }) => (workflowId === "WKF1" ? 202 : 403)),
    );
    const lines = () => outputs.join("").split("The Access token could not be verified").length;
    const before = lines();
    assert.equal((await send(altered(await tokenOf(key), { email: "lee@example.com" }))).status, 403);
    await until("the line of the log", async () => lines() > before);
    assert.equal(lines(), before + 1);
  });
});

describe("with Access, the caller's key", () => {
  test("allows everything if there is no token", async () => {
    assert.equal((await example.send("WKF6", null)).status, 200);
    assert.equal((await historyOf(example.url(), "WKF6"))[0].who, "bearer of the key");
    assert.equal((await ask("WKF6", "start", { authorization: "Bearer another-secret-of-16" })).status, 403);
  });

  test("has no effect beside an invalid token, or a user without rights", async () => {
    const bearer = { authorization: `Bearer ${secrets.callerKey}` };
    for (const token of [await tokenOf(key, { email: "lee@example.com" }), unsigned(await tokenOf(key))]) {
      assert.equal((await ask("WKF1", "start", withToken(token, bearer))).status, 403);
    }
    assert.equal(await sent(), 0);
  });
});

describe("the keys of Access", () => {
  test("are fetched once for many requests, and not again for each token with an unknown key id", async () => {
    await example.restart();
    host.requests = 0;
    for (let i = 0; i < 5; i += 1) await ask("WKF1", "read", withToken(await tokenOf(key)));
    assert.equal(host.requests, 1);
    for (let i = 0; i < 5; i += 1)
      await ask("WKF1", "read", withToken(await tokenOf(key, {}, { kid: `made-up-${i}` })));
    assert.equal(host.requests, 1);
  });

  test("rotate: the new one is accepted soon, both for a while, and then only the new one", async () => {
    const next = await signingKey("second");
    const read = async (/** @type {import("./access-tokens.mjs").SigningKey} */ by) =>
      (await ask("WKF1", "read", withToken(await tokenOf(by)))).status;
    assert.deepEqual([await read(key), await read(next)], [200, 403]);
    host.keys = [next, key];
    await until("the new key", async () => (await read(next)) === 200, 10_000);
    assert.equal(await read(key), 200);
    host.keys = [next];
    await example.restart();
    assert.deepEqual([await read(next), await read(key)], [200, 403]);
    host.keys = [key];
  });

  test("that can't be fetched give 500, not-executed, and a log line", async () => {
    host.status = 502;
    await example.restart();
    const answer = await ask("WKF1", "start", withToken(await tokenOf(key)));
    assert.deepEqual([answer.status, answer.body.outcome, await sent()], [500, "not-executed", 0]);
    await until("the line of the log", async () => outputs.some((text) => text.includes("ERR_JOSE_GENERIC")));
    host.status = 200;
    assert.equal((await ask("WKF1", "start", withToken(await tokenOf(key)))).status, 200);
  });
});

describe("without a configuration", () => {
  test("a token is ignored, and the caller's key is required", async () => {
    await example.restart({ ACCESS_TEAM: "", ACCESS_AUD: "", POLICIES: {} });
    const token = await tokenOf(key);
    assert.equal((await ask("WKF1", "start", withToken(token))).status, 403);
    assert.equal((await ask("WKF7", "start", withToken(token, {}))).status, 200);
  });

  for (const [what, bindings] of /** @type {[string, Record<string, unknown>][]} */ ([
    ["ACCESS_TEAM", { ACCESS_TEAM: "" }],
    ["ACCESS_TEAM", { ACCESS_TEAM: "evil.example/#" }],
    ["ACCESS_TEAM", { ACCESS_TEAM: undefined, ACCESS_AUD: undefined }],
    ["ACCESS_AUD", { ACCESS_AUD: "" }],
    ["ACCESS_AUD", { ACCESS_AUD: undefined }],
    ["POLICIES", { POLICIES: "read" }],
    ["POLICIES", { POLICIES: [["jo@example.com"]] }],
    ["POLICIES", { POLICIES: { "jo@example.com": ["read"] } }],
    ["POLICIES", { POLICIES: { "jo@example.com": { WKF1: "start" } } }],
    ["POLICIES", { POLICIES: { "jo@example.com": { WKF1: ["Start"] } } }],
    ["POLICIES", { POLICIES: { "Jo@example.com": { WKF1: ["start"] } } }],
  ])) {
    test(`that is valid, ${JSON.stringify(bindings, (_, value) => value ?? null)}: everything is refused, and ${what} is named`, async () => {
      await example.restart(bindings);
      for (const headers of [withToken(await tokenOf(key)), { authorization: `Bearer ${secrets.callerKey}` }]) {
        const { status, body, text } = await ask("WKF1", "start", headers);
        assert.deepEqual([status, body.status, body.outcome, await sent()], [503, 503, "not-executed", 0], text);
        assert.ok(body.detail.startsWith(`${what} must be`), text);
        assert.ok(!/example\.com|evil/.test(text), text);
      }
    });
  }
});

test("the demo's sign-in is on only at a loopback address", async () => {
  await example.restart({ DEMO_SIGN_IN: true });
  const cookie = { cookie: "campaign-workflow-demo-role=operator" };
  const { miniflare } = example;
  for (const [origin, ...statuses] of /** @type {[string, number, number][]} */ ([
    ["http://localhost", 200, 200],
    ["http://127.0.0.1:8787", 200, 200],
    ["https://gateway.example.com", 404, 403],
    ["https://localhost.example.com", 404, 403],
    ["https://127.0.0.1.example.com", 404, 403],
  ])) {
    const answers = await Promise.all(
      ["/sign-in", pathOf("WKF1", "history")].map((path) =>
        miniflare().dispatchFetch(origin + path, { headers: cookie }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      statuses,
      origin,
    );
    await Promise.all(answers.map((answer) => answer.text()));
  }
});

/** The same private key, for RSASSA-PSS. @param {import("./access-tokens.mjs").SigningKey} of */
async function pss({ privateKey }) {
  const exported = await crypto.subtle.exportKey("pkcs8", /** @type {CryptoKey} */ (privateKey));
  return crypto.subtle.importKey("pkcs8", exported, { name: "RSA-PSS", hash: "SHA-256" }, true, ["sign"]);
}
