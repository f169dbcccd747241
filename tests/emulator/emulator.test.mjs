// @ts-check
// The emulator's JavaScript class: requests, time and failures. The crate's tests cover its responses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { documented, headers } from "./requests.mjs";

/** @param {CampaignEmulator} campaign @param {string} id */
async function workflow(campaign, id) {
  const found = (await campaign.workflows()).find((each) => each.id === id);
  assert.ok(found);
  return found;
}

test("responds to a request and logs it", async () => {
  const campaign = new CampaignEmulator({ now: () => 1000 });
  const response = await campaign.fetch(new Request(...documented("WKF101", "start")));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("x-request-id"), "local-0");
  const { pkey } = await workflow(campaign, "WKF101");
  assert.deepEqual(await response.json(), { PKey: pkey, method: "start" });

  const path = "/acme-mkt-stage/campaign/workflow/execution/WKF101/commands";
  assert.deepEqual(await campaign.log(), [
    {
      index: 0,
      at: 1000,
      method: "POST",
      url: `https://mc.adobe.io${path}`,
      path,
      headers: {
        authorization: "Bearer local-token",
        "cache-control": "no-cache",
        "content-type": "application/json",
        "x-api-key": "local-key",
      },
      body: '{"method":"start"}',
      organization: "acme-mkt-stage",
      workflowId: "WKF101",
      command: "start",
      status: 200,
      fault: null,
      problem: null,
      executed: true,
    },
  ]);
});

test("fetch needs no `this` and accepts the same arguments as the platform's fetch", async () => {
  const { fetch } = new CampaignEmulator();
  assert.equal((await fetch(...documented("WKF101", "start"))).status, 200);
  const [url, init] = documented("WKF104", "start");
  assert.equal((await fetch(new URL(url), init)).status, 200);
  // Servers pass their own arguments after the request.
  const other = /** @type {any} */ ({ waitUntil() {}, method: 7 });
  assert.equal((await fetch(new Request(...documented("WKF102", "pause")), other)).status, 200);
});

test("shows a workflow with a pending command", async () => {
  let now = 0;
  const campaign = new CampaignEmulator({ workflows: [{ id: "W", label: "Mails", pkey: "@w" }], now: () => now });
  await campaign.fetch(...documented("@w", "start"));
  const accepted = { command: "start", acceptedAt: 0, appliedAt: null, ledTo: null, requestIndex: 0 };
  const before = {
    id: "W",
    pkey: "@w",
    label: "Mails",
    state: "Editing",
    pending: [{ command: "start", appliesAt: 1500 }],
    executions: [accepted],
    allowed: ["pause", "stop"],
    signals: [],
  };
  assert.deepEqual(await campaign.workflows(), [before]);
  const after = {
    ...before,
    state: "Started",
    pending: [],
    executions: [{ ...accepted, appliedAt: 1500, ledTo: "Started" }],
  };
  now = 1500;
  assert.deepEqual(await campaign.workflows(), [after]);
});

test("the clock can be moved forward and stays ahead", async () => {
  const campaign = new CampaignEmulator({ now: () => 0 });
  await campaign.fetch(...documented("WKF101", "start"));
  await campaign.advance(1499);
  assert.equal((await workflow(campaign, "WKF101")).state, "Editing");
  await campaign.advance(1);
  assert.equal((await workflow(campaign, "WKF101")).state, "Started");
  await campaign.fetch(...documented("WKF101", "stop"));
  assert.equal((await campaign.log())[1]?.at, 1500);
  for (const wrong of [-1, NaN, /** @type {any} */ (undefined)])
    await assert.rejects(campaign.advance(wrong), TypeError);
});

test("uses the machine's clock by default", async () => {
  const campaign = new CampaignEmulator();
  const before = Date.now();
  await campaign.fetch(...documented("WKF101", "start"));
  const at = (await campaign.log())[0]?.at ?? 0;
  assert.ok(before <= at && at <= Date.now());
});

test("a reset restores the initial state", async () => {
  const campaign = new CampaignEmulator({ now: () => 5 });
  const fresh = await campaign.workflows();
  await campaign.fetch(...documented("WKF101", "start"));
  await campaign.addFault({ kind: "hang" });
  await campaign.advance(5000);
  await campaign.reset();
  assert.deepEqual([await campaign.log(), await campaign.faults()], [[], []]);
  assert.deepEqual(await campaign.workflows(), fresh);
  await campaign.fetch(...documented("WKF101", "start"));
  const first = (await campaign.log())[0];
  assert.deepEqual([first?.index, first?.at], [0, 5]);
});

