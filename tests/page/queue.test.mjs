// @ts-check
// A command for later and what can be done with it: it waits, is cancelled, fails, is sent again or dismissed. The Worker keeps its
// lists for all tests of this file, so each test has a workflow of its own.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import en from "../../www/i18n/en.js";
import nl from "../../www/i18n/nl.js";
import { areRead, commandButton, listen, openPage, posted, textOf } from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const group = (/** @type {"waiting" | "dead" | "history"} */ name) => page.locator(`#queue [data-group=${name}]`);
const rowOf = (/** @type {"waiting" | "dead" | "history"} */ name, number = 1) =>
  group(name).locator(`[data-number="${number}"]`);
const action = (/** @type {import("playwright-core").Locator} */ row, /** @type {string} */ name) =>
  row.locator(`[data-action=${name}]`);

/** @param {string} workflow */
async function choose(workflow) {
  await page.locator("#queue-workflow").selectOption(workflow);
  // What is shown then is of this workflow.
  await page.waitForFunction(
    (value) => document.querySelector("#queue-panel")?.getAttribute("data-shown") === value,
    workflow,
  );
}

/** @param {string} command @param {string} delay @param {string} [fate] what the local Campaign does with it */
async function queue(command, delay, fate = "works") {
  await page.getByLabel("Command", { exact: true }).and(page.locator("#queue-command")).selectOption(command);
  await page.locator("#queue-delay").selectOption(delay);
  await page.locator("#queue-effect").selectOption(fate);
  await page.locator("#queue-send").click();
}

/** Somebody else who asks the gateway. @param {string} workflow @param {string} last @param {string} [method] @returns {Promise<any>} */
async function elsewhere(workflow, last, method = "GET") {
  const path = last.startsWith("/") ? last : `/acme-mkt-stage/campaign/workflow/execution/${workflow}/${last}`;
  const response = await fetch(`${server.url}/api${path}`, {
    method,
    headers: { cookie: "campaign-workflow-demo-role=operator" },
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.json();
}

/** What reached Campaign for a workflow: whether it executed each. @param {string} workflow */
async function executed(workflow) {
  return (await posted(server)).filter(({ workflowId }) => workflowId === workflow).map(({ executed }) => executed);
}

describe("a command for later", () => {
  it("is listed until it is due, and once it is cancelled it never goes out", async () => {
    await choose("WKF101");
    assert.equal(await textOf(group("waiting")), `${en["queue.waiting"]} ${en["queue.waiting.none"]}`);
    const heard = await listen(page);
    await queue("start", "60");
    const row = rowOf("waiting");
    await row.waitFor();
    assert.match(await textOf(row), /^1 start queued due in (1:00|0:5\d) operator nothing sent Cancel$/);
    const first = await textOf(row.locator("time"));
    await page.waitForFunction(
      (text) => document.querySelector("#queue [data-number='1'] time")?.textContent !== text,
      first,
    );
    const [waiting] = (await elsewhere("WKF101", "queue")).commands;
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
    assert.deepEqual(await heard(), [
      "start for Welcome e-mails is taken, as number 1.",
      "start for Welcome e-mails, number 1, is cancelled: it is not sent.",
    ]);
    assert.equal((await elsewhere("WKF101", `/queue/${waiting.id}`)).state, "cancelled");
    assert.deepEqual((await elsewhere("WKF101", "queue")).commands, []);
    assert.deepEqual(await posted(server), []);
  });

  it("that is due now is executed once, told, and its state is waited for", async () => {
    await choose("WKF102");
    const heard = await listen(page);
    // The page never sees it wait: when the lists come, it has ended.
    await page.trace("**/WKF102/history", async (route) => {
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
    const said = [`stop for ${label} is taken, as number 1.`, `stop for ${label}: accepted.`];
    assert.deepEqual(
      (await heard()).filter((sentence) => sentence.startsWith("stop")),
      said,
    );
  });

  it("is followed while it waits: what others do with it is seen, and the focus stays", async () => {
    await choose("WKF103");
    await queue("stop", "60");
    await rowOf("waiting", 1).waitFor();
    await queue("stop", "3600");
    await action(rowOf("waiting", 2), "cancel").focus();
    const [first] = (await elsewhere("WKF103", "queue")).commands;
    await elsewhere("WKF103", `/queue/${first.id}`, "DELETE");
    await rowOf("history", 1).waitFor();
    assert.match(
      await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? ""),
      /^Cancel: number 2, stop$/,
    );
    assert.deepEqual(await posted(server), []);
  });
});

describe("a dead command", () => {
  it("is listed with its reason, and sent again it is executed once", async () => {
    await choose("WKF104");
    await queue("start", "0", "not-found");
    const row = rowOf("dead");
    await row.waitFor();
    assert.match(await textOf(row), /^1 start not executed .* operator 1 request not-found .*Send again Dismiss$/);
    assert.deepEqual(await executed("WKF104"), [false]);
    await action(row, "again").click();
    await rowOf("history", 2).locator("[data-outcome=accepted]").waitFor();
    assert.match(await textOf(rowOf("history", 1)), /Sent again by operator, as number 2\.$/);
    assert.equal(await textOf(group("dead").locator(".none")), en["queue.dead.none"]);
    assert.deepEqual(await executed("WKF104"), [false, true]);
  });

  it("whose outcome is unknown is sent again only after a question, which Escape answers with no", async () => {
    await choose("WKF105");
    await queue("start", "0", "lost-answer");
    const row = rowOf("dead");
    await row.locator("[data-outcome=unknown]").waitFor();
    const heard = await listen(page);
    await action(row, "again").focus();
    await page.keyboard.press("Enter");
    const question = "It may have been executed: look at the workflow first. Its state when it was last read:";
    assert.ok((await textOf(row.getByRole("group"))).startsWith(question));
    assert.ok((await heard()).some((sentence) => sentence.startsWith(question)));
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-action")), "back");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-action")), "again");
    assert.equal((await executed("WKF105")).length, 1);
    await page.keyboard.press("Enter");
    await action(row, "confirmed").click();
    await rowOf("history", 1).getByText("Sent again by operator, as number 2.").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "queue-dead");
    await page.waitForFunction(() =>
      document.querySelector("#queue [data-number='2'] :is([data-outcome=accepted], .code)"),
    );
    assert.equal((await executed("WKF105")).length, 2);
  });

  it("that is dismissed is off the list, and nothing is sent; whoever came too late is told so", async () => {
    await choose("WKF106");
    for (const number of [1, 2]) {
      await queue("pause", "0", "not-found");
      await rowOf("dead", number).waitFor();
    }
    await action(rowOf("dead", 1), "dismiss").click();
    assert.match(await textOf(rowOf("history", 1)), /Dismissed by operator\.$/);
    // The page learns late that somebody else was first.
    await elsewhere("WKF106", "dead/2", "DELETE");
    await action(rowOf("dead", 2), "again").click();
    await page.locator("#queue .news", { hasText: "somebody has already dealt with it" }).waitFor();
    await rowOf("history", 2).waitFor();
    assert.deepEqual(await executed("WKF106"), [false, false]);
  });
});

