// @ts-check
// What who is signed in may do: the page offers nothing else and says why, and the gateway refuses it all the same.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  areRead,
  commandButton,
  hopOf,
  listen,
  newestCall,
  openPage,
  posted,
  serve,
  textOf,
  trial,
} from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const why = "Viewers may look, not command.";
const workflowPath = "/api/acme-mkt-stage/campaign/workflow/execution";

/** @param {string} role */
async function signIn(role) {
  await page.locator(`[data-role=${role}]`).click();
  await page.locator(`[data-role=${role}][aria-pressed=true]`).waitFor();
}

describe("a viewer", () => {
  it("sees the states, and is told at every button that commands that they may not", async () => {
    await signIn("viewer");
    await page.locator(`#reason-WKF106-stop`, { hasText: why }).waitFor({ state: "attached" });
    assert.equal(await textOf(page.locator("[data-workflow=WKF103] .badge.state")), "Paused");
    await page.locator("[data-workflow=WKF106] .signal summary").click();
    const heard = await listen(page);
    const commanding = [
      ...(await page.locator(".commands button").all()),
      page.locator("[data-workflow=WKF106] .signal .send button"),
      page.locator("#bulk-send"),
      (await trial(page, "same-key")).getByRole("button"),
      (await trial(page, "not-listed")).getByRole("button"),
    ];
    assert.equal(commanding.length, 24 + 4);
    for (const button of commanding) {
      assert.equal(await button.getAttribute("aria-disabled"), "true");
      assert.equal(await page.locator(`#${await button.getAttribute("aria-describedby")}`).textContent(), why);
      await button.click({ force: true });
    }
    assert.deepEqual(
      await heard(),
      commanding.map(() => why),
    );
    // What ends in the client commands nobody.
    assert.equal(await (await trial(page, "dots")).getByRole("button").getAttribute("aria-disabled"), null);
    assert.equal(await page.locator(".call").count(), 0);
    assert.deepEqual(await posted(server), []);
  });

  it("keeps seeing the states as they change, and may command again as an operator", async () => {
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

  it("who commands all the same is refused: the trial, which leaves everybody signed in as they were", async () => {
    await (await trial(page, "viewer")).getByRole("button").click();
    const call = await newestCall(page, "not-executed");
    assert.equal(await hopOf(call, "gateway"), "bad: 403, 1 request");
    assert.equal(await hopOf(call, "campaign"), "none: nothing sent");
    assert.match(await textOf(call.locator(".next-step")), /Sign in as somebody who may send commands/);
    await page.locator('[data-case="viewer"]', { hasText: "Came as expected" }).waitFor();
    assert.equal((await page.context().cookies())[0]?.value, "operator");
    assert.deepEqual(await posted(server), []);
  });
});

describe("nobody", () => {
  it("sees no workflow, and that one has to sign in", async () => {
    const heard = await listen(page);
    await signIn("nobody");
    const sentence = "Sign in as somebody who may see the workflows: the gateway shows none to you.";
    await page.locator("#no-workflows", { hasText: sentence }).waitFor();
    assert.ok((await heard()).includes(sentence));
    assert.equal(await page.locator("[data-workflow]").count(), 0);
    assert.equal(await page.locator("[data-choice]").count(), 0);
    await (await trial(page, "signed-out")).getByRole("button").click({ force: true });
    assert.equal((await heard()).at(-1), sentence);
    await signIn("viewer");
    await page.locator("[data-workflow=WKF106]").waitFor();
  });

  it("gets one and the same 403 for everything, listed or not", async () => {
    const { emulator } = server;
    const [first] = await emulator.workflows();
    const json = { "content-type": "application/json" };
    const command = { method: "POST", headers: json, body: '{"method":"start"}' };
    const signal = { method: "POST", headers: json, body: '{"source":"API"}' };
    const before = (await emulator.log()).length;
    const answers = [];
    for (const [path, init] of /** @type {[string, RequestInit][]} */ ([
      ["/api/workflows", {}],
      [`${workflowPath}/WKF101`, {}],
      [`${workflowPath}/WKF999`, {}],
      [`${workflowPath}/WKF101/commands`, command],
      [`${workflowPath}/WKF999/commands`, command],
      [`${workflowPath}/${first?.pkey}/activities/activity/@x/trigger/`, signal],
    ])) {
      const answer = await fetch(server.url + path, init);
      const { status, code, outcome } = await answer.json();
      answers.push([answer.status, status, code, outcome]);
    }
    assert.deepEqual(
      answers,
      answers.map(() => [403, 403, "forbidden", "not-executed"]),
    );
    assert.equal((await emulator.log()).length, before);
  });
});

describe("a gateway whose list allows little", () => {
  it("shows what may be read, and enables what may be done", async () => {
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
      assert.equal(
        await visitor.page.locator("#reason-WKF106-pause").textContent(),
        "The gateway does not let you do this.",
      );
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
