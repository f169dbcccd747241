// @ts-check
// Signals: sent once to the documented address of the same organization, or not at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutBackOff } from "./checked-calls.mjs";
import { hangAfterExecution, throttled } from "../support/faults.mjs";
import { sleep } from "../support/wait.mjs";
import { campaign, failure, faulty, GET, json, TRIGGER } from "./servers.mjs";

const source = "API";
/** @param {unknown} href */
const showing = (href) => json({ PKey: "@wf", activities: { activity: { signal1: { trigger: { href } } } } });
const documented = "/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/";

test("a signal is sent to the trigger address of the workflow, with source and parameters", async () => {
  const { client, workflow, log } = await campaign();
  const at = new Date(Date.UTC(2026, 10, 24, 12));
  const receipt = await client.signal("WKF106", "signal1", {
    source,
    parameters: { email: "ä@example.com", count: 2.5, test: false, at },
  });
  assert.deepEqual(
    [receipt.workflowId, receipt.activity, receipt.status, receipt.body, receipt.attempts, receipt.tooSoon],
    ["WKF106", "signal1", 200, {}, 2, false],
  );
  assert.match(String(receipt.requestId), /^local-/);
  const { signals } = await workflow("WKF106");
  assert.deepEqual(
    signals.map(({ source, parameters }) => [source, parameters]),
    [["API", { email: "ä@example.com", count: 2.5, test: false, at: "2026-11-24T12:00:00.000Z" }]],
  );
  assert.deepEqual(
    (await log()).map(({ method, problem, executed }) => [method, problem, executed]),
    [
      ["GET", null, false],
      ["POST", null, true],
    ],
  );
});

test("within ten minutes the receipt has tooSoon, and the signal is not triggered", async () => {
  const { client, emulator, workflow } = await campaign();
  assert.equal((await client.signal("WKF106", "signal1", { source })).tooSoon, false);
  const soon = await client.signal("WKF106", "signal1", { source });
  assert.deepEqual(
    [soon.tooSoon, soon.status, soon.body],
    [true, 400, "The signal was triggered less than 10 minutes ago."],
  );
  assert.equal((await workflow("WKF106")).signals.length, 1);
  await emulator.advance(600_000);
  assert.equal((await client.signal("WKF106", "signal1", { source })).tooSoon, false);
  assert.equal((await workflow("WKF106")).signals.length, 2);
});

test("plain text with status 200 means tooSoon, too; pages, Campaign's errors and JSON do not", async () => {
  const { server, client } = await faulty();
  const plain = { "Content-Type": "text/plain" };
  server.script(GET, Array(4).fill(showing(documented)));
  server.script(TRIGGER, [
    (reply) => reply.respond(200, { headers: plain, body: "wait" }),
    (reply) => reply.respond(200, { headers: { "Content-Type": "text/html" }, body: "<html>" }),
    (reply) => reply.respond(202),
    (reply) => reply.respond(400, { headers: plain, body: "RST-360011 An error" }),
  ]);
  assert.equal((await client.signal("WKF1", "signal1", { source })).tooSoon, true);
  assert.equal((await client.signal("WKF1", "signal1", { source })).tooSoon, false);
  assert.equal((await client.signal("WKF1", "signal1", { source })).tooSoon, false);
  const error = await failure(client.signal("WKF1", "signal1", { source }));
  assert.deepEqual([error.code, error.errorCode, error.attempts], ["rejected", "RST-360011", 2]);
});

test("a workflow that is not running, and one that does not exist", async () => {
  const { client } = await campaign({ workflows: [{ id: "WKF1", signals: [{ name: "signal1" }] }] });
  const error = await failure(client.signal("WKF1", "signal1", { source }));
  assert.deepEqual([error.code, error.errorCode, error.attempts], ["server-error", "RST-360011", 2]);
  assert.deepEqual((await failure(client.signal("WKF2", "signal1", { source }))).code, "not-found");
});