describe("the lists", () => {
  it("of a workflow follow the page's own commands for it", async () => {
    await choose("WKF101");
    const before = await group("history").locator("[data-number]").count();
    await commandButton(page, "WKF101", "start").click();
    await rowOf("history", before + 1)
      .locator("[data-outcome=accepted]")
      .waitFor();
    assert.deepEqual(await executed("WKF101"), [true]);
  });

  it("are shown to viewers, without a button to press", async () => {
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
    const heard = await listen(page);
    const sent = (await posted(server)).length;
    await page.locator("#queue-send").click({ force: true });
    assert.deepEqual(await heard(), [en["reason.viewer"]]);
    assert.deepEqual([(await posted(server)).length, (await elsewhere("WKF106", "queue")).commands.length], [sent, 1]);
  });

  it("show twenty that have ended, and all of them when asked", async () => {
    const already = (await elsewhere("WKF102", "history")).commands.length;
    for (let count = already; count < 23; count += 1) {
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

  it("are there in Dutch, every word", async () => {
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

  it("that can't be read stay as they were, and that is said", async () => {
    await choose("WKF106");
    const before = await group("history").locator("[data-number]").count();
    await page.trace("**/WKF106/history", (route) => route.fulfill({ status: 503, body: "{}" }));
    await page.locator("#refresh").click();
    await page.locator("#queue .problem", { hasText: en["queue.outdated"] }).waitFor();
    assert.equal(await group("history").locator("[data-number]").count(), before);
    await page.unroute("**/WKF106/history");
    await page.locator("#queue .problem").waitFor({ state: "hidden" });
  });

  it("are left out where the server keeps none", async () => {
    const plain = await openPage(browser, server);
    await plain.page.locator("#queue-panel").waitFor();
    await plain.page.trace(/\/(history|queue|dead)$/, (route) => route.fulfill({ status: 404, body: "{}" }));
    await plain.page.reload();
    await areRead(plain.page);
    await plain.page.waitForLoadState("networkidle");
    assert.equal(await plain.page.locator("#queue-panel").isVisible(), false);
    await plain.close();
    assert.deepEqual(plain.problems, []);
  });
});
