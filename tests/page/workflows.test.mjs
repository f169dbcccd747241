// @ts-check
// The workflows from the gateway: the list, the states, when they are read, and the wait after a command.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import en from "../../www/i18n/en.js";
import {
  applyDelayMs,
  commandButton,
  recordAnnouncements,
  newestCall,
  posted,
  textOf,
  failureCase,
} from "./browser.mjs";
import { installClock, page, server } from "./fresh-page.mjs";

const row = (/** @type {string} */ id) => page.locator(`[data-workflow=${id}]`);
const wait = (/** @type {string} */ id) => row(id).locator(".wait");
const enabled = (/** @type {string} */ id) => row(id).locator(".commands button:not([aria-disabled])");
const reads = async () => (await server.emulator.log()).filter(({ method }) => method === "GET").length;

describe("the list", () => {
  it("comes from the gateway: each workflow is read through it, with its label and state", async () => {
    const shown = await page
      .locator("[data-workflow]")
      .evaluateAll((all) =>
        all.map((each) => [
          each.getAttribute("data-workflow"),
          each.querySelector("h3")?.textContent,
          each.querySelector(".badge.state")?.getAttribute("data-state"),
        ]),
      );
    assert.deepEqual(
      shown,
      (await server.emulator.workflows()).map(({ id, label, state }) => [id, label, state]),
    );
    const paths = (await server.emulator.log()).map(({ method, path }) => `${method} ${path}`).sort();
    assert.deepEqual(
      paths,
      shown.map(([id]) => `GET /campaign/acme-mkt-stage/campaign/workflow/execution/${id}`),
    );
  });

  it("uses only the log, the faults and the reset of the emulator", async () => {
    /** @type {Set<string>} */
    const asked = new Set();
    page.on("request", (request) => asked.add(new URL(request.url()).pathname.replace(/execution\/.*/, "execution/…")));
    await page.reload();
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    await server.emulator.advance(applyDelayMs);
    await row("WKF101").locator("[data-state=Started]").waitFor();
    const ownFiles = /^\/($|\w+(-\w+)*\.(js|json)$|(styles|i18n|pkg)\/|sign-in$|favicon)/;
    const others = [...asked].filter((path) => !ownFiles.test(path)).sort();
    const gateway = ["/api/acme-mkt-stage/campaign/workflow/execution/…", "/api/workflows"];
    assert.deepEqual(others, [...gateway, "/campaign/__emulator/faults", "/campaign/__emulator/log"]);
  });

  it("is read again by the button, which shows when, and otherwise rarely", async () => {
    const before = await reads();
    await page.waitForTimeout(2500);
    assert.equal(await reads(), before);
    const announcements = await recordAnnouncements(page);
    assert.match(await textOf(page.locator("#read-at")), /^Read at \d/);
    await server.emulator.addFault({ kind: "not-found", on: "read", workflowId: "WKF103" });
    await page.locator("#refresh").click();
    await row("WKF103").getByText("Could not be read: not-found.").waitFor();
    while ((await reads()) < before + 6) await page.waitForTimeout(20);
    // The known state stays.
    assert.equal(await textOf(row("WKF103").locator(".badge.state")), "Paused");
    await page.locator("#refresh").click();
    await row("WKF103").locator(".problem:empty").waitFor({ state: "attached" });
    assert.ok((await announcements()).includes(en["workflows.refreshed"]));
  });

  it("is read again when the page becomes visible", async () => {
    const before = await reads();
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    // Long before the next regular read.
    for (const end = Date.now() + 5000; (await reads()) < before + 6 && Date.now() < end; )
      await page.waitForTimeout(20);
    assert.equal(await reads(), before + 6);
  });

  it("is otherwise read every 15 seconds", async () => {
    await installClock();
    const before = await reads();
    await page.clock.runFor(14_000);
    await page.waitForTimeout(300);
    assert.equal(await reads(), before);
    await page.clock.runFor(1500);
    for (const end = Date.now() + 5000; (await reads()) < before + 6 && Date.now() < end; )
      await page.waitForTimeout(20);
    assert.equal(await reads(), before + 6);
  });

  it("shows an unknown state, and then enables every permitted command", async () => {
    const body = { PKey: "@key", activities: {} };
    await server.emulator.addFault({
      kind: "answer",
      status: 200,
      body,
      on: "read",
      workflowId: "WKF104",
      times: null,
    });
    await page.reload();
    await row("WKF104").getByText("State unknown").waitFor();
    assert.equal(await textOf(row("WKF104").locator("h3")), "WKF104");
    assert.equal(await enabled("WKF104").count(), 4);
    await commandButton(page, "WKF104", "start").click();
    await newestCall(page, "accepted");
    // Without a state there is nothing to wait for.
    assert.equal(await wait("WKF104").getAttribute("data-wait"), "none");
    assert.equal(await enabled("WKF104").count(), 4);
  });
});