const foreign = [
  "https://mc.adobe.io/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "//127.0.0.1:9/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "/other/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "/acmf/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "http://127.0.0.2:PORT/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "/acme-2/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "/acme/../other/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "/acme/%2e%2e/other/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "/acme/campaign/workflow/execution/..%2f..%2f..%2f..%2fother%2fcampaign/activities/activity/@a/trigger/",
  "/acme/campaign/workflow/execution/..%5cx/activities/activity/@a/trigger/",
  "/acme/campaign/workflow/execution/%252e%252e/activities/activity/@a/trigger/",
  "/acme/campaign/workflow/execution/@wf\\..\\..\\..\\..\\other/activities/activity/@a/trigger/",
  "/acme/campaign/workflow/execution/@wf/activities/activity/@a%0d%0aX:1/trigger/",
  "/acme/campaign/workflow/execution/@wf/commands",
  "/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/?x=1",
  "/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/#x",
  "https://me:pw@HOST/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "http://me@HOST/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "https://HOST/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "http://HOST.example/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  "javascript:alert(1)",
  "data:,x",
  "",
  "http://",
  null,
  5,
  {},
  undefined,
];

test("a trigger address of another origin, organization or form gets no request", async () => {
  for (const href of foreign) {
    const { server, client } = await faulty();
    server.script(GET, [
      showing(
        typeof href === "string"
          ? href.replace("HOST", `127.0.0.1:${server.port}`).replace("PORT", String(server.port))
          : href,
      ),
    ]);
    const error = await failure(client.signal("WKF1", "signal1", { source }));
    assert.deepEqual([error.code, error.outcome, error.attempts], ["invalid-trigger", "not-executed", 1], String(href));
    assert.deepEqual(
      server.requests.map(({ method }) => method),
      ["GET"],
      String(href),
    );
    await server.close();
  }
});

test("a relative trigger address, or one in another spelling, is resolved", async () => {
  for (const href of [
    documented,
    documented.slice(0, -1),
    "./@wf/activities/activity/@a/trigger/",
    "/acme/x/../campaign/workflow/execution/@wf/activities/activity/@a/trigger",
    "HTTP://HOST/acme/campaign/workflow/execution/@wf/activities/activity/@a/trigger/",
  ]) {
    const { server, client } = await faulty();
    server.script(GET, [showing(href.replace("HOST", `127.0.0.1:${server.port}`))]);
    const receipt = await client.signal("WKF1", "signal1", { source });
    assert.equal(receipt.status, 200);
    const [, post] = server.requests;
    assert.equal(post?.path.replace(/\/$/, ""), documented.slice(0, -1));
    assert.deepEqual([post?.method, post?.body], ["POST", '{"source":"API"}']);
    await server.close();
  }
});

test("with a path in baseUrl, signals stay below it", async () => {
  const { server } = await faulty();
  const { client } = await faulty({ baseUrl: `${server.url}/camp/` });
  server.script(GET, [showing(documented), showing(`/camp${documented}`)]);
  assert.equal((await failure(client.signal("WKF1", "signal1", { source }))).code, "invalid-trigger");
  await client.signal("WKF1", "signal1", { source });
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    [
      "/camp/acme/campaign/workflow/execution/WKF1",
      "/camp/acme/campaign/workflow/execution/WKF1",
      `/camp${documented}`,
    ],
  );
});

test("an activity that the workflow does not have gets no request", async () => {
  const { client, requests } = await campaign();
  for (const activity of ["signal2", "__proto__", "constructor", "toString"]) {
    const error = await failure(client.signal("WKF106", activity, { source }));
    assert.deepEqual([error.code, error.outcome, error.attempts], ["invalid-trigger", "not-executed", 1]);
    assert.match(error.message, /no trigger of this activity/);
    assert.match(String(error.hint), /name of an External signal activity/);
  }
  assert.deepEqual(await requests(), Array(4).fill("GET WKF106"));
});

