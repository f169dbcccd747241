// @ts-check
// Each trial of the panel: the page promises what the client answers, and Campaign's log says what was executed.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { groups } from "../../www/trials-list.js";
import { launch, openPage, serve, textOf, trial } from "./browser.mjs";

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
afterEach(() => server.emulator.reset());

/** The trials in which the command is executed all the same, or in the end. */
const executed = ["token-renewed", "throttled-once", "lost-answer", "cut-body"];
/** How many requests a trial needs, where it is not one. */
const attempts = /** @type {Record<string, number>} */ ({ "token-renewed": 2, "throttled-once": 2, throttled: 3, unavailable: 3 });

for (const group of groups) {
  describe(`trials, ${group.id}`, () => {
    // What needs the person is tried beside the buttons, in page.test.mjs.
    for (const { id, code, outcome } of group.trials.filter(({ yours }) => !yours)) {
      it(`${id}: ${code ?? "a receipt"}, ${outcome}`, async () => {
        const { page } = opened;
        // The page has seen the reset after the last trial.
        await page.waitForFunction(() => [...document.querySelectorAll(".pending")].every((each) => each.textContent === ""));
        const row = await trial(page, id);
        await row.getByRole("button").click();
        const result = row.locator(".result");
        await result.waitFor();
        assert.match(await textOf(result), /^Came as expected, [\d.]+ m?s\. Show$/);
        await result.getByRole("link").click();

        const call = page.locator("#calls > li:first-child > .call");
        assert.equal(await call.getAttribute("data-outcome"), outcome);
        assert.ok(await call.evaluate((element) => element.matches(":target")));
        const answer = JSON.parse(await call.locator("[data-part=answer] .json").first().innerText());
        assert.equal(answer.code, code);
        if (code) assert.deepEqual([answer.name, answer.outcome], ["WorkflowCommandError", outcome]);
        assert.match(await textOf(call.locator(".now")), /^What now\? .{20,}$/);

        const log = await server.emulator.log();
        const sent = group.id === "code" ? 0 : (attempts[id] ?? 1);
        assert.equal(answer.attempts, sent);
        assert.equal(await call.locator(".http").count(), sent);
        // The browser itself repeats a request when a used connection breaks; the client sent one.
        if (id.startsWith("lost-")) assert.ok(log.length >= 1);
        else assert.equal(log.length, sent);
        assert.equal(log.some((entry) => entry.executed), executed.includes(id));
        if (outcome === "not-executed") assert.ok(!log.some((entry) => entry.executed));
        assert.deepEqual(await server.emulator.faults(), []);
      });
    }
  });
}

describe("the panel", () => {
  it("runs one trial at a time, and says so", async () => {
    const { page } = opened;
    await (await trial(page, "cancel")).getByRole("button").click();
    const other = (await trial(page, "dots")).getByRole("button");
    assert.equal(await other.getAttribute("aria-disabled"), "true");
    await other.click({ force: true });
    const id = (await other.getAttribute("aria-describedby")) ?? "";
    assert.equal(await page.locator(`#${id}`).innerText(), "Another trial is running. Wait until it has ended, or cancel it.");
    assert.equal(await page.locator('#calls .call[data-outcome="flight"]').count(), 1);
    await (await trial(page, "cancel")).getByRole("button").click();
    await page.locator('[data-trial="cancel"] .result').waitFor();
    assert.equal(await other.getAttribute("aria-disabled"), null);
  });

  it("tries it on the workflow that was chosen", async () => {
    const { page } = opened;
    await page.locator("#trial-workflow").selectOption("WKF103");
    assert.match(await textOf(page.locator(".sends")), /^Each trial sends start to Birthday offers\.$/);
    await (await trial(page, "not-found")).getByRole("button").click();
    await page.locator('[data-workflow=WKF103] .code', { hasText: "not-found" }).waitFor();
    const [entry] = await server.emulator.log();
    assert.deepEqual([entry?.workflowId, entry?.status], ["WKF103", 404]);
  });
});
