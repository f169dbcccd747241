// @ts-check
// Access tokens of a local IMS, which logs every request.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { createGateway, imsTokenProvider } from "campaign-workflow/gateway";
import { close, listen } from "../support/listen.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { collect, secrets } from "../support/secrets.mjs";
import { commandRequest, optionsFor, problemIn } from "./setup.mjs";

/** @typedef {import("node:http").ServerResponse} ServerResponse */

const HOUR = 3_600_000;

/** @type {{ url: string, method: string, headers: any, body: string }[]} */
let log = [];
/** @type {(response: ServerResponse, number: number) => void} */
let answer;
let now = 0;
let tokenUrl = "";

const grant = (/** @type {ServerResponse} */ response, /** @type {number} */ number, more = {}) =>
  response
    .setHeader("content-type", "application/json")
    .end(JSON.stringify({ access_token: `ims-token-${number}`, token_type: "bearer", expires_in: 86_399, ...more }));

const server = createServer((request, response) => {
  let body = "";
  request
    .on("data", (data) => (body += data))
    .on("end", () => {
      log.push({ url: request.url ?? "", method: request.method ?? "", headers: request.headers, body });
      answer(response, log.length);
    });
});

before(async () => {
  tokenUrl = `${await listen(server)}/ims/token/v3`;
});
after(() => close(server));
beforeEach(() => {
  log = [];
  now = 1_000_000;
  answer = grant;
});

const credentials = (more = {}) => ({
  clientId: secrets.apiKey,
  clientSecret: secrets.clientSecret,
  scope: "openid,AdobeID",
  tokenUrl,
  now: () => now,
  ...more,
});

/** @param {Promise<unknown>} promise @returns {Promise<string>} */
async function failure(promise) {
  const error = await promise.then(
    (value) => assert.fail(`it gave ${value}`),
    (error) => error,
  );
  assert.equal(Object.getPrototypeOf(error), Error.prototype);
  collect(String(error.stack) + String(error.cause) + JSON.stringify(error));
  return error.message;
}

/** Advances the timers, and lets their effects happen. @param {import("node:test").TestContext} t @param {number} ms */
async function advance(t, ms) {
  t.mock.timers.tick(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

/** Awaits a promise while the timers advance. @template T @param {import("node:test").TestContext} t @param {Promise<T>} promise */
async function advanceUntil(t, promise) {
  let pending = true;
  const ended = promise.finally(() => (pending = false));
  while (pending) await advance(t, 20);
  return ended;
}

test("a token is requested as Adobe documents it, with the secret only in the body", async () => {
  assert.equal(await imsTokenProvider(credentials())(), "ims-token-1");
  const [{ url, method, headers, body } = assert.fail()] = log;
  assert.deepEqual(
    [url, method, headers["content-type"]],
    ["/ims/token/v3", "POST", "application/x-www-form-urlencoded"],
  );
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    grant_type: "client_credentials",
    client_id: secrets.apiKey,
    client_secret: secrets.clientSecret,
    scope: "openid,AdobeID",
  });
  assert.ok(!JSON.stringify([url, headers]).includes(secrets.clientSecret));
});

test("a hundred callers cause one request, at first and after a refused token", async () => {
  const token = imsTokenProvider(credentials());
  const all = (/** @type {boolean} */ refresh) => Promise.all(Array.from({ length: 100 }, () => token({ refresh })));
  assert.deepEqual(new Set(await all(false)), new Set(["ims-token-1"]));
  now += HOUR;
  assert.deepEqual(new Set(await all(true)), new Set(["ims-token-2"]));
  // Callers whose 401 comes a little later had the first token, too.
  now += 5000;
  assert.deepEqual(new Set(await all(true)), new Set(["ims-token-2"]));
  assert.equal(log.length, 2);
  now += 6000;
  assert.equal(await token({ refresh: true }), "ims-token-3");
});

