// @ts-check
// Reading, waiting, confirming and signals through a gateway over sockets, compared with Campaign's log.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { hasState, WorkflowClient } from "campaign-workflow/client";
import { FaultyServer } from "../support/faulty-server.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { organization, secrets } from "../support/secrets.mjs";
import { inWorkerd, optionsFor, overSocket, pageOrigin, problemIn } from "./setup.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */

const source = "API";
const quick = { intervalMs: 20, timeoutMs: 5000 };
const below = `/${organization}/campaign/workflow/execution`;

/** @param {Promise<unknown>} call @returns {Promise<import("campaign-workflow").WorkflowCommandError>} */
const failure = (call) =>
  call.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );

/** The names under which the faulty server scripts a GET of a workflow and a trigger: the last but one part of their paths. */
const [GET, TRIGGER] = ["execution", "trigger"];

/** @param {unknown} value @returns {Step} */
const json = (value) => (reply) =>
  reply.respond(200, {
    headers: { "Content-Type": "application/json" },
    body: typeof value === "string" ? value : JSON.stringify(value),
  });

for (const [runtime, start] of /** @type {const} */ ([
  ["Node", overSocket],
  ["workerd", inWorkerd],
])) {
  describe(`in ${runtime}`, () => {
    /** @type {Awaited<ReturnType<typeof startCampaign>>} */
    let campaign;
    /** @type {Awaited<ReturnType<typeof overSocket>>} */
    let gateway;
    const clientOf = (who = "alice", baseUrl = String(gateway.url)) =>
      new WorkflowClient({ organization, accessToken: who, baseUrl, maxRetries: 0 });
    const log = async () =>
      (await campaign.log()).map(({ method, path, command, problem }) => [
        method,
        command ?? path.split("/").filter(Boolean).at(-1),
        problem,
      ]);
    /** @param {string} id */
    const workflow = async (id) =>
      (await campaign.emulator.workflows()).find((one) => one.id === id) ?? assert.fail(id);

    before(async () => {
      campaign = await startCampaign({ applyDelayMs: 100 });
      gateway = await start(optionsFor(campaign.url, { timeoutMs: 3000 }));
    });
    after(async () => (await gateway?.close(), await campaign?.close()));
    beforeEach(async () => {
      await campaign.emulator.clearFaults();
      await campaign.emulator.clearLog();
    });

    test("a workflow is returned as Campaign has it, except for the triggers' addresses", async () => {
      const direct = await new WorkflowClient({
        organization,
        accessToken: secrets.accessToken,
        apiKey: secrets.apiKey,
        baseUrl: campaign.url,
      }).get("WKF106");
      await campaign.emulator.clearLog();
      const through = /** @type {any} */ (await clientOf().get("WKF106"));
      const { href } = through.activities.activity.signal1.trigger;
      assert.match(href, /\/trigger\/$/);
      assert.ok(href.startsWith(`${gateway.url.origin}${below}/WKF106/activities/activity/`), href);
      const expected = /** @type {any} */ (structuredClone(direct));
      assert.ok(expected.activities.activity.signal1.trigger.href.startsWith(campaign.url));
      expected.activities.activity.signal1.trigger.href = href;
      assert.deepEqual(through, expected);
      assert.deepEqual(await log(), [["GET", "WKF106", null]]);
    });

    test("the response is Campaign's, with the gateway's headers", async () => {
      const response = await gateway.fetch(
        new Request(`${gateway.url.origin}${below}/WKF106`, {
          headers: { authorization: "Bearer alice", origin: pageOrigin },
        }),
      );
      assert.equal(response.status, 200);
      const headers = Object.fromEntries(response.headers);
      assert.equal(headers["content-type"], "application/json");
      assert.deepEqual(
        [headers["cache-control"], headers["x-content-type-options"], headers.vary],
        ["no-store", "nosniff", "Origin"],
      );
      assert.equal(headers["access-control-allow-origin"], pageOrigin);
      assert.match(headers["x-request-id"] ?? "", /^local-/);
    });

    test("waitFor and a confirmed command work", async () => {
      const client = clientOf();
      await client.start("WKF101");
      assert.equal((await client.waitFor("WKF101", hasState("Started"), quick)).state, "Started");
      const receipt = await client.stop("WKF101", { confirm: hasState("Finished"), ...quick });
      assert.deepEqual([receipt.status, receipt.workflow?.state], [200, "Finished"]);
      assert.deepEqual(
        (await campaign.log()).filter(({ executed }) => executed).map(({ command }) => command),
        ["start", "stop"],
      );
      assert.ok((await campaign.log()).every(({ problem }) => problem === null));
    });

    test("a signal is triggered once, at the address in the workflow, and not again within ten minutes", async () => {
      await campaign.emulator.advance(600_000);
      const client = clientOf();
      const before = (await workflow("WKF106")).signals.length;
      const receipt = await client.signal("WKF106", "signal1", {
        source,
        parameters: { email: "ä@example.com", count: 2.5, test: false },
      });
      assert.deepEqual([receipt.status, receipt.body, receipt.tooSoon], [200, {}, false]);
      assert.match(String(receipt.requestId), /^local-/);
      const soon = await client.signal("WKF106", "signal1", { source });
      assert.deepEqual(
        [soon.tooSoon, soon.status, soon.body],
        [true, 400, "The signal was triggered less than 10 minutes ago."],
      );
      const { signals } = await workflow("WKF106");
      assert.deepEqual(
        signals.slice(before).map(({ source, parameters }) => [source, parameters]),
        [["API", { email: "ä@example.com", count: 2.5, test: false }]],
      );
      // The client's read, the gateway's, and the trigger.
      assert.deepEqual((await log()).map(([method]) => method).join(" "), "GET GET POST GET GET POST");
    });

    test("a trigger that the workflow does not have is not triggered", async () => {
      for (const [id, activity] of [
        ["WKF106", "none"],
        ["WKF101", "signal1"],
        ["WKF106", "%40none"],
      ]) {
        const request = new Request(`${gateway.url.origin}${below}/${id}/activities/activity/${activity}/trigger`, {
          method: "POST",
          headers: { authorization: "Bearer alice", "content-type": "application/json" },
          body: JSON.stringify({ source }),
        });
        const response = await gateway.fetch(request);
        const { code, outcome } = await problemIn(response);
        assert.deepEqual([response.status, code, outcome], [404, "invalid-trigger", "not-executed"]);
      }
      assert.ok((await log()).every(([method]) => method === "GET"));
      assert.equal((await failure(clientOf().get("WKF999"))).code, "not-found");
    });

    test("a viewer may only read; callers without rights get the same 403 for everything", async () => {
      const viewer = clientOf("viewer");
      await viewer.get("WKF106");
      for (const call of [() => viewer.start("WKF101"), () => viewer.signal("WKF106", "signal1", { source })]) {
        const error = await failure(call());
        assert.deepEqual([error.code, error.status, error.outcome], ["forbidden", 403, "not-executed"]);
      }
      assert.ok((await log()).every(([method]) => method === "GET"));
      const bodies = new Set();
      const nobody = clientOf("nobody");
      for (const call of [
        () => nobody.get("WKF106"),
        () => nobody.get("none"),
        () => nobody.start("WKF101"),
        () => nobody.stop("WKF102"),
      ]) {
        bodies.add((await failure(call())).body);
      }
      assert.equal(bodies.size, 1);
    });

    test("a failed read is not-executed, whatever the failure", async () => {
      for (const [fault, code, status] of /** @type {const} */ ([
        [{ kind: "throttled", retryAfterSeconds: 7 }, "rate-limited", 429],
        [{ kind: "lost-answer" }, "network", 502],
        [{ kind: "hang" }, "timeout", 504],
        [{ kind: "html" }, "server-error", 502],
        [{ kind: "token-expired" }, "unauthenticated", 502],
        [{ kind: "cut-body" }, "bad-response", 502],
      ])) {
        await campaign.emulator.clearFaults();
        await campaign.emulator.addFault({ ...fault, on: "read" });
        const error = await failure(clientOf().get("WKF101"));
        assert.deepEqual([error.code, error.status, error.outcome], [code, status, "not-executed"]);
      }
    });

    test("invalid responses of Campaign are handled", async () => {
      const server = await new FaultyServer().listen();
      const odd = await start(optionsFor(server.url, { timeoutMs: 3000 }));
      const client = clientOf("alice", String(odd.url));
      const address = (/** @type {string} */ rest) => `${server.url}${below}${rest}`;
      const good = address("/@wf/activities/activity/@a/trigger/");
      try {
        // Triggers at other addresses lose their address, so the client finds none.
        const elsewhere = [
          "https://mc.adobe.io/x",
          `${server.url}/other${good.slice(server.url.length)}`,
          address("/@wf/commands"),
          address("/..%2f/activities/activity/@a/trigger/"),
          `${good}?x`,
          "javascript:1",
          "",
          5,
          null,
        ];
        server.script(GET, [
          json({
            PKey: "@wf",
            n: 1,
            activities: {
              activity: Object.fromEntries(elsewhere.map((href, at) => [`s${at}`, { trigger: { href, more: at } }])),
            },
          }),
        ]);
        const found = /** @type {any} */ (await client.get("WKF1"));
        assert.deepEqual(
          found.activities.activity,
          Object.fromEntries(elsewhere.map((_, at) => [`s${at}`, { trigger: { more: at } }])),
        );

        // Numbers and texts in unusual spellings stay as they are.
        server.script(GET, [
          json(
            '{"z":1.50,"big":12345678901234567890123,"a":"\\u00e9","activities":{"activity":{"s":{"trigger":{"href":"/acme-mkt-stage/campaign/workflow/execution/@wf/activities/activity/%40a%20b/trigger"}}}}}',
          ),
        ]);
        const raw = await fetch(`${odd.url.origin}${below}/%40wf%201`, { headers: { authorization: "Bearer alice" } });
        const href = `${odd.url.origin}${below}/@wf%201/activities/activity/%40a%20b/trigger/`;
        assert.equal(
          await raw.text(),
          `{"z":1.50,"big":12345678901234567890123,"a":"\\u00e9","activities":{"activity":{"s":{"trigger":{"href":"${href}"}}}}}`,
        );

        // Not a workflow, or one that is too long.
        for (const body of ["[]", '"x"', "null", "", "<html>", "{", JSON.stringify({ x: "y".repeat(1_100_000) })]) {
          server.script(GET, [json(body)]);
          const error = await failure(client.get("WKF1"));
          assert.deepEqual(
            [error.code, error.status, error.outcome],
            ["bad-response", 502, "not-executed"],
            body.slice(0, 20),
          );
        }

        // The trigger has Campaign's own id of the workflow; the caller gets Campaign's response.
        server.requests.length = 0;
        server.script(GET, Array(2).fill(json({ activities: { activity: { signal1: { trigger: { href: good } } } } })));
        server.script(TRIGGER, [(reply) => reply.respond(500, { body: "RST-360011 why" })]);
        const error = await failure(client.signal("WKF1", "signal1", { source }));
        assert.deepEqual(
          [error.code, error.status, error.outcome, error.errorCode],
          ["server-error", 502, "unknown", "RST-360011"],
        );
        assert.deepEqual(
          server.requests.map(({ method, path }) => `${method} ${path}`),
          [`GET ${below}/WKF1`, `GET ${below}/WKF1`, `POST ${below}/@wf/activities/activity/@a/trigger/`],
        );
      } finally {
        await odd.close();
        await server.close();
      }
    });
  });
}