test("the content of a signal is validated before anything is sent", async () => {
  const { client, requests } = await campaign();
  /** @type {[any, any, string][]} activity, content, what is named */
  const bad = [
    ["", { source }, "activity"],
    [undefined, { source }, "activity"],
    [5, { source }, "activity"],
    ["signal1", {}, "source"],
    ["signal1", undefined, "source"],
    ["signal1", null, "source"],
    ["signal1", { source: "" }, "source"],
    ["signal1", { source: 5 }, "source"],
    ["signal1", { source: "\ud800" }, "source"],
    ...[null, "x", 5, [], ["a"], new Map(), () => {}].map(
      (parameters) => /** @type {any} */ (["signal1", { source, parameters }, "parameters"]),
    ),
    ...[null, NaN, Infinity, [], {}, () => {}, 10n, Symbol("s"), "\udc00", new Date(NaN)].map(
      (value) => /** @type {any} */ (["signal1", { source, parameters: { value } }, "parameters"]),
    ),
    [
      "signal1",
      {
        source,
        parameters: {
          get value() {
            throw new Error("no");
          },
        },
      },
      "parameters",
    ],
    ["signal1", { source, parameters: { text: "ä".repeat(33_000) } }, "parameters"],
    ["signal1", { source: "x".repeat(65_536) }, "parameters"],
  ];
  for (const [activity, content, named] of bad) {
    const error = await failure(client.signal("WKF106", activity, content));
    assert.deepEqual([error.code, error.outcome, error.attempts], ["invalid-argument", "not-executed", 0]);
    assert.match(error.message, new RegExp(`^${named} `));
  }
  assert.deepEqual(await requests(), []);
});

test("a signal of exactly 64 KB is sent", async () => {
  const { client, log } = await campaign();
  const around = '{"source":"API","parameters":{"text":""}}'.length;
  await client.signal("WKF106", "signal1", { source, parameters: { text: "x".repeat(65_536 - around) } });
  assert.equal((await log()).at(-1)?.body.length, 65_536);
  assert.equal((await log()).at(-1)?.executed, true);
});

test("a signal in doubt is never sent again; one that was certainly not executed is", async () => {
  const { server, client } = await faulty({ attemptTimeoutMs: 200 });
  const look = () => server.script(GET, [showing(documented)]);
  for (const [step, code] of /** @type {const} */ ([
    [(/** @type {any} */ reply) => reply.execute().reset(), "network"],
    [(/** @type {any} */ reply) => reply.execute().respond(500), "server-error"],
    [(/** @type {any} */ reply) => reply.execute().respond(502, { body: "<html>" }), "server-error"],
    [hangAfterExecution, "timeout"],
  ])) {
    look();
    const before = server.requestsFor(TRIGGER).length;
    server.script(TRIGGER, [step]);
    const error = await failure(client.signal("WKF1", "signal1", { source }));
    assert.deepEqual([error.code, error.outcome, error.attempts], [code, "unknown", 2]);
    assert.equal(server.requestsFor(TRIGGER).length - before, 1);
  }
  look();
  const before = server.requestsFor(TRIGGER).length;
  server.script(TRIGGER, [throttled("0"), throttled("0"), json({})]);
  const receipt = await withoutBackOff(() => client.signal("WKF1", "signal1", { source }));
  assert.deepEqual([receipt.status, receipt.attempts, server.requestsFor(TRIGGER).length - before], [200, 4, 3]);
});

test("one deadline covers reading the workflow and sending the signal", async () => {
  const { server, client } = await faulty();
  server.script(GET, [
    async (reply) => {
      await sleep(250);
      await showing(documented)(reply);
    },
  ]);
  server.script(TRIGGER, [() => {}]);
  const from = performance.now();
  const error = await failure(client.signal("WKF1", "signal1", { source }, { timeoutMs: 500 }));
  assert.deepEqual([error.code, error.outcome, error.attempts], ["timeout", "unknown", 2]);
  assert.ok(performance.now() - from < 740, "it took more than its time");
});