test("a token is kept until five minutes before its end, and at most 23 hours", async () => {
  for (const [seconds, kept] of /** @type {[number, number][]} */ ([
    [3600, 55 * 60_000],
    [86_399, 23 * HOUR],
    [999_999, 23 * HOUR],
  ])) {
    log = [];
    answer = (response, number) => grant(response, number, { expires_in: seconds });
    const token = imsTokenProvider(credentials());
    await token();
    now += kept - 1;
    assert.equal(await token(), "ims-token-1");
    now += 1;
    assert.equal(await token(), "ims-token-2");
  }
});

test("a missing or invalid expires_in does not cost a request for each command", async () => {
  /** @type {[string, number][]} with how long the token is kept */
  const odd = [
    ...["null", "-5", "0", '"soon"', '""', "[3600]", '{"a":1}', "true"].map(
      (json) => /** @type {[string, number]} */ ([json, 5 * 60_000]),
    ),
    ['"3600"', 55 * 60_000],
    ["1e999", 23 * HOUR],
    ["86399000", 23 * HOUR],
  ];
  for (const [json, kept] of odd) {
    log = [];
    answer = (response, number) => response.end(`{"access_token":"ims-token-${number}","expires_in":${json}}`);
    const token = imsTokenProvider(credentials());
    for (let command = 0; command < 100; command += 1) await token();
    now += kept - 1;
    assert.deepEqual([await token(), log.length], ["ims-token-1", 1], json);
    now += 1;
    assert.deepEqual([await token(), log.length], ["ims-token-2", 2], json);
  }
  log = [];
  answer = (response) => response.end('{"access_token":"ims-token"}');
  const token = imsTokenProvider(credentials());
  for (let command = 0; command < 100; command += 1) await token();
  assert.equal(log.length, 1);
});

test("a token request that never ends is repeated by one of the callers that wait for it", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {((response: Response) => void)[]} */
  const tokenRequests = [];
  const fetch = () => new Promise((resolve) => tokenRequests.push(/** @type {any} */ (resolve)));
  const token = imsTokenProvider(credentials({ fetch, timeoutMs: 2_000_000 }));
  const dead = token();
  const waiting = Array.from({ length: 100 }, () => token());
  await advance(t, 0);
  await advance(t, 2999);
  assert.equal(tokenRequests.length, 1);
  await advance(t, 1);
  assert.equal(tokenRequests.length, 2, "one of the hundred repeats it");
  const others = Array.from({ length: 100 }, () => token());
  tokenRequests[1]?.(Response.json({ access_token: "second", expires_in: 86_399 }));
  assert.deepEqual(new Set(await advanceUntil(t, Promise.all([...waiting, ...others, token()]))), new Set(["second"]));
  assert.equal(tokenRequests.length, 2);
  tokenRequests[0]?.(Response.json({ access_token: "first", expires_in: 86_399 }));
  assert.deepEqual([await dead, await token()], ["first", "first"], "a late token is used");
});

test("a second token request that never ends is repeated, too", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let tokenRequests = 0;
  const fetch = async () =>
    ++tokenRequests < 3 ? new Promise(() => {}) : Response.json({ access_token: "third", expires_in: 86_399 });
  const token = imsTokenProvider(credentials({ fetch, timeoutMs: 2_000_000 }));
  const [, ...waiting] = Array.from({ length: 10 }, () => token());
  await advance(t, 3000);
  await advance(t, 3000);
  const [, ...served] = waiting;
  assert.deepEqual(new Set(await advanceUntil(t, Promise.all(served))), new Set(["third"]));
  assert.equal(tokenRequests, 3);
});

