// @ts-check
// One deadline for the whole response, and each request's within that of the request before it.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { sendWorkflowCommand } from "campaign-workflow";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { createGateway } from "campaign-workflow/gateway";
import { startCampaign } from "../support/campaign.mjs";
import { organization, secrets } from "../support/secrets.mjs";
import { sleep } from "../support/wait.mjs";
import { collectResponse, commandRequest, optionsFor, problemIn } from "./setup.mjs";

/** A request body that comes late. @param {number} ms */
const lateBody = (ms) =>
  new ReadableStream({
    start: async (controller) => (
      await sleep(ms), controller.enqueue(new TextEncoder().encode('{"method":"start"}')), controller.close()
    ),
  });

const receipt = /** @type {const} */ ({
  workflowId: "WKF101",
  command: "start",
  status: 200,
  body: null,
  requestId: null,
  attempts: 1,
});

describe("with a Campaign", () => {
  /** @type {Awaited<ReturnType<typeof startCampaign>>} */
  let campaign;
  before(async () => {
    campaign = await startCampaign();
    // The first command starts modules and connections, which takes time.
    const gateway = createGateway(/** @type {any} */ (optionsFor(campaign.url, { authorize: () => true })));
    await gateway.fetch(commandRequest());
  });
  after(() => campaign.close());
  beforeEach(() => campaign.emulator.clearLog());

  test("the command gets the time that its body and authorize have left", async () => {
    await campaign.emulator.addFault({ kind: "hang" });
    const options = optionsFor(campaign.url, { timeoutMs: 1000, authorize: async () => (await sleep(350), true) });
    const startedAt = performance.now();
    const response = await collectResponse(
      await createGateway(/** @type {any} */ (options)).fetch(commandRequest({ body: lateBody(350) })),
    );
    const took = performance.now() - startedAt;
    const problem = await problemIn(response);
    assert.deepEqual([response.status, problem.code, problem.outcome], [504, "timeout", "unknown"]);
    assert.ok(took > 900 && took < 1500, `${took} ms`);
    assert.equal((await campaign.log()).length, 1);
  });

  test("a command for which no time is left is not sent", async () => {
    const busy = (/** @type {number} */ ms) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
      return true;
    };
    const options = optionsFor(campaign.url, { timeoutMs: 100, authorize: () => busy(120) });
    const response = await collectResponse(await createGateway(/** @type {any} */ (options)).fetch(commandRequest()));
    const problem = await problemIn(response);
    assert.deepEqual([response.status, problem.code, problem.outcome], [504, "timeout", "not-executed"]);
    assert.equal((await campaign.log()).length, 0);
  });
});

/** @param {(command: import("campaign-workflow/gateway").SentCommand) => Promise<any>} send @param {object} [more] */
const sending = (send, more) => createGateway({ organization, authorize: () => true, send, ...more });

test("the user's own send gets the time that is left, of 25 seconds by default", async () => {
  /** @type {number[]} */
  const left = [];
  const send = async (/** @type {{ timeoutMs: number }} */ { timeoutMs }) => (left.push(timeoutMs), receipt);
  await sending(send).fetch(commandRequest());
  await sending(send, { timeoutMs: 1000, authorize: async () => (await sleep(100), true) }).fetch(
    commandRequest({ body: lateBody(100) }),
  );
  const [whole = 0, rest = 0] = left;
  assert.ok(whole > 24_000 && whole <= 25_000, `${whole} ms`);
  assert.ok(rest > 0 && rest < 850, `${rest} ms`);
});

test("at the deadline the response does not wait for the user's own send, which goes on", async () => {
  let ended = false;
  /** @type {Promise<unknown>[]} */
  const kept = [];
  const send = async () => (await sleep(400), (ended = true), receipt);
  const response = await collectResponse(
    await sending(send, { timeoutMs: 100 }).fetch(commandRequest(), {}, { waitUntil: (work) => void kept.push(work) }),
  );
  const problem = await problemIn(response);
  assert.deepEqual([response.status, problem.code, problem.outcome], [504, "timeout", "unknown"]);
  assert.equal(response.headers.get("retry-after"), null);
  assert.match(problem.hint, /look at the workflow/);
  assert.equal(ended, false);
  await Promise.all(kept);
  assert.equal(ended, true, "waitUntil got it");
});

test("a failure after the deadline has no effect", async () => {
  const send = async () => (await sleep(100), Promise.reject(new Error("late")));
  const response = await sending(send, { timeoutMs: 50 }).fetch(commandRequest());
  assert.equal(response.status, 504);
  await sleep(150);
});

// The client waits and retries, twice at most, and never past its 30 s; the gateway forwards the 429 at once.
for (const [seconds, waits] of /** @type {const} */ ([
  [12, 24],
  [14, 28],
  [60, 0],
])) {
  test(`a Campaign that is busy for ${seconds} seconds is reported as rate-limited, and not as a timeout`, async (t) => {
    const { accessToken, apiKey } = secrets;
    const campaign = new CampaignEmulator({ organization, accessTokens: [accessToken], apiKeys: [apiKey] });
    await campaign.addFault({ kind: "throttled", retryAfterSeconds: seconds, times: null });
    // The client's module is compiled at its first call, which the mocked clock can't advance.
    await sendWorkflowCommand({ organization: "", workflowId: "", command: "start" }).catch(() => {});
    // Mocks the clocks of client and gateway from here on.
    t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
    /** @type {any} */
    const fetch = (/** @type {string} */ url, /** @type {RequestInit} */ { signal: _, ...init }) =>
      campaign.fetch(new Request(url, init));
    const gateway = createGateway({ organization, accessToken, apiKey, fetch, authorize: () => true });
    const call = {
      organization,
      workflowId: "WKF101",
      command: /** @type {const} */ ("start"),
      baseUrl: "https://gateway.example",
    };
    /** @type {Response | undefined} */
    let answer;
    /** @type {any} */
    const through = async (/** @type {string} */ url, /** @type {RequestInit} */ init) =>
      (answer = await gateway.fetch(new Request(url, init))).clone();
    /** @type {any} */
    let error;
    sendWorkflowCommand({ ...call, fetch: through }).catch((failure) => (error = failure));
    let elapsed = 0;
    for (; error === undefined && elapsed < 60; elapsed += 1) {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (error === undefined) t.mock.timers.tick(1000);
    }
    assert.deepEqual([answer?.status, answer?.headers.get("retry-after")], [429, `${seconds}`]);
    assert.deepEqual(
      [error?.code, error?.outcome, error?.retryAfterMs],
      ["rate-limited", "not-executed", seconds * 1000],
    );
    assert.equal(elapsed - 1, waits);
  });
}