test("a gateway with a send serves only commands without credentials, and everything with them", async () => {
  const campaign = await startCampaign();
  const { accessToken, apiKey, baseUrl } = optionsFor(campaign.url);
  const receipt = { workflowId: "WKF106", command: "start", status: 202, body: null, requestId: null, attempts: 1 };
  const send = async () => receipt;
  const commands = await overSocket({ organization, send });
  const all = await overSocket({ organization, send, accessToken, apiKey, baseUrl });
  try {
    for (const gateway of [commands, all]) {
      const client = new WorkflowClient({
        organization,
        accessToken: "alice",
        baseUrl: String(gateway.url),
        maxRetries: 0,
      });
      assert.equal((await client.start("WKF106")).status, 202);
      const served = gateway === all;
      const read = await client.get("WKF106").then(
        () => 200,
        ({ status }) => status,
      );
      const preflight = await gateway.fetch(new Request(`${gateway.url.origin}${below}/WKF106`, { method: "OPTIONS" }));
      assert.deepEqual([read, preflight.status], served ? [200, 405] : [404, 404]);
      if (served) assert.equal((await client.signal("WKF106", "signal1", { source })).status, 200);
    }
    assert.ok(
      (await campaign.log()).every(({ command }) => command === null),
      "commands are sent by send",
    );
  } finally {
    await Promise.all([commands.close(), all.close(), campaign.close()]);
  }
});
