// @ts-check
// The gateway as JavaScript sees it: options, the user's own `send`, a trap.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sendWorkflowCommand } from "campaign-workflow";
import { createGateway } from "campaign-workflow/gateway";
import { internalDetail } from "./authorize.mjs";
import { collect, secrets } from "../support/secrets.mjs";
import { sleep } from "../support/wait.mjs";
import { collectResponse, commandRequest, optionsFor, pageOrigin, problemIn } from "./setup.mjs";

const base = /** @type {any} */ ({ ...optionsFor("https://campaign.example"), authorize: () => true });
const { accessToken: _token, apiKey: _key, baseUrl: _base, maxRetries: _retries, ...withoutCampaign } = base;
const receipt = { workflowId: "WKF101", command: "start", status: 202, body: { a: 1 }, requestId: "id-1", attempts: 1 };
const accepted = async () => new Response("{}", { status: 200, headers: { "content-type": "application/json" } });

test("invalid options are named at once, without their values", () => {
  const credentials = { clientId: secrets.apiKey, clientSecret: secrets.clientSecret, scope: "openid" };
  const { accessToken, apiKey, ...open } = base;
  /** @type {[any, RegExp][]} */
  const wrong = [
    [undefined, /options/],
    [{ ...base, authorize: undefined }, /authorize is required/],
    [{ ...base, authorize: true }, /authorize/],
    [{ ...base, organization: undefined }, /organization/],
    [{ ...base, organization: ".." }, /organization/],
    [{ ...base, apiKey: `${apiKey} x` }, /apiKey/],
    [{ ...base, accessToken: `Bearer ${accessToken}` }, /accessToken .*without "Bearer "/],
    [{ ...base, accessToken: `x ${accessToken}` }, /accessToken .*visible ASCII/],
    [{ ...open, apiKey }, /accessToken/],
    [{ ...base, credentials }, /credentials/],
    [
      { ...open, credentials: { ...credentials, clientSecret: `${secrets.clientSecret}\n` } },
      /credentials\.clientSecret/,
    ],
    [{ ...open, credentials: { ...credentials, tokenUrl: "http://ims.example/" } }, /credentials\.tokenUrl/],
    [{ ...open, credentials: { ...credentials, scope: undefined } }, /credentials\.scope/],
    [{ ...base, allowedOrigins: ["*"] }, /allowedOrigins/],
    [{ ...base, allowedOrigins: [`${pageOrigin}/`] }, /allowedOrigins/],
    [{ ...base, workflows: "WKF101" }, /workflows/],
    [{ ...base, workflows: { WKF101: ["restart"] } }, /workflows/],
    [{ ...base, basePath: "api" }, /basePath/],
    [{ ...base, maxBodyBytes: 0 }, /maxBodyBytes/],
    [{ ...base, timeoutMs: Infinity }, /timeoutMs/],
    [{ ...base, attemptTimeoutMs: "5" }, /attemptTimeoutMs/],
    [{ ...base, maxRetries: 11 }, /maxRetries/],
    [{ ...base, baseUrl: "http://campaign.example" }, /baseUrl/],
    [{ ...base, baseUrl: `https://${secrets.accessToken}@campaign.example` }, /baseUrl/],
    [{ ...base, fetch: {} }, /fetch/],
    [{ ...withoutCampaign, send: () => receipt, maxRetries: 1 }, /maxRetries has no effect with send alone/],
    [{ ...withoutCampaign, send: () => receipt, apiKey }, /apiKey has no effect with send alone/],
    [{ ...withoutCampaign, send: receipt }, /send must be a function/],
    [{ ...base, log: {} }, /log/],
    [{ ...base, workflows: { WKF101: ["read", "Signal"] } }, /workflows/],
    [{ ...base, allowedOrigin: pageOrigin }, /allowedOrigin is not an option/],
    [{ ...base, maxRetries: null }, /maxRetries/],
  ];
  for (const [options, named] of wrong) {
    assert.throws(
      () => createGateway(options),
      (error) => {
        collect(String(/** @type {Error} */ (error).stack));
        return error instanceof TypeError && named.test(error.message);
      },
      String(named),
    );
  }
  assert.deepEqual(Object.keys(createGateway(base)), ["fetch"]);
  createGateway({ ...base, send: () => receipt, log: () => {}, workflows: { WKF101: ["read", "signal"] } });
  for (const token of ["bearerx", "Bearer", "bearer-1"]) createGateway({ ...base, accessToken: token });
  createGateway({ ...open, credentials: { ...credentials, tokenUrl: "http://127.0.0.1:1/" } });
});

test("options are copied", async () => {
  const options = { ...base, fetch: accepted, authorize: () => false };
  const { fetch } = createGateway(options);
  options.authorize = () => true;
  assert.equal((await fetch(commandRequest())).status, 403);
});

