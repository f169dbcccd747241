// @ts-check
// The bulk panel: the requests for each workflow, concurrency, failures, cancel, and the states as they change.

import assert from "node:assert/strict";
import { it } from "node:test";
import { applyDelayMs, recordAnnouncements, posted, textOf } from "./browser.mjs";
import { page, server } from "./fresh-page.mjs";

/** The workflows whose initial state allows start. */
const startable = ["WKF101", "WKF103", "WKF104", "WKF105"];
const begin = () => page.locator("#bulk-send");
const box = (/** @type {string} */ id) => page.locator(`[data-choice=${id}]`);
const row = (/** @type {string} */ id) => page.locator(`[data-result=${id}]`);
const end = () => page.locator("#bulk .end");
const sentTo = async () => (await posted(server)).map(({ workflowId }) => workflowId).sort();

it("sends one documented request to each workflow that allows the command, then shows waits and new states", async () => {
  const announcements = await recordAnnouncements(page);
  for (const { id, allowed } of await server.emulator.workflows()) {
    assert.equal(await box(id).isChecked(), startable.includes(id), id);
    assert.equal(allowed.includes("start"), startable.includes(id), id);
  }
  assert.equal(await textOf(begin()), "Send start to 4 workflows");
  await begin().click();
  await end().waitFor();
  assert.equal(await textOf(end()), "Done: 4 accepted, 0 not executed, 0 unknown.");
  assert.equal(await textOf(page.locator("#bulk .count")), "4 of 4");
  const bar = page.getByRole("progressbar", { name: "Progress" });
  assert.deepEqual([await bar.getAttribute("value"), await bar.getAttribute("max")], ["4", "4"]);
  // One announcement for all, not one for each.
  assert.deepEqual(await announcements(), ["Done: 4 accepted, 0 not executed, 0 unknown."]);

  const log = await posted(server);
  assert.deepEqual(await sentTo(), startable);
  for (const { method, path, body, workflowId, problem, executed } of log) {
    assert.deepEqual([method, body, problem, executed], ["POST", '{"method":"start"}', null, true]);
    assert.equal(path, `/campaign/acme-mkt-stage/campaign/workflow/execution/${workflowId}/commands`);
  }
  for (const id of startable) {
    await row(id).getByText("Waiting for Started.").waitFor();
    assert.equal(await row(id).getAttribute("data-outcome"), "accepted");
    assert.equal(await row(id).locator(".badge[data-state=Started]").count(), 0);
  }
  // The timeline lists each as a call of its own.
  assert.equal(await page.locator('#calls .call[data-outcome="accepted"]').count(), 4);
  assert.match(
    await textOf(page.locator("#calls [data-part=campaign-log]").first()),
    /From gateway to Campaign: 1 request/,
  );

  await server.emulator.advance(applyDelayMs);
  for (const id of startable) await row(id).locator(".badge[data-state=Started]").waitFor();
  assert.equal(await page.locator("#bulk [data-wait=reached]").count(), startable.length);
});

it("sends nothing to deselected workflows or to those that do not allow the command, and gives the reason", async () => {
  const announcements = await recordAnnouncements(page);
  await box("WKF102").click({ force: true });
  assert.equal(await box("WKF102").isChecked(), false);
  const reason = "Start needs a workflow that isn’t running. This one is Started.";
  assert.deepEqual(await announcements(), [reason]);
  assert.equal(await textOf(page.locator("#bulk-reason-WKF102")), reason);
  for (const id of ["WKF101", "WKF103", "WKF105"]) await box(id).uncheck();
  assert.equal(await textOf(begin()), "Send start to 1 workflow");
  await box("WKF104").uncheck();
  await begin().click({ force: true });
  assert.equal((await announcements()).at(-1), "Select at least one workflow.");
  await page.locator("#bulk-command").selectOption("pause");
  assert.equal(await box("WKF101").isChecked(), false);
  await box("WKF106").uncheck();
  await begin().click();
  await end().waitFor();
  const sent = (await posted(server)).map(({ workflowId, body }) => [workflowId, body]);
  assert.deepEqual(sent, [["WKF102", '{"method":"pause"}']]);
});

it("never has more commands in flight than chosen", async () => {
  for (const workflowId of startable) await server.emulator.addFault({ kind: "delay", delayMs: 600, workflowId });
  const most = watchConcurrency();
  await page.locator("#bulk-concurrency").selectOption("3");
  await begin().click();
  await end().waitFor();
  assert.equal(most(), 3);
  assert.deepEqual(await sentTo(), startable);
});

