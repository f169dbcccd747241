// @ts-check
// The page as it is deployed, without the emulator's control API: what needs it is left out.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import en from "../../www/i18n/en.js";
import {
  applyDelayMs,
  commandButton,
  segmentOf,
  launch,
  newestCall,
  openPage,
  posted,
  serve,
  textOf,
  failureCase,
} from "./browser.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("./browser.mjs").Server} */
let server;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let opened;

before(async () => {
  [browser, server] = await Promise.all([launch(), serve({ emulatorView: false })]);
  opened = await openPage(browser, server);
});
after(async () => {
  await Promise.all([browser.close(), server.close()]);
  assert.deepEqual(opened.problems, []);
});

it("has nothing at the emulator's addresses", async () => {
  for (const path of ["/campaign/__emulator/log", "/campaign/__emulator/workflows", "/__gateway/lost-answers"]) {
    assert.equal((await fetch(server.url + path)).status, 404, path);
  }
});

it("reads, starts, waits for the state, and signals", async () => {
  const { page } = opened;
  assert.equal(await textOf(page.locator("[data-workflow=WKF103] .badge.state")), "Paused");
  await commandButton(page, "WKF101", "start").click();
  const call = await newestCall(page, "accepted");
  assert.equal(await segmentOf(call, "gateway"), "good: 200, 1 request");
  assert.equal(await segmentOf(call, "campaign"), "unknown: not known");
  assert.ok((await textOf(call.locator("[data-part=campaign-log]"))).includes(en["log.unavailable"]));
  await page.locator("[data-workflow=WKF101] [data-wait=open]").waitFor();
  await server.emulator.advance(applyDelayMs);
  await page.locator("[data-workflow=WKF101] .badge[data-state=Started]").waitFor();
  const form = page.locator("[data-workflow=WKF106] .signal");
  await form.locator("summary").click();
  await form.getByRole("button", { name: "Send signal" }).click();
  await page.locator(".call h3", { hasText: "signal" }).waitFor();
  await newestCall(page, "accepted");
  assert.deepEqual(
    (await posted(server)).map(({ executed }) => executed),
    [true, true],
  );
});

it("hides the reset and the failure cases that need the emulator, and says so", async () => {
  const { page } = opened;
  await page.getByText(en["failures.deployed"]).waitFor();
  assert.equal(await page.locator("#reset").isVisible(), false);
  await page.locator("#queue-send").waitFor();
  assert.equal(await page.locator("#queue-effect").isVisible(), false);
  assert.equal(await textOf(page.locator("#footer")), en["page.footer.deployed"]);
  assert.equal(await textOf(page.locator('[data-station="campaign"]')), `Campaign ${en["flow.campaign.connected"]}`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  const shown = await page
    .locator("[data-case]:visible")
    .evaluateAll((all) => all.map((each) => each.getAttribute("data-case")));
  assert.deepEqual(shown.slice(0, 4), ["same-key", "viewer", "signed-out", "not-listed"]);
  assert.equal(shown.length, 4 + 9);
  for (const id of ["same-key", "viewer", "not-listed", "cancelled"]) {
    await (await failureCase(page, id)).getByRole("button").click();
    await page.locator(`[data-case="${id}"]`, { hasText: "As expected" }).waitFor();
  }
});
