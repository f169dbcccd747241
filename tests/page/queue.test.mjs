// @ts-check
// Scheduled commands: they wait, are cancelled, fail, are sent again or dismissed. The Worker's lists last for the whole file, so
// each test uses a different workflow.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import en from "../../www/i18n/en.js";
import nl from "../../www/i18n/nl.js";
import { areRead, commandButton, recordAnnouncements, openPage, posted, textOf } from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const group = (/** @type {"waiting" | "dead" | "history"} */ name) => page.locator(`#queue [data-group=${name}]`);
const rowOf = (/** @type {"waiting" | "dead" | "history"} */ name, number = 1) =>
  group(name).locator(`[data-number="${number}"]`);
const action = (/** @type {import("playwright-core").Locator} */ row, /** @type {string} */ name) =>
  row.locator(`[data-action=${name}]`);

/** @param {string} workflow */
async function choose(workflow) {
  await page.locator("#queue-workflow").selectOption(workflow);
  // The panel still shows the previous workflow until the lists are read.
  await page.waitForFunction(
    (value) => document.querySelector("#queue-panel")?.getAttribute("data-shown") === value,
    workflow,
  );
}

/** @param {string} command @param {string} delay @param {string} [effect] the emulator's response */
async function queue(command, delay, effect = "none") {
  await page.getByLabel("Command", { exact: true }).and(page.locator("#queue-command")).selectOption(command);
  await page.locator("#queue-delay").selectOption(delay);
  await page.locator("#queue-effect").selectOption(effect);
  await page.locator("#queue-send").click();
}