test("instances are independent", async () => {
  const [one, other] = [new CampaignEmulator(), new CampaignEmulator()];
  await one.fetch(...documented("WKF101", "start"));
  assert.equal((await other.log()).length, 0);
  await one.clearLog();
  assert.equal((await one.log()).length, 0);
  assert.equal((await workflow(one, "WKF101")).executions.length, 1);
});

test("invalid options and faults throw a TypeError with the reason", async () => {
  const of = (/** @type {any} */ options) => new CampaignEmulator(options).log();
  await assert.rejects(of({ organisation: "x" }), { name: "TypeError", message: /unknown field `organisation`/ });
  await assert.rejects(of({ now: 5 }), { name: "TypeError", message: /now must be a function/ });
  await assert.rejects(of({ workflows: [{}] }), { name: "TypeError", message: /missing field `id`/ });
  assert.deepEqual(await of({ organization: undefined, now: undefined }), []);

  const campaign = new CampaignEmulator();
  const add = (/** @type {any} */ fault) => campaign.addFault(fault);
  await assert.rejects(add({ kind: "hangs" }), { name: "TypeError", message: /unknown variant `hangs`/ });
  await assert.rejects(add({ kind: "answer", status: 99 }), { name: "TypeError", message: /status is not 200 to 599/ });
  for (const nothing of [undefined, null, "hang", 7]) await assert.rejects(add(nothing), TypeError);
  assert.deepEqual(await campaign.faults(), []);
});

test("lists the active faults", async () => {
  const campaign = new CampaignEmulator();
  assert.equal(await campaign.addFault({ kind: "throttled", command: "stop", times: null }), 1);
  assert.equal(await campaign.addFault({ kind: "hang", workflowId: "WKF101" }), 2);
  await campaign.fetch(...documented("WKF102", "stop"));
  const common = { on: "command", delayMs: 0 };
  assert.deepEqual(await campaign.faults(), [
    { id: 1, met: 1, kind: "throttled", retryAfterSeconds: 2, command: "stop", times: null, ...common },
    { id: 2, met: 0, kind: "hang", workflowId: "WKF101", times: 1, ...common },
  ]);
  await campaign.clearFaults();
  assert.deepEqual(await campaign.faults(), []);
});

test("sends any scripted response, also bytes", async () => {
  const campaign = new CampaignEmulator();
  const bytes = Uint8Array.of(255, 0, 1);
  await campaign.addFault({ kind: "answer", status: 502, headers: { "X-More": "1" }, body: bytes });
  const response = await campaign.fetch(...documented("WKF101", "start"));
  assert.deepEqual([response.status, response.headers.get("x-more")], [502, "1"]);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);

  await campaign.addFault({ kind: "answer", status: 204, body: "not allowed there" });
  const empty = await campaign.fetch(...documented("WKF101", "start"));
  assert.deepEqual([empty.status, await empty.text()], [204, ""]);
});

test("a lost connection is a TypeError, whether or not the command was executed", async () => {
  const campaign = new CampaignEmulator();
  for (const kind of /** @type {const} */ (["lost-request", "lost-answer"])) {
    await campaign.addFault({ kind });
    await assert.rejects(campaign.fetch(...documented("WKF101", "start")), TypeError);
  }
  const seen = (await campaign.log()).map(({ fault, executed, status }) => ({ fault, executed, status }));
  assert.deepEqual(seen, [
    { fault: "lost-request", executed: false, status: null },
    { fault: "lost-answer", executed: true, status: null },
  ]);
});