test("a basePath comes before Adobe's path", async () => {
  const { fetch } = createGateway({ ...base, fetch: accepted, basePath: "/api/v1" });
  assert.equal((await fetch(commandRequest({ path: `/api/v1${new URL(commandRequest().url).pathname}` }))).status, 200);
  assert.equal((await fetch(commandRequest())).status, 404);
});

/** @param {(command: any) => any} send @param {object} [more] */
const sending = (send, more) => createGateway({ ...withoutCampaign, send, ...more });

test("the user's own send gets the command, the request and the caller", async () => {
  /** @type {any} */
  let got;
  const authorize = (/** @type {Request} */ _, /** @type {any} */ command) => {
    command.caller = { name: "alice" };
    command.workflowId = "WKF999";
    return true;
  };
  const gateway = sending(async (command) => ((got = command), receipt), { authorize });
  const request = commandRequest({ headers: { "idempotency-key": "k-1" } });
  const response = await collectResponse(await gateway.fetch(request));
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("x-request-id"), "id-1");
  assert.deepEqual(await response.json(), { a: 1 });
  assert.equal(got.request, request);
  const command = { organization: "acme-mkt-stage", workflowId: "WKF101", command: "start" };
  assert.deepEqual(
    { ...got, request: null, timeoutMs: null },
    { ...command, request: null, caller: { name: "alice" }, idempotencyKey: "k-1", timeoutMs: null },
  );
  await gateway.fetch(commandRequest());
  assert.equal(got.idempotencyKey, null);
});

test("a Response of send is returned unchanged, except for CORS headers", async () => {
  const own = () =>
    Response.json(
      { queued: true },
      { status: 202, headers: { "x-own": "1", vary: "Accept", "cache-control": "max-age=1" } },
    );
  const response = await collectResponse(
    await sending(async () => own()).fetch(commandRequest({ headers: { origin: pageOrigin } })),
  );
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { queued: true });
  const actual = Object.fromEntries(response.headers);
  assert.deepEqual(actual, {
    "access-control-allow-origin": pageOrigin,
    "access-control-expose-headers": "Location, Preference-Applied, Retry-After, X-Request-Id",
    "cache-control": "max-age=1",
    "content-type": "application/json",
    vary: "Accept, Origin",
    "x-own": "1",
  });
  assert.equal((await sending(async () => new Response(null, { status: 204 })).fetch(commandRequest())).status, 204);
});

test("a Response of send is returned unchanged, whatever its outcome", async () => {
  const document = { code: "network", outcome: "unknown", retryAfterMs: 1000 };
  const headers = { "content-type": "application/problem+json", "retry-after": "1" };
  const response = await collectResponse(
    await sending(async () => Response.json(document, { status: 503, headers })).fetch(commandRequest()),
  );
  assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "1"]);
  assert.deepEqual(await response.json(), document);
});

test("an error of send is reported if it is the package's, and hidden if not", async () => {
  const refused = await sendWorkflowCommand(
    /** @type {any} */ ({
      ...base,
      workflowId: "W",
      command: "start",
      fetch: async () => new Response("", { status: 404 }),
      authorize: undefined,
    }),
  ).catch((error) => error);
  const first = await collectResponse(await sending(() => Promise.reject(refused)).fetch(commandRequest()));
  assert.equal(first.status, 404);
  assert.equal((await problemIn(first)).outcome, "not-executed");
  /** @type {(() => any)[]} */
  const others = [
    () => {
      throw new Error(internalDetail);
    },
    () => Promise.reject(internalDetail),
    async () => undefined,
    async () => ({ status: 500, body: internalDetail }),
    async () => ({ ...receipt, body: 1n }),
  ];
  for (const send of others) {
    const response = await collectResponse(
      await sending(send).fetch(commandRequest({ headers: { origin: pageOrigin } })),
    );
    assert.equal(response.status, 502);
    assert.equal(response.headers.get("access-control-allow-origin"), pageOrigin);
    const { code, outcome, hint } = await problemIn(response);
    assert.deepEqual([code, outcome], ["internal", "unknown"]);
    assert.match(hint, /look at the workflow/);
  }
});

test("a caller that disconnects does not end a command in flight", async () => {
  const gone = new AbortController();
  /** @type {boolean | undefined} */
  let aborted;
  const fetch = async (/** @type {string} */ _, /** @type {any} */ { signal }) => {
    gone.abort();
    await sleep(20);
    aborted = signal.aborted;
    return accepted();
  };
  const response = await createGateway({ ...base, fetch }).fetch(
    new Request(commandRequest(), { signal: gone.signal }),
  );
  assert.deepEqual([response.status, aborted], [200, false]);
});