/** A request of another client to the gateway. @param {string} workflow @param {string} last @param {string} [method] @returns {Promise<any>} */
async function otherClient(workflow, last, method = "GET") {
  const path = last.startsWith("/") ? last : `/acme-mkt-stage/campaign/workflow/execution/${workflow}/${last}`;
  const response = await fetch(`${server.url}/api${path}`, {
    method,
    headers: { cookie: "campaign-workflow-demo-role=operator" },
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.json();
}

/** For each request that reached Campaign for a workflow: whether it was executed. @param {string} workflow */
async function executed(workflow) {
  return (await posted(server)).filter(({ workflowId }) => workflowId === workflow).map(({ executed }) => executed);
}

describe("a scheduled command", () => {
  it("is listed until it is due, and is never sent once it is cancelled", async () => {
    await choose("WKF101");
    assert.equal(await textOf(group("waiting")), `${en["queue.waiting"]} ${en["queue.waiting.none"]}`);
    const announcements = await recordAnnouncements(page);
    await queue("start", "60");
    const row = rowOf("waiting");
    await row.waitFor();
    assert.match(await textOf(row), /^1 start scheduled due in (1:00|0:5\d) operator nothing sent Cancel$/);
    const first = await textOf(row.locator("time"));
    await page.waitForFunction(
      (text) => document.querySelector("#queue [data-number='1'] time")?.textContent !== text,
      first,
    );
    const [waiting] = (await otherClient("WKF101", "queue")).commands;
    assert.deepEqual([waiting.command, waiting.who], ["start", "operator"]);
    assert.equal(Date.parse(waiting.dueAt) - Date.parse(waiting.createdAt), 60_000);

    await action(row, "cancel").focus();
    await page.keyboard.press("Enter");
    await rowOf("history").waitFor();
    assert.match(
      await textOf(rowOf("history")),
      /^1 start cancelled \S.* operator nothing sent Cancelled by operator\.$/,
    );
    assert.equal(await page.evaluate(() => document.activeElement?.id), "queue-waiting");
    assert.deepEqual(await announcements(), [
      "Scheduled as number 1: start for Welcome e-mails.",
      "Cancelled: number 1, start for Welcome e-mails. It will not be sent.",
    ]);
    assert.equal((await otherClient("WKF101", `/queue/${waiting.id}`)).state, "cancelled");
    assert.deepEqual((await otherClient("WKF101", "queue")).commands, []);
    assert.deepEqual(await posted(server), []);
  });

  it("that is due now is executed once and announced, and the page waits for its state", async () => {
    await choose("WKF102");
    const announcements = await recordAnnouncements(page);
    // The page never finds it pending: it ends before the lists are read.
    await page.route("**/WKF102/history", async (route) => {
      while ((await executed("WKF102")).length === 0) await page.waitForTimeout(50);
      await page.waitForTimeout(500);
      await route.continue();
    });
    await queue("stop", "0");
    await rowOf("history").locator("[data-outcome=accepted]").waitFor();
    assert.match(await textOf(rowOf("history")), /^1 stop accepted \S.* operator 1 request$/);
    assert.deepEqual(await executed("WKF102"), [true]);
    await page.locator("[data-workflow=WKF102] [data-wait=open]").waitFor();
    const label = "Weekly newsletter";
    const expected = [`Scheduled as number 1: stop for ${label}.`, `stop for ${label}: accepted.`];
    assert.deepEqual(
      (await announcements()).filter((sentence) => sentence.includes("stop")),
      expected,
    );
  });

  it("is polled while it waits: changes by others appear, and the focus stays", async () => {
    await choose("WKF103");
    await queue("stop", "60");
    await rowOf("waiting", 1).waitFor();
    await queue("stop", "3600");
    await action(rowOf("waiting", 2), "cancel").focus();
    const [first] = (await otherClient("WKF103", "queue")).commands;
    await otherClient("WKF103", `/queue/${first.id}`, "DELETE");
    await rowOf("history", 1).waitFor();
    assert.match(
      await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? ""),
      /^Cancel: number 2, stop$/,
    );
    assert.deepEqual(await posted(server), []);
  });
});

describe("a dead command", () => {
  it("is listed with its reason, and is executed once when it is sent again", async () => {
    await choose("WKF104");
    await queue("start", "0", "not-found");
    const row = rowOf("dead");
    await row.waitFor();
    assert.match(await textOf(row), /^1 start not executed .* operator 1 request not-found .*Send again Dismiss$/);
    assert.deepEqual(await executed("WKF104"), [false]);
    await action(row, "again").click();
    await rowOf("history", 2).locator("[data-outcome=accepted]").waitFor();
    assert.match(await textOf(rowOf("history", 1)), /Sent again by operator as number 2\.$/);
    assert.equal(await textOf(group("dead").locator(".none")), en["queue.dead.none"]);
    assert.deepEqual(await executed("WKF104"), [false, true]);
  });

  it("whose outcome is unknown is sent again only after a confirmation, which Escape cancels", async () => {
    await choose("WKF105");
    await queue("start", "0", "lost-answer");
    const row = rowOf("dead");
    await row.locator("[data-outcome=unknown]").waitFor();
    const announcements = await recordAnnouncements(page);
    await action(row, "again").focus();
    await page.keyboard.press("Enter");
    const question = "This command may have been executed. Check the workflow first; its last known state is";
    assert.ok((await textOf(row.getByRole("group"))).startsWith(question));
    assert.ok((await announcements()).some((sentence) => sentence.startsWith(question)));
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-action")), "back");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-action")), "again");
    assert.equal((await executed("WKF105")).length, 1);
    await page.keyboard.press("Enter");
    await action(row, "confirmed").click();
    await rowOf("history", 1).getByText("Sent again by operator as number 2.").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "queue-dead");
    await page.waitForFunction(() =>
      document.querySelector("#queue [data-number='2'] :is([data-outcome=accepted], .code)"),
    );
    assert.equal((await executed("WKF105")).length, 2);
  });

  it("that is dismissed leaves the list and is not sent; a later action is refused", async () => {
    await choose("WKF106");
    for (const number of [1, 2]) {
      await queue("pause", "0", "not-found");
      await rowOf("dead", number).waitFor();
    }
    await action(rowOf("dead", 1), "dismiss").click();
    assert.match(await textOf(rowOf("history", 1)), /Dismissed by operator\.$/);
    // Another client dismisses it, and the page does not know yet.
    await otherClient("WKF106", "dead/2", "DELETE");
    await action(rowOf("dead", 2), "again").click();
    await page.locator("#queue > .result", { hasText: "it was already closed" }).waitFor();
    await rowOf("history", 2).waitFor();
    assert.deepEqual(await executed("WKF106"), [false, false]);
  });
});

