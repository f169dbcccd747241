// @ts-check
// Each trial of the panel: the page promises what the client answers, and Campaign's log says what came to it and was executed.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { groups } from "../../www/failure-cases.js";
import { hopOf, launch, openPage, posted, reset, serve, textOf, trial } from "./browser.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("./browser.mjs").Server} */
let server;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let opened;

before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
  opened = await openPage(browser, server);
});
after(async () => {
  await Promise.all([browser.close(), server.close()]);
  assert.deepEqual(opened.problems, []);
});
afterEach(() => reset(opened.page));

/** The trials in which the command is executed all the same, or in the end. */
const executed = ["lost-reply", "lost-reply-no-key", "same-key", "throttled-once", "lost-answer", "cut-body"];
/** How many requests a trial needs, where it is not one: from the client to the gateway, and from there to Campaign. */
const requests = /** @type {Record<string, [number, number]>} */ ({
  "lost-reply": [2, 1],
  viewer: [1, 0],
  "signed-out": [1, 0],
  "not-listed": [1, 0],
  "throttled-once": [1, 2],
  throttled: [3, 9],
  unavailable: [3, 9],
});

for (const group of groups) {
  describe(`trials, ${group.id}`, () => {
    // What needs the person is tried beside the buttons, in page.test.mjs.
    for (const { id, code, outcome } of group.trials.filter(({ yours }) => !yours)) {
      it(`${id}: ${code ?? "a receipt"}, ${outcome}`, async () => {
        const { page } = opened;
        const row = await trial(page, id);
        await row.getByRole("button").click();
        const result = row.locator(".result");
        await result.waitFor({ timeout: 30_000 });
        assert.match(await textOf(result), /^Came as expected, [\d.]+ m?s\. Show$/);
        await result.getByRole("link").click();

        const call = page.locator("#calls > li:first-child > .call");
        assert.equal(await call.getAttribute("data-outcome"), outcome);
        assert.ok(await call.evaluate((element) => element.matches(":target")));
        const answer = JSON.parse(await call.locator("[data-part=answer] .json").first().innerText());
        assert.equal(answer.code, code);
        if (code) assert.deepEqual([answer.name, answer.outcome], ["WorkflowCommandError", outcome]);
        assert.match(await textOf(call.locator(".next-step")), /^What now\? .{20,}$/);

        const log = await posted(server);
        const [sent, passedOn] = group.id === "code" ? [0, 0] : (requests[id] ?? [1, 1]);
        assert.equal(answer.attempts, sent);
        assert.equal(await call.locator("[data-part=request] .http").count(), sent);
        assert.equal(log.length, passedOn);
        await assertTrueHops(call, sent, id === "same-key" ? [] : log.map(({ status }) => status));
        assert.equal(
          log.some((entry) => entry.executed),
          executed.includes(id),
        );
        if (outcome === "not-executed") assert.ok(!log.some((entry) => entry.executed));
        assert.deepEqual(await server.emulator.faults(), []);
      });
    }
  });
}

/**
 * The picture of the call says of both hops what was so.
 * @param {import("playwright-core").Locator} call @param {number} sent @param {(number | null)[]} answered by Campaign
 */
async function assertTrueHops(call, sent, answered) {
  const counted = (/** @type {number} */ count) => (count === 1 ? "1 request" : `${count} requests`);
  const toGateway = await hopOf(call, "gateway");
  if (sent === 0) assert.equal(toGateway, "none: nothing sent");
  else if ((await lastStatus(call)) === undefined) assert.equal(toGateway, `silent: no answer, ${counted(sent)}`);
  else assert.match(toGateway, new RegExp(`^(good|bad): .*\\b${await lastStatus(call)}\\b.* ${counted(sent)}$`));
  const toCampaign = await hopOf(call, "campaign");
  if (answered.length === 0) return assert.equal(toCampaign, "none: nothing sent");
  assert.ok(toCampaign.endsWith(` ${counted(answered.length)}`), toCampaign);
  const last = answered.at(-1);
  assert.ok(toCampaign.includes(last === null ? "no answer" : String(last)), toCampaign);
}

/** @param {import("playwright-core").Locator} call */
async function lastStatus(call) {
  return /\d+/.exec(await textOf(call.locator("[data-part=request] .answered").last()))?.[0];
}

describe("the panel", () => {
  it("runs one trial at a time, and says so", async () => {
    const { page } = opened;
    await (await trial(page, "cancel")).getByRole("button").click();
    const other = (await trial(page, "dots")).getByRole("button");
    assert.equal(await other.getAttribute("aria-disabled"), "true");
    await other.click({ force: true });
    const id = (await other.getAttribute("aria-describedby")) ?? "";
    assert.equal(
      await page.locator(`#${id}`).innerText(),
      "Another trial is running. Wait until it has ended, or cancel it.",
    );
    assert.equal(await page.locator('#calls .call[data-outcome="in-flight"]').count(), 1);
    await (await trial(page, "cancel")).getByRole("button").click();
    await page.locator('[data-case="cancel"] .result').waitFor();
    assert.equal(await other.getAttribute("aria-disabled"), null);
  });

  it("tries it on the workflow that was chosen", async () => {
    const { page } = opened;
    await page.locator("#failure-workflow").selectOption("WKF103");
    assert.match(await textOf(page.locator(".sends")), /^Each trial sends start to Birthday offers\.$/);
    await (await trial(page, "not-found")).getByRole("button").click();
    await page.locator("[data-workflow=WKF103] .code", { hasText: "not-found" }).waitFor();
    const [entry] = await posted(server);
    assert.deepEqual([entry?.workflowId, entry?.status], ["WKF103", 404]);
  });
});