test("a body that does not end gets 408, one that breaks off 400", async () => {
  const { fetch } = createGateway({ ...base, fetch: accepted, timeoutMs: 50 });
  let cancelled = false;
  const endless = new ReadableStream({ cancel: () => void (cancelled = true) });
  assert.equal((await fetch(commandRequest({ body: endless }))).status, 408);
  assert.ok(cancelled);
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error(internalDetail)) });
  assert.equal((await collectResponse(await fetch(commandRequest({ body: broken })))).status, 400);
});

test("a wrong Content-Length is detected", async () => {
  let pulled = 0;
  const endless = () =>
    new ReadableStream({ pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(1000))) });
  const { fetch } = createGateway({ ...base, fetch: accepted });
  assert.equal((await fetch(commandRequest({ body: endless() }))).status, 413);
  assert.ok(pulled < 10, `${pulled} chunks were read`);
  const declared = {
    ...commandRequest(),
    headers: new Headers({ "content-type": "application/json", "content-length": "999999" }),
  };
  const request = /** @type {any} */ ({
    ...declared,
    method: "POST",
    url: commandRequest().url,
    get body() {
      throw new Error("read");
    },
  });
  assert.equal((await fetch(request)).status, 413);
});

test("a request without a body stream, as in Firefox, is read and limited, too", async () => {
  const { fetch } = createGateway({ ...base, fetch: accepted });
  const streamless = (/** @type {string} */ body) =>
    Object.defineProperty(commandRequest({ body }), "body", { value: undefined });
  assert.equal((await fetch(streamless('{"method":"start"}'))).status, 200);
  assert.equal((await fetch(streamless(`{"method":"start"${" ".repeat(5000)}}`))).status, 413);
});

/**
 * Has every export of an instance throw a trap where `traps` says so, by the number of the instance.
 * @param {import("node:test").TestContext} t @param {(instance: number) => boolean} traps @returns how many instances were made
 */
function mockTraps(t, traps) {
  const { Instance } = WebAssembly;
  let instances = 0;
  /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} imports */
  function TrappingInstance(module, imports) {
    const { exports } = new Instance(module, imports);
    const number = (instances += 1);
    /** @param {Function} own */
    const guarded =
      (own) =>
      (/** @type {unknown[]} */ ...args) => {
        if (traps(number)) throw new WebAssembly.RuntimeError("unreachable");
        return own(...args);
      };
    const entries = Object.entries(exports).map(([name, own]) => [
      name,
      typeof own === "function" ? guarded(own) : own,
    ]);
    return { exports: Object.fromEntries(entries) };
  }
  t.mock.method(WebAssembly, "Instance", /** @type {any} */ (TrappingInstance));
  return { instances: () => instances };
}

test("a trap reports the known outcome, and affects no later request", async (t) => {
  let isTrapping = false;
  const { instances } = mockTraps(t, (instance) => isTrapping && instance === 1);
  const gateway = sending(async () => ((isTrapping = true), receipt));
  const response = await collectResponse(await gateway.fetch(commandRequest({ headers: { origin: pageOrigin } })));
  const problem = await problemIn(response);
  assert.deepEqual([response.status, problem.code, problem.outcome], [502, "internal", "unknown"]);
  assert.equal(response.headers.get("access-control-allow-origin"), pageOrigin);
  assert.equal(instances(), 2);
  assert.equal((await gateway.fetch(commandRequest())).status, 202, "the next request has a new instance");
});

test("a trap before send is called: the command was not executed", async (t) => {
  let isTrapping = false;
  mockTraps(t, (instance) => isTrapping && instance === 1);
  let calls = 0;
  const gateway = sending(async () => ((calls += 1), receipt));
  isTrapping = true;
  const response = await collectResponse(await gateway.fetch(commandRequest()));
  assert.deepEqual([response.status, (await problemIn(response)).outcome, calls], [500, "not-executed", 0]);
  assert.equal((await gateway.fetch(commandRequest())).status, 202);
});

test("a command that another request's trap ended as not executed is not sent afterwards", async (t) => {
  let isTrapping = false;
  // The first export that is called traps, and no other.
  mockTraps(t, () => isTrapping && !(isTrapping = false));
  /** @type {(may: boolean) => void} */
  let decide = () => {};
  let calls = 0;
  const authorize = (/** @type {Request} */ request) =>
    request.headers.get("authorization") !== "Bearer slow" || new Promise((resolve) => (decide = resolve));
  const gateway = sending(async () => ((calls += 1), receipt), { authorize });
  const slow = gateway.fetch(commandRequest({ headers: { authorization: "Bearer slow" } }));
  await sleep(20);
  isTrapping = true;
  for (const response of [await gateway.fetch(commandRequest()), await slow]) {
    const problem = await problemIn(await collectResponse(response));
    assert.deepEqual([response.status, problem.code, problem.outcome], [500, "internal", "not-executed"]);
  }
  decide(true);
  await sleep(50);
  assert.equal(calls, 0);
  assert.equal((await gateway.fetch(commandRequest())).status, 202);
  assert.equal(calls, 1);
});