describe("the lists", () => {
  it("include the page's own commands", async () => {
    await choose("WKF101");
    const before = await group("history").locator("[data-number]").count();
    await commandButton(page, "WKF101", "start").click();
    await rowOf("history", before + 1)
      .locator("[data-outcome=accepted]")
      .waitFor();
    assert.deepEqual(await executed("WKF101"), [true]);
  });

  it("are shown to viewers, without buttons", async () => {
    await choose("WKF106");
    await queue("pause", "60");
    await action(group("waiting"), "cancel").click();
    await group("history").locator("[data-number]").first().waitFor();
    await queue("pause", "3600");
    await queue("pause", "0", "not-found");
    await group("dead").locator("[data-number]").waitFor();
    await page.locator("[data-role=viewer]").click();
    await page.locator("#queue-reason", { hasText: en["reason.viewer"] }).waitFor();
    for (const name of /** @type {const} */ (["waiting", "dead", "history"])) {
      assert.ok((await group(name).locator("[data-number]").count()) > 0, name);
    }
    assert.equal(await page.locator("#queue section button:visible").count(), 0);
    assert.match(await textOf(group("dead").locator("[data-number]")), new RegExp(`${en["reason.viewer"]}$`));
    const announcements = await recordAnnouncements(page);
    const sent = (await posted(server)).length;
    await page.locator("#queue-send").click({ force: true });
    assert.deepEqual(await announcements(), [en["reason.viewer"]]);
    assert.deepEqual(
      [(await posted(server)).length, (await otherClient("WKF106", "queue")).commands.length],
      [sent, 1],
    );
  });

  it("show twenty ended commands, and all on request", async () => {
    const existing = (await otherClient("WKF102", "history")).commands.length;
    for (let count = existing; count < 23; count += 1) {
      await fetch(`${server.url}/api/acme-mkt-stage/campaign/workflow/execution/WKF102/commands`, {
        method: "POST",
        body: '{"method":"stop"}',
        headers: { cookie: "campaign-workflow-demo-role=operator", "content-type": "application/json" },
      });
    }
    await choose("WKF102");
    const rows = group("history").locator("[data-number]");
    assert.equal(await rows.count(), 20);
    const more = group("history").getByRole("button", { name: "Show all 23" });
    await more.click();
    assert.equal(await rows.count(), 23);
    await group("history").getByRole("button", { name: "Show the last 20" }).click();
    assert.equal(await rows.count(), 20);
  });

  it("are completely in Dutch", async () => {
    await choose("WKF106");
    await page.getByRole("button", { name: "Nederlands" }).click();
    assert.deepEqual(await page.locator("#queue h3").allInnerTexts(), [
      nl["queue.waiting"],
      nl["queue.dead"],
      nl["queue.history"],
    ]);
    const shown = await textOf(page.locator("#queue"));
    const own = Object.entries(en).filter(
      ([key, text]) => key.startsWith("queue.") && text.length > 6 && !text.includes("{"),
    );
    assert.deepEqual(
      own.filter(([, text]) => shown.includes(text)),
      [],
    );
  });

  it("that can't be read stay as they were, with a note", async () => {
    await choose("WKF106");
    const before = await group("history").locator("[data-number]").count();
    await page.route("**/WKF106/history", (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.locator("#refresh").click();
    await page.locator("#queue .problem", { hasText: en["queue.outdated"] }).waitFor();
    assert.equal(await group("history").locator("[data-number]").count(), before);
    await page.unroute("**/WKF106/history");
    await page.locator("#queue .problem").waitFor({ state: "hidden" });
  });

  it("are hidden if the server stores none", async () => {
    const plain = await openPage(browser, server);
    await plain.page.locator("#queue-panel").waitFor();
    await plain.page.route(/\/(history|queue|dead)$/, (route) => route.fulfill({ status: 404, body: "{}" }));
    await plain.page.reload();
    await areRead(plain.page);
    await plain.page.waitForLoadState("networkidle");
    assert.equal(await plain.page.locator("#queue-panel").isVisible(), false);
    await plain.close();
    assert.deepEqual(plain.problems, []);
  });
});