it("shows a failure in its row and continues with the others", async () => {
  await server.emulator.addFault({ kind: "not-found", workflowId: "WKF103" });
  await server.emulator.addFault({ kind: "throttled", retryAfterSeconds: 1, workflowId: "WKF104" });
  await begin().click();
  await end().waitFor();
  assert.equal(await textOf(end()), "Done: 3 accepted, 1 not executed, 0 unknown.");
  assert.equal(await row("WKF103").getAttribute("data-outcome"), "not-executed");
  assert.equal(await textOf(row("WKF103").locator(".cell-code")), "not-found");
  for (const id of startable.filter((each) => each !== "WKF103")) {
    assert.equal(await row(id).getAttribute("data-outcome"), "accepted", id);
    assert.equal(await textOf(row(id).locator(".cell-code")), "", id);
  }
  const states = Object.fromEntries((await server.emulator.workflows()).map(({ id, pending }) => [id, pending.length]));
  assert.deepEqual(
    startable.map((id) => states[id]),
    [1, 0, 1, 1],
  );
});

it("stops with Cancel: reports what is in flight and sends no more", async () => {
  const announcements = await recordAnnouncements(page);
  await server.emulator.addFault({ kind: "hang", workflowId: "WKF103" });
  await page.locator("#bulk-concurrency").selectOption("1");
  await begin().click();
  while ((await posted(server)).length < 2) await page.waitForTimeout(10);
  assert.equal(await textOf(begin()), "Cancel");
  assert.equal(await textOf(page.locator("#bulk .count")), "1 of 4");
  await begin().click();
  await end().waitFor();
  const sentence = "Cancelled: 1 accepted, 0 not executed, 1 unknown, 2 not sent.";
  assert.equal(await textOf(end()), sentence);
  assert.equal((await announcements()).at(-1), sentence);
  assert.equal(await textOf(row("WKF103").locator(".cell-code")), "aborted");
  const outcomes = await page
    .locator("[data-result]")
    .evaluateAll((all) => all.map((each) => each.getAttribute("data-outcome")));
  assert.deepEqual(outcomes, ["accepted", "unknown", "unsent", "unsent"]);
  await page.waitForTimeout(300);
  assert.deepEqual(await sentTo(), ["WKF101", "WKF103"]);
});

it("works with the keyboard alone and keeps the focus", async () => {
  await page.locator("#bulk-command").focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator("#bulk-command").inputValue(), "pause");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => /** @type {any} */ (document.activeElement)?.dataset.choice), "WKF102");
  await page.keyboard.press("Space");
  assert.equal(await box("WKF102").isChecked(), false);
  for (let stop = 0; stop < 6; stop += 1) await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "bulk-send");
  await page.keyboard.press("Enter");
  await end().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "bulk-send");
  assert.deepEqual(await sentTo(), ["WKF106"]);
});

it("is translated to Dutch, including past results", async () => {
  await begin().click();
  await end().waitFor();
  await page.getByRole("button", { name: "Nederlands" }).click();
  assert.equal(
    await textOf(page.getByRole("heading", { name: "Stuur naar meerdere workflows" })),
    "Stuur naar meerdere workflows",
  );
  assert.equal(await textOf(end()), "Klaar: 4 geaccepteerd, 0 niet uitgevoerd, 0 onbekend.");
  const heads = await page.locator("#bulk").getByRole("columnheader").allInnerTexts();
  assert.deepEqual(heads, ["Workflow", "Opdracht", "Uitkomst", "Foutcode", "Huidige status"]);
  assert.equal(await textOf(page.locator("#bulk .count")), "4 van 4");
  await row("WKF101").getByText("Wacht op Gestart.").waitFor();
  await page.locator("#bulk-command").selectOption({ label: "Stoppen" });
  assert.equal(await textOf(begin()), "Stuur stop naar 6 workflows");
});

/** Measures the highest number of command requests that the emulator handled at the same time. */
function watchConcurrency() {
  const emulator = /** @type {{ fetch: (request: Request) => Promise<Response> }} */ (server.emulator);
  let now = 0;
  let most = 0;
  const answer = emulator.fetch.bind(emulator);
  emulator.fetch = async (request) => {
    if (!request.url.endsWith("/commands")) return answer(request);
    most = Math.max(most, (now += 1));
    try {
      return await answer(request);
    } finally {
      now -= 1;
    }
  };
  return () => {
    emulator.fetch = answer;
    return most;
  };
}