test("failures are reported without the secret, and IMS gets no request for a while", async (t) => {
  const echo =
    (/** @type {number} */ status, /** @type {object} */ headers = {}) =>
    (/** @type {ServerResponse} */ response) =>
      response
        .writeHead(status, { .../** @type {any} */ (headers) })
        .end(JSON.stringify({ error: "invalid_client", error_description: log.at(-1)?.body }));
  /** @type {[(response: ServerResponse, number: number) => void, RegExp, object?][]} */
  const cases = [
    [echo(400), /responded with 400: invalid_client$/],
    [(response) => response.writeHead(500).end(secrets.clientSecret), /responded with 500$/],
    [(response) => response.writeHead(401).end(JSON.stringify({ error: secrets.clientSecret })), /responded with 401$/],
    [echo(302, { location: tokenUrl }), /redirects/],
    [echo(307, { location: "https://elsewhere.example/" }), /redirects/],
    [(response) => response.end("no JSON"), /no usable token/],
    [(response) => response.end(JSON.stringify({ access_token: "two words" })), /no usable token/],
    [(response) => response.end(JSON.stringify({ access_token: `a${"b".repeat(70_000)}` })), /too long/],
    [
      (response) => response.writeHead(200, { "content-length": 100 }).write("{", () => response.destroy()),
      /is incomplete/,
    ],
    [(response) => response.destroy(), /could not be reached/],
    [() => {}, /within 80 ms/, { timeoutMs: 80 }],
    [(response) => response.writeHead(200).write("{"), /within 80 ms/, { timeoutMs: 80 }],
  ];
  t.mock.method(Math, "random", () => 0.999);
  for (const [behaviour, message, more] of cases) {
    log = [];
    answer = behaviour;
    const token = imsTokenProvider(credentials(more));
    const first = await failure(token());
    assert.match(first, message);
    assert.equal(await failure(token()), first, "the same failure at once");
    assert.equal(log.length, 1, "one try in this step");
    now += 1000;
    answer = grant;
    assert.equal(await token(), "ims-token-2");
  }
});

test("near its end, the old token is used if there is no new one", async () => {
  const token = imsTokenProvider(credentials());
  await token();
  now += 23 * HOUR;
  answer = (response) => response.writeHead(503).end();
  assert.equal(await token(), "ims-token-1");
  now += 2 * HOUR;
  await failure(token());
});

test("tokenUrl must be https", () => {
  for (const url of [
    "http://ims.example/token",
    "ftp://127.0.0.1/",
    "https://a:b@ims.example/",
    "https://ims.example/?x",
    "token",
  ]) {
    assert.throws(() => imsTokenProvider(credentials({ tokenUrl: url })), /tokenUrl/);
  }
  for (const name of ["clientId", "clientSecret", "scope"]) {
    assert.throws(() => imsTokenProvider(credentials({ [name]: undefined })), new RegExp(`${name} is required`));
  }
});

test("a gateway with credentials gets its token, renews a refused one, and tells no caller why it has none", async () => {
  const campaign = await startCampaign({ accessTokens: ["ims-token-2"] });
  const { accessToken: _, apiKey: _key, ...options } = optionsFor(campaign.url, { authorize: () => true });
  // A token younger than ten seconds is not refreshed, so each reading advances the clock.
  const gateway = createGateway(
    /** @type {any} */ ({ ...options, credentials: credentials({ now: () => (now += 20_000) }) }),
  );
  try {
    assert.equal((await gateway.fetch(commandRequest())).status, 200);
    assert.deepEqual([log.length, (await campaign.log()).map(({ status }) => status)], [2, [401, 200]]);
    answer = (response) => response.writeHead(400).end(JSON.stringify({ error: "invalid_client" }));
    now += 24 * HOUR;
    await campaign.emulator.clearLog();
    const response = await gateway.fetch(commandRequest());
    const problem = await problemIn(response);
    collect(problem);
    assert.deepEqual([response.status, problem.code, problem.outcome], [503, "token-unavailable", "not-executed"]);
    assert.ok(!JSON.stringify(problem).includes("invalid_client"));
    assert.equal((await campaign.log()).length, 0);
  } finally {
    await campaign.close();
  }
});
