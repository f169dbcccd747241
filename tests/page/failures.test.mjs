// @ts-check
// Each failure case: the client reports what the page promises, and Campaign's log shows what arrived and what was executed.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { groups } from "../../www/failure-cases.js";
import { segmentOf, launch, openPage, posted, reset, serve, textOf, failureCase } from "./browser.mjs";

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

/** The cases in which the command is executed despite the failure, or in the end. */
const executed = ["lost-reply", "lost-reply-no-key", "same-key", "throttled-once", "lost-answer", "cut-body"];
/** The number of requests to the gateway and to Campaign, if it is not one each. */
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
  describe(`failure cases, ${group.id}`, () => {
    // Interactive cases are tested in page.test.mjs.
    for (const { id, code, outcome } of group.cases.filter(({ interactive }) => !interactive)) {
      it(`${id}: ${code ?? "a receipt"}, ${outcome}`, async () => {
        const { page } = opened;
        const row = await failureCase(page, id);
        await row.getByRole("button").click();
        const result = row.locator(".result");
        await result.waitFor({ timeout: 30_000 });
        assert.match(await textOf(result), /^As expected, after [\d.]+ m?s\. Show$/);
        await result.getByRole("link").click();

        const call = page.locator("#calls > li:first-child > .call");
        assert.equal(await call.getAttribute("data-outcome"), outcome);
        assert.ok(await call.evaluate((element) => element.matches(":target")));
        const report = JSON.parse(await call.locator("[data-part=result] .json").first().innerText());
        assert.equal(report.code, code);
        if (code) assert.deepEqual([report.name, report.outcome], ["WorkflowCommandError", outcome]);
        assert.match(await textOf(call.locator(".next-step")), /^Next step: .{15,}$/);

        const log = await posted(server);
        const [sent, forwarded] = group.id === "code" ? [0, 0] : (requests[id] ?? [1, 1]);
        assert.equal(report.attempts, sent);
        assert.equal(await call.locator("[data-part=request] .http").count(), sent);
        assert.equal(log.length, forwarded);
        await assertTrace(call, sent, id === "same-key" ? [] : log.map(({ status }) => status));
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
 * The trace shows both segments as they were.
 * @param {import("playwright-core").Locator} call @param {number} sent @param {(number | null)[]} statuses of Campaign's responses
 */
async function assertTrace(call, sent, statuses) {
  const counted = (/** @type {number} */ count) => (count === 1 ? "1 request" : `${count} requests`);
  const toGateway = await segmentOf(call, "gateway");
  if (sent === 0) assert.equal(toGateway, "none: nothing sent");
  else if ((await lastStatus(call)) === undefined)
    assert.equal(toGateway, `no-response: no response, ${counted(sent)}`);
  else assert.match(toGateway, new RegExp(`^(good|bad): .*\\b${await lastStatus(call)}\\b.* ${counted(sent)}$`));
  const toCampaign = await segmentOf(call, "campaign");
  if (statuses.length === 0) return assert.equal(toCampaign, "none: nothing sent");
  assert.ok(toCampaign.endsWith(` ${counted(statuses.length)}`), toCampaign);
  const last = statuses.at(-1);
  assert.ok(toCampaign.includes(last === null ? "no response" : String(last)), toCampaign);
}

/** @param {import("playwright-core").Locator} call */
async function lastStatus(call) {
  return /\d+/.exec(await textOf(call.locator("[data-part=request] .response").last()))?.[0];
}

describe("the panel", () => {
  it("runs one case at a time and says so", async () => {
    const { page } = opened;
    await (await failureCase(page, "cancel")).getByRole("button").click();
    const other = (await failureCase(page, "dots")).getByRole("button");
    assert.equal(await other.getAttribute("aria-disabled"), "true");
    await other.click({ force: true });
    const id = (await other.getAttribute("aria-describedby")) ?? "";
    assert.equal(
      await page.locator(`#${id}`).innerText(),
      "Another case is running. Wait until it ends, or cancel it.",
    );
    assert.equal(await page.locator('#calls .call[data-outcome="in-flight"]').count(), 1);
    await (await failureCase(page, "cancel")).getByRole("button").click();
    await page.locator('[data-case="cancel"] .result').waitFor();
    assert.equal(await other.getAttribute("aria-disabled"), null);
  });

  it("uses the chosen workflow", async () => {
    const { page } = opened;
    await page.locator("#failure-workflow").selectOption("WKF103");
    assert.match(await textOf(page.locator(".sends")), /^Sends start to Birthday offers\.$/);
    await (await failureCase(page, "not-found")).getByRole("button").click();
    await page.locator("[data-workflow=WKF103] .code", { hasText: "not-found" }).waitFor();
    const [entry] = await posted(server);
    assert.deepEqual([entry?.workflowId, entry?.status], ["WKF103", 404]);
  });
});
