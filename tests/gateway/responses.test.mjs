// @ts-check
// The client gets the same result through the gateway as from Campaign itself.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sendWorkflowCommand } from "campaign-workflow";
import { startCampaign } from "../support/campaign.mjs";
import { freePort } from "../support/free-port.mjs";
import { organization, secrets } from "../support/secrets.mjs";
import { commandRequest, inNode, inWorkerd, optionsFor, problemIn } from "./setup.mjs";

/** @typedef {import("campaign-workflow/emulator").Fault} Fault */

const json = { "content-type": "application/json" };

/** @type {[string, Fault][]} */
const successes = [
  ["JSON", { kind: "answer", status: 200, body: { PKey: "@x", more: [1, null, "é\u2028"] } }],
  ["a JSON text", { kind: "answer", status: 200, headers: json, body: '"ok"' }],
  ["a JSON number", { kind: "answer", status: 201, headers: json, body: "4.5" }],
  ["JSON null", { kind: "answer", status: 200, headers: json, body: "null" }],
  ["invalid JSON", { kind: "answer", status: 200, headers: json, body: "{oops" }],
  ["a text", { kind: "answer", status: 202, body: "accepted\nlater" }],
  ["HTML", { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<script>1</script>" }],
  ["nothing", { kind: "answer", status: 200, body: null }],
  ["204", { kind: "answer", status: 204, body: null }],
  ["half a body", { kind: "cut-body" }],
];

/** The failure, the fault, and the gateway's status. @type {[string, Fault, number][]} */
const failures = [
  ["401", { kind: "token-expired" }, 502],
  ["403", { kind: "profile-invalid" }, 502],
  ["404", { kind: "not-found" }, 404],
  ["a foreign PKey", { kind: "pkey-undecryptable" }, 404],
  ["an unknown URI", { kind: "unknown-uri" }, 502],
  ["a missing CNAME", { kind: "cname-missing" }, 502],
  ["429 with seconds", { kind: "throttled", retryAfterSeconds: 7 }, 429],
  ["429 without", { kind: "throttled", retryAfterSeconds: null }, 429],
  ["503 with seconds", { kind: "unavailable", retryAfterSeconds: 3 }, 503],
  ["503 without", { kind: "unavailable", retryAfterSeconds: null }, 502],
  [
    "Campaign's refusal",
    { kind: "refused-by-campaign", text: "RST-360011 An error has occurred\nXTK-170036 why" },
    502,
  ],
  ["a proxy's page", { kind: "html" }, 502],
  ["409", { kind: "answer", status: 409, body: { error_code: "409001" } }, 502],
  ["418 with nothing", { kind: "answer", status: 418, body: null }, 502],
  ["a redirect", { kind: "redirect", location: "https://elsewhere.example/" }, 502],
  ["no answer", { kind: "hang" }, 504],
  ["a lost request", { kind: "lost-request" }, 502],
  ["a lost answer", { kind: "lost-answer" }, 502],
  [
    "another gateway's document",
    {
      kind: "answer",
      status: 500,
      headers: { "content-type": "application/problem+json" },
      body: '{"code":"not-found","outcome":"not-executed"}',
    },
    404,
  ],
  [
    "a document with an unknown code",
    {
      kind: "answer",
      status: 500,
      headers: { "content-type": "application/problem+json" },
      body: '{"code":"fine","outcome":"not-executed"}',
    },
    502,
  ],
  [
    "a document without an outcome",
    {
      kind: "answer",
      status: 500,
      headers: { "content-type": "application/problem+json" },
      body: '{"code":"not-found","outcome":"perhaps"}',
    },
    502,
  ],
  [
    "the members of a document with another content type",
    { kind: "answer", status: 500, body: { code: "not-found", outcome: "not-executed" } },
    502,
  ],
];

for (const [runtime, start] of /** @type {const} */ ([
  ["Node", inNode],
  ["workerd", inWorkerd],
])) {
  describe(`in ${runtime}`, () => {
    /** @type {Awaited<ReturnType<typeof startCampaign>>} */
    let campaign;
    /** @type {import("./setup.mjs").RunningGateway} */
    let gateway;
    const common = /** @type {const} */ ({ organization, workflowId: "WKF101", command: "start", maxRetries: 0 });
    const through = () =>
      sendWorkflowCommand({
        ...common,
        accessToken: "alice",
        baseUrl: "https://gateway.example",
        fetch: (url, init) => gateway.fetch(new Request(url, init)),
      });
    const direct = () =>
      sendWorkflowCommand({
        ...common,
        accessToken: secrets.accessToken,
        apiKey: secrets.apiKey,
        baseUrl: campaign.url,
        timeoutMs: 400,
      });

    before(async () => {
      campaign = await startCampaign();
      gateway = await start(optionsFor(campaign.url, { timeoutMs: 400 }));
      await through();
    });
    after(async () => (await gateway?.close(), await campaign?.close()));

    /** One fault for each of two calls. @param {Fault} fault */
    async function both(fault) {
      await campaign.emulator.clearFaults();
      await campaign.emulator.clearLog();
      await campaign.emulator.addFault({ ...fault, times: 2 });
      const found = [];
      for (const way of [direct, through])
        found.push(
          await way().then(
            (receipt) => ({ receipt }),
            (error) => ({ error }),
          ),
        );
      return /** @type {any[]} */ (found);
    }

    for (const [what, fault] of successes) {
      test(`the receipt of ${what}`, async () => {
        const [{ receipt: expected, error }, { receipt: found, error: failed }] = await both(fault);
        assert.ok(expected && found, String(error ?? failed));
        const log = await campaign.log();
        assert.equal(log.length, 2);
        assert.deepEqual([typeof found.requestId, found.attempts], [typeof expected.requestId, 1]);
        assert.deepEqual({ ...found, requestId: null }, { ...expected, requestId: null });
      });
    }

    for (const [what, fault, status] of failures) {
      test(`the error of ${what}`, async () => {
        const [{ error: expected }, { error: found }] = await both(fault);
        assert.ok(expected && found);
        const comparable = (
          /** @type {any} */ { message, code, outcome, hint, retryAfterMs, errorCode, requestId },
        ) => ({
          message,
          code,
          outcome,
          hint,
          retryAfterMs,
          errorCode,
          requestId: typeof requestId,
        });
        // The gateway always sets Retry-After: one second if Campaign sets none.
        const retryAfterMs = status === 429 ? Math.max(1000, expected.retryAfterMs) : expected.retryAfterMs;
        assert.deepEqual(comparable(found), { ...comparable(expected), retryAfterMs });
        assert.equal(found.status, status);
        assert.equal((await campaign.log()).length, 2);
      });
    }

    test("only Campaign's own error lines of a response are in the document", async () => {
      await campaign.emulator.clearFaults();
      await campaign.emulator.addFault({
        kind: "refused-by-campaign",
        text: `RST-360011 why ${secrets.accessToken}\nline`,
      });
      await campaign.emulator.addFault({
        kind: "answer",
        status: 500,
        headers: { "x-secret": "header-of-adobe", "set-cookie": "a=cookie-of-adobe" },
        body: "text-of-adobe",
      });
      const first = await problemIn(await gateway.fetch(commandRequest()));
      assert.equal(first.body, "RST-360011 why ***\nline");
      assert.equal(first.errorCode, "RST-360011");
      const response = await gateway.fetch(commandRequest());
      const all = JSON.stringify([...response.headers, await response.text()]);
      assert.ok(!all.includes("of-adobe"), all);
    });

    test("the gateway forwards Retry-After, and leaves the retry to the client", async () => {
      await campaign.emulator.clearFaults();
      await campaign.emulator.addFault({ kind: "throttled", retryAfterSeconds: 9 });
      const response = await gateway.fetch(commandRequest());
      assert.equal(response.headers.get("retry-after"), "9");
      assert.equal((await problemIn(response)).retryAfterMs, 9000);
    });
  });
}

test("an unreachable host, and a token function that fails", async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  for (const [more, code] of /** @type {const} */ ([
    [{}, "unreachable"],
    [{ accessToken: () => Promise.reject(new Error(secrets.clientSecret)) }, "token-unavailable"],
  ])) {
    const gateway = await inNode(optionsFor(nobody, more));
    const response = await gateway.fetch(commandRequest());
    const problem = await problemIn(response);
    assert.deepEqual([response.status, problem.code, problem.outcome], [503, code, "not-executed"]);
    assert.equal(response.headers.get("retry-after"), "1", "a temporary failure");
  }
});

test("a problem document of Adobe's own host is ignored", async () => {
  const document = JSON.stringify({ code: "not-found", outcome: "not-executed" });
  const fetch = async () =>
    new Response(document, { status: 500, headers: { "content-type": "application/problem+json" } });
  const call = {
    organization,
    workflowId: "WKF101",
    command: /** @type {const} */ ("start"),
    accessToken: secrets.accessToken,
    apiKey: secrets.apiKey,
    fetch,
  };
  const adobes = await sendWorkflowCommand(call).catch((error) => error);
  assert.deepEqual([adobes.code, adobes.outcome], ["server-error", "unknown"]);
  const own = await sendWorkflowCommand({ ...call, baseUrl: "https://gateway.example" }).catch((error) => error);
  assert.deepEqual([own.code, own.outcome, own.status], ["not-found", "not-executed", 500]);
});

test("the client's abort is reported as an abort, whatever a gateway sent before", async () => {
  const { signal, controller } = (() => {
    const controller = new AbortController();
    return { controller, signal: controller.signal };
  })();
  const document = JSON.stringify({ code: "rate-limited", outcome: "not-executed", retryAfterMs: 5000 });
  const fetch = async () => (
    setTimeout(() => controller.abort(), 30),
    new Response(document, { status: 429, headers: { "content-type": "application/problem+json", "retry-after": "5" } })
  );
  const error = await sendWorkflowCommand({
    organization,
    workflowId: "W",
    command: "start",
    baseUrl: "https://gateway.example",
    fetch,
    signal,
  }).catch((error) => error);
  assert.deepEqual([error.code, error.outcome], ["aborted", "not-executed"]);
});