describe("the wait after a command", () => {
  it("shows the states as they change and how long it took", async () => {
    await commandButton(page, "WKF103", "stop").click();
    await row("WKF103").getByText("Waiting for Finished. Seen so far: Paused.").waitFor();
    // Another client resumes it in the meantime.
    const state = { on: /** @type {const} */ ("read"), workflowId: "WKF103", times: 1 };
    await server.emulator.addFault({
      kind: "answer",
      status: 200,
      body: { label: "Birthday offers", state: "Started" },
      ...state,
    });
    await row("WKF103").getByText("Waiting for Finished. Seen so far: Paused → Started.").waitFor();
    await server.emulator.advance(applyDelayMs);
    await page.locator("#refresh").click();
    await row("WKF103").locator(".badge[data-state=Finished]").waitFor();
    assert.match(await textOf(wait("WKF103")), /^Finished after [\d.]+ m?s\.$/);
    const before = await reads();
    await page.waitForTimeout(1500);
    assert.equal(await reads(), before, "nothing is read any more");
  });

  it("can be stopped, also by keyboard without losing the focus; then nothing is read any more", async () => {
    await commandButton(page, "WKF101", "start").click();
    const stop = row("WKF101").getByRole("button", { name: "Stop waiting" });
    await stop.focus();
    await page.keyboard.press("Enter");
    assert.equal(await textOf(wait("WKF101")), "Stopped waiting for Started. Last seen: Editing.");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Show");
    const before = await reads();
    await page.waitForTimeout(2000);
    assert.equal(await reads(), before);
  });

  it("ends after a minute, with an announcement", async () => {
    await installClock();
    const announcements = await recordAnnouncements(page);
    await commandButton(page, "WKF101", "start").click();
    await row("WKF101").locator("[data-wait=open]").waitFor();
    await page.clock.runFor(30_000);
    assert.equal(await wait("WKF101").getAttribute("data-wait"), "open");
    for (let seconds = 30; seconds < 64; seconds += 2) await page.clock.runFor(2000);
    await row("WKF101").locator("[data-wait=timeout]").waitFor();
    const sentence = await textOf(wait("WKF101"));
    assert.match(sentence, /^Still not Started after 6\d\.\d s\. Last seen: Editing\.$/);
    // On a slow machine, reads may time out while the clock is fast: then there are other announcements, too.
    const announced = (await announcements()).map((text) => text.replace(/\s/g, " "));
    assert.ok(announced.includes(`Welcome e-mails: ${sentence}`), announced.join("\n"));
    assert.equal(await commandButton(page, "WKF101", "start").getAttribute("aria-disabled"), null);
  });

  it("resolves an unknown outcome; until then the command is disabled", async () => {
    await page.locator("#failure-workflow").selectOption("WKF101");
    await (await failureCase(page, "lost-answer")).getByRole("button").click();
    await newestCall(page, "unknown");
    await row("WKF101").locator("[data-wait=open]").waitFor();
    assert.deepEqual(await enabled("WKF101").count(), 0);
    const reason = await page.locator("#reason-WKF101-start").textContent();
    assert.equal(reason, en["reason.unknown"]);
    await server.emulator.advance(applyDelayMs);
    await row("WKF101").locator(".badge[data-state=Started]").waitFor();
    await row("WKF101").locator("[data-wait=reached]").waitFor();
    assert.equal((await posted(server)).length, 1);
  });

  it("is removed by a reset", async () => {
    await commandButton(page, "WKF101", "start").click();
    await row("WKF101").locator("[data-wait=open]").waitFor();
    await page.locator("#reset").click();
    await row("WKF101").locator("[data-wait=none]").waitFor({ state: "attached" });
  });
});