test("a cut body delivers its first half, then fails", async () => {
  const campaign = new CampaignEmulator();
  await campaign.addFault({ kind: "cut-body" });
  const response = await campaign.fetch(...documented("WKF101", "start"));
  assert.equal(response.status, 200);
  assert.ok(response.body);
  const reader = response.body.getReader();
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /^\{"PKey":"@/);
  await assert.rejects(reader.read(), TypeError);
  assert.equal((await campaign.log())[0]?.executed, true);
});

test("a delay passes before the response, and ends when the signal aborts", async () => {
  const campaign = new CampaignEmulator();
  await campaign.addFault({ kind: "delay", delayMs: 80 });
  const startedAt = performance.now();
  assert.equal((await campaign.fetch(...documented("WKF101", "start"))).status, 200);
  assert.ok(performance.now() - startedAt >= 75);

  await campaign.addFault({ kind: "delay", delayMs: 60_000 });
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = campaign.fetch(...documented("WKF104", "start", { signal: controller.signal }));
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(waiting, reason);
});

test("a hang ends when the signal aborts, with its reason", async () => {
  const campaign = new CampaignEmulator();
  await campaign.addFault({ kind: "hang" });
  const controller = new AbortController();
  const waiting = campaign.fetch(...documented("WKF101", "start", { signal: controller.signal }));
  const outcome = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50, "still waiting"))]);
  assert.equal(outcome, "still waiting");
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});

test("a request that is already aborted never arrives", async () => {
  const campaign = new CampaignEmulator();
  const request = campaign.fetch(...documented("WKF101", "start", { signal: AbortSignal.abort("no") }));
  await assert.rejects(request, (reason) => reason === "no");
  assert.deepEqual(await campaign.log(), []);
});

test("the control API does over HTTP what the methods do", async () => {
  const campaign = new CampaignEmulator({ now: () => 0 });
  const control = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body) => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return (await campaign.fetch(`http://any.example/prefix/__emulator/${path}`, init)).json();
  };
  assert.deepEqual(await control("POST", "faults", { kind: "html" }), { ids: [1] });
  assert.deepEqual(await control("GET", "faults", undefined), await campaign.faults());
  await campaign.fetch(...documented("WKF101", "start"));
  assert.deepEqual(await control("GET", "log", undefined), await campaign.log());
  assert.deepEqual(await control("POST", "clock", { advanceMs: 10 }), { now: 10 });
  assert.deepEqual(await control("GET", "workflows", undefined), await campaign.workflows());
  await control("POST", "reset", undefined);
  assert.deepEqual(await campaign.log(), []);
});

test("a signal is found by reading the workflow and triggered once", async () => {
  const campaign = new CampaignEmulator();
  const read = await campaign.fetch("https://mc.adobe.io/acme-mkt-stage/campaign/workflow/execution/WKF106", {
    headers,
  });
  const { href } = (await read.json()).activities.activity.signal1.trigger;
  const body = JSON.stringify({ source: "API", parameters: { email: "a@example.com", count: 2 } });
  const statuses = [];
  for (let attempt = 0; attempt < 2; attempt += 1)
    statuses.push((await campaign.fetch(href, { method: "POST", headers, body })).status);
  assert.deepEqual(statuses, [200, 400]);
  const { signals } = await workflow(campaign, "WKF106");
  assert.deepEqual(
    signals.map(({ at: _, ...signal }) => signal),
    [{ name: "signal1", source: "API", parameters: { email: "a@example.com", count: 2 }, requestIndex: 1 }],
  );
});

test("handles malformed input: deep JSON, long bodies, broken URLs", async () => {
  const campaign = new CampaignEmulator();
  const [url, init] = documented("WKF101", "start");
  const deep = `${"[".repeat(100_000)}`;
  const bodies = [deep, `{"method":${deep}`, "x".repeat(2_000_000), "\ud800", "\0"];
  for (const body of bodies) assert.equal((await campaign.fetch(url, { ...init, body })).status, 400);
  const response = await campaign.fetch("http://h/__emulator/faults", { method: "POST", body: deep });
  assert.equal(response.status, 400);
  /** @type {unknown} */
  let nested = 1;
  for (let depth = 0; depth < 120; depth += 1) nested = { nested };
  await campaign.addFault({ kind: "answer", status: 200, body: nested });
  const scripted = await campaign.fetch(url, init);
  assert.deepEqual(await scripted.json(), nested);
  for (const path of ["%", "%ff", "%00", "a%0d%0ab", "\u{1f600}", "..;", "a".repeat(100_000)]) {
    const at = `https://h/acme-mkt-stage/campaign/workflow/execution/${path}/commands`;
    assert.ok([404, 500].includes((await campaign.fetch(at, init)).status), path.slice(0, 20));
  }
  assert.equal((await campaign.fetch(url, init)).status, 200);
});
