// @ts-check
// Permissions: the page disables what the user may not do and gives the reason, and the gateway refuses it too.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import en from "../../www/i18n/en.js";
import {
  areRead,
  commandButton,
  segmentOf,
  recordAnnouncements,
  newestCall,
  openPage,
  posted,
  serve,
  textOf,
  failureCase,
} from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const reason = en["reason.viewer"];
const workflowPath = "/api/acme-mkt-stage/campaign/workflow/execution";

/** @param {string} role */
async function signIn(role) {
  await page.locator(`[data-role=${role}]`).click();
  await page.locator(`[data-role=${role}][aria-pressed=true]`).waitFor();
}

describe("a viewer", () => {
  it("sees the states, and every command button gives the reason why it is disabled", async () => {
    await signIn("viewer");
    await page.locator(`#reason-WKF106-stop`, { hasText: reason }).waitFor({ state: "attached" });
    assert.equal(await textOf(page.locator("[data-workflow=WKF103] .badge.state")), "Paused");
    await page.locator("[data-workflow=WKF106] .signal summary").click();
    const announcements = await recordAnnouncements(page);
    const commanding = [
      ...(await page.locator(".commands button").all()),
      page.locator("[data-workflow=WKF106] .signal .send button"),
      page.locator("#bulk-send"),
      (await failureCase(page, "same-key")).getByRole("button"),
      (await failureCase(page, "not-listed")).getByRole("button"),
    ];
    assert.equal(commanding.length, 24 + 4);
    for (const button of commanding) {
      assert.equal(await button.getAttribute("aria-disabled"), "true");
      assert.equal(await page.locator(`#${await button.getAttribute("aria-describedby")}`).textContent(), reason);
      await button.click({ force: true });
    }
    assert.deepEqual(
      await announcements(),
      commanding.map(() => reason),
    );
    // Cases that end in the client need no permission.
    assert.equal(await (await failureCase(page, "dots")).getByRole("button").getAttribute("aria-disabled"), null);
    assert.equal(await page.locator(".call").count(), 0);
    assert.deepEqual(await posted(server), []);
  });

  it("sees the states change, and can send commands again as operator", async () => {
    await signIn("viewer");
    await page.reload();
    await areRead(page);
    assert.equal(await commandButton(page, "WKF101", "start").getAttribute("aria-disabled"), "true");
    await signIn("operator");
    await page.locator("[data-workflow=WKF101] [data-command=start]:not([aria-disabled])").waitFor();
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    await signIn("viewer");
    await server.emulator.advance(3_600_000);
    await page.locator("[data-workflow=WKF101] .badge[data-state=Started]").waitFor();
  });

  it("who still sends a command is refused: the failure case, which restores the role", async () => {
    await (await failureCase(page, "viewer")).getByRole("button").click();
    const call = await newestCall(page, "not-executed");
    assert.equal(await segmentOf(call, "gateway"), "bad: 403, 1 request");
    assert.equal(await segmentOf(call, "campaign"), "none: nothing sent");
    assert.match(await textOf(call.locator(".next-step")), /Sign in with a role that may send commands/);
    await page.locator('[data-case="viewer"]', { hasText: "As expected" }).waitFor();
    assert.equal((await page.context().cookies())[0]?.value, "operator");
    assert.deepEqual(await posted(server), []);
  });
});

describe("a signed-out user", () => {
  it("sees no workflows, but a request to sign in", async () => {
    const announcements = await recordAnnouncements(page);
    await signIn("nobody");
    const sentence = en["workflows.denied"];
    await page.locator("#no-workflows", { hasText: sentence }).waitFor();
    assert.ok((await announcements()).includes(sentence));
    assert.equal(await page.locator("[data-workflow]").count(), 0);
    assert.equal(await page.locator("[data-choice]").count(), 0);
    await (await failureCase(page, "signed-out")).getByRole("button").click({ force: true });
    assert.equal((await announcements()).at(-1), sentence);
    await signIn("viewer");
    await page.locator("[data-workflow=WKF106]").waitFor();
  });

  it("gets the same 403 for everything, listed or not", async () => {
    const { emulator } = server;
    const [first] = await emulator.workflows();
    const json = { "content-type": "application/json" };
    const command = { method: "POST", headers: json, body: '{"method":"start"}' };
    const signal = { method: "POST", headers: json, body: '{"source":"API"}' };
    const before = (await emulator.log()).length;
    const problems = [];
    for (const [path, init] of /** @type {[string, RequestInit][]} */ ([
      ["/api/workflows", {}],
      [`${workflowPath}/WKF101`, {}],
      [`${workflowPath}/WKF999`, {}],
      [`${workflowPath}/WKF101/commands`, command],
      [`${workflowPath}/WKF999/commands`, command],
      [`${workflowPath}/${first?.pkey}/activities/activity/@x/trigger/`, signal],
    ])) {
      const response = await fetch(server.url + path, init);
      const { status, code, outcome } = await response.json();
      problems.push([response.status, status, code, outcome]);
    }
    assert.deepEqual(
      problems,
      problems.map(() => [403, 403, "forbidden", "not-executed"]),
    );
    assert.equal((await emulator.log()).length, before);
  });
});

describe("a gateway with a short list of permissions", () => {
  it("shows the readable workflows and enables the allowed operations", async () => {
    const WORKFLOWS = { WKF101: ["read", "start"], WKF102: ["start"], WKF106: ["read", "signal"] };
    const other = await serve({ worker: { WORKFLOWS } });
    try {
      const visitor = await openPage(browser, other);
      const rows = await visitor.page
        .locator("[data-workflow]")
        .evaluateAll((all) => all.map((each) => each.getAttribute("data-workflow")));
      assert.deepEqual(rows, ["WKF101", "WKF106"]);
      const enabled = visitor.page.locator(".commands button:not([aria-disabled])");
      assert.deepEqual(await enabled.allInnerTexts(), ["Start"]);
      assert.equal(await visitor.page.locator("#reason-WKF106-pause").textContent(), en["reason.permission"]);
      await visitor.page.locator("[data-workflow=WKF106] .signal summary").click();
      await visitor.page.locator("[data-workflow=WKF106] .signal .send button").click();
      await newestCall(visitor.page, "accepted");
      await visitor.close();
      assert.deepEqual(visitor.problems, []);
    } finally {
      await other.close();
    }
  });
});
