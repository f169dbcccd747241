// @ts-check
// The page with a pointer: buttons and reasons, timeline, cancel, reset, languages, and a gateway that goes away.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import en from "../../www/i18n/en.js";
import nl from "../../www/i18n/nl.js";
import {
  applyDelayMs,
  commandButton,
  recordAnnouncements,
  newestCall,
  openPage,
  posted,
  serve,
  textOf,
  failureCase,
} from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

describe("a button", () => {
  const transitions = /** @type {const} */ ([
    ["start", "WKF101", "Editing", "Started"],
    ["pause", "WKF102", "Started", "Paused"],
    ["resume", "WKF103", "Paused", "Started"],
    ["stop", "WKF106", "Started", "Finished"],
  ]);
  for (const [command, id, from, to] of transitions) {
    it(`${command} sends one documented request, then shows the wait and the new state`, async () => {
      const announcements = await recordAnnouncements(page);
      const row = page.locator(`[data-workflow=${id}]`);
      assert.equal(await textOf(row.locator(".badge.state")), from);
      await commandButton(page, id, command).click();
      await newestCall(page, "accepted");

      const log = await posted(server);
      assert.equal(log.length, 1);
      const [sent] = log;
      assert.equal(sent?.method, "POST");
      assert.equal(sent?.path, `/campaign/acme-mkt-stage/campaign/workflow/execution/${id}/commands`);
      assert.equal(sent?.headers["content-type"], "application/json");
      assert.equal(sent?.headers.authorization, "Bearer local-token");
      assert.equal(sent?.headers["cache-control"], "no-cache");
      assert.equal(sent?.headers["x-api-key"], "local-key");
      assert.equal(sent?.body, JSON.stringify({ method: command }));
      assert.equal(sent?.problem, null);
      assert.equal(sent?.executed, true);

      await row.getByText(`Waiting for ${to}. Seen so far: ${from}.`).waitFor();
      assert.equal(await textOf(row.locator(".badge.state")), from);
      await server.emulator.advance(applyDelayMs);
      await row.locator(`.badge[data-state=${to}]`).waitFor();
      assert.equal(await textOf(row.locator(".badge.state")), to);
      assert.match(await textOf(row.locator(".wait")), new RegExp(`^${to} after [\\d.]+ m?s\\.$`));
      const label = await textOf(row.locator("h3"));
      assert.deepEqual(await announcements(), [`${command} for ${label}: accepted.`, `${label}: ${to}.`]);
    });
  }

  it("that is disabled sends nothing and shows the reason", async () => {
    const announcements = await recordAnnouncements(page);
    const disabled = await page.locator('.commands button[aria-disabled="true"]').all();
    assert.equal(disabled.length, 24 - 10);
    for (const button of disabled) {
      // Playwright would wait until the button is enabled.
      await button.click({ force: true });
      const reason = await describedBy(button);
      assert.match(reason, /^(Start|Pause|Resume|Stop) needs a .+\. This one is \w+\.$/);
      assert.equal(await textOf(page.locator(".tip:not([hidden])")), reason);
      assert.equal((await announcements()).at(-1), reason);
    }
    assert.equal((await announcements()).length, disabled.length);
    assert.deepEqual(await posted(server), []);
    assert.equal(await page.locator(".call").count(), 0);
  });

  it("is enabled exactly if Campaign accepts the command, also with pending commands", async () => {
    for (const command of /** @type {const} */ (["start", "pause", "resume", "stop"])) {
      for (const { id, allowed } of await server.emulator.workflows()) {
        assert.deepEqual(await enabled(id), allowed, `${id} before ${command}`);
        if (!allowed.includes(command)) continue;
        await commandButton(page, id, command).click();
        await newestCall(page, "accepted");
      }
    }
    const reason = await describedBy(commandButton(page, "WKF102", "stop"));
    assert.equal(reason, en["reason.pending"]);
    const after = await server.emulator.workflows();
    for (const { id, allowed } of after) assert.deepEqual(await enabled(id), allowed, id);
  });

  /** @param {string} id */
  async function enabled(id) {
    const buttons = page.locator(`[data-workflow=${id}] .commands button:not([aria-disabled])`);
    return buttons.evaluateAll((all) => all.map((button) => /** @type {HTMLElement} */ (button).dataset.command));
  }

  /** @param {import("playwright-core").Locator} button */
  function describedBy(button) {
    return button.evaluate((element) => {
      const id = element.getAttribute("aria-describedby");
      return (id && document.getElementById(id)?.textContent) || "";
    });
  }
});

describe("the timeline", () => {
  it("shows the request as it was sent, and the receipt", async () => {
    const seen = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/commands"));
    await commandButton(page, "WKF101", "start").click();
    const call = await newestCall(page, "accepted");
    const sent = await seen;
    const [head, body] = (await call.locator("[data-part=request] .http").innerText()).split("\n\n");
    const [line, ...fields] = (head ?? "").split("\n");
    assert.equal(line, `POST ${new URL(sent.url()).pathname}`);
    assert.equal(body, sent.postData());
    const key = `Idempotency-Key: ${sent.headers()["idempotency-key"]}`;
    const documented = [
      "Cache-Control: no-cache",
      "Content-Type: application/json",
      `Host: ${new URL(server.url).host}`,
      key,
    ];
    assert.deepEqual(fields.sort(), documented);
    const receipt = JSON.parse(await call.locator("[data-part=result] .json").innerText());
    assert.equal(receipt.workflowId, "WKF101");
    assert.equal(receipt.command, "start");
    assert.equal(receipt.attempts, 1);
    assert.match(
      await textOf(call.locator("[data-part=campaign-log]")),
      /From gateway to Campaign: 1 request .* Campaign executed the command/,
    );
  });

  it("shows a curl command that sends the same request", async () => {
    const seen = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/commands"));
    await commandButton(page, "WKF101", "start").click();
    const call = await newestCall(page, "accepted");
    const key = `Idempotency-Key: ${(await seen).headers()["idempotency-key"]}`;
    await call.locator("[data-part=curl] > summary").click();
    const line = await call.locator("[data-part=curl] pre").innerText();
    const shell = `curl() { printf '%s\\n' "$@"; }\n${line}`;
    const env = { ...process.env, SESSION: "name=value" };
    const { stdout } = await promisify(execFile)("sh", ["-c", shell], { env });
    const [, , method, url, ...rest] = stdout.trimEnd().split("\n");
    const [sent] = await posted(server);
    assert.equal(method, "POST");
    assert.equal(url, sent?.url.replace("/campaign/", "/api/"));
    assert.deepEqual(rest.slice(0, 2), ["-b", "name=value"]);
    assert.deepEqual(rest.slice(-2), ["--data", sent?.body]);
    const headers = rest.slice(2, -2).filter((word) => word !== "-H");
    assert.deepEqual(headers.sort(), ["Cache-Control: no-cache", "Content-Type: application/json", key]);
  });

  it("shows the newest call first and unfolded, and can be cleared", async () => {
    for (const id of ["WKF101", "WKF104"]) {
      await commandButton(page, id, "start").click();
      await page.locator(`[data-workflow=${id}] .badge[data-outcome=accepted]`).waitFor();
    }
    const titles = await page.locator(".call h3").allInnerTexts();
    assert.deepEqual(titles, ["start Spring sale", "start Welcome e-mails"]);
    const open = (/** @type {number} */ nth) => page.locator(`#calls > li:nth-child(${nth}) details[open]`).count();
    assert.equal(await open(1), 3);
    assert.equal(await open(2), 0);
    await page.locator("#clear").click();
    assert.equal(await page.locator(".call").count(), 0);
    assert.ok(await page.locator("#no-calls").isVisible());
    assert.equal(await page.evaluate(() => document.activeElement?.id), "timeline-title");
  });

  it("never contains a credential, nor does the rest of the page", async () => {
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    await (await failureCase(page, "bearer")).getByRole("button").click();
    await newestCall(page, "not-executed");
    const html = await page.evaluate(() => document.documentElement.outerHTML);
    for (const secret of ["local-token", "local-key", "Bearer abc"]) assert.ok(!html.includes(secret), secret);
  });
});

describe("cancel", () => {
  // Each on a different workflow: the gateway sends no second command while the first one's outcome is pending.
  for (const [where, selector, workflow] of /** @type {const} */ ([
    ["in the failure case", '[data-case="cancel"] button', "WKF103"],
    ["in the workflow’s row", "[data-workflow=WKF104] .last button", "WKF104"],
    ["in the timeline", ".call .call-wait button", "WKF105"],
  ])) {
    it(`${where} ends the call with an unknown outcome`, async () => {
      await page.locator("#failure-workflow").selectOption(workflow);
      await (await failureCase(page, "cancel")).getByRole("button").click();
      while ((await posted(server)).length === 0) await page.waitForTimeout(10);
      await page.locator(selector).click();
      const call = await newestCall(page, "unknown");
      assert.equal(await textOf(call.locator(".facts > div").first()), "code aborted");
      await page.locator('[data-case="cancel"]', { hasText: "As expected" }).waitFor();
      assert.equal((await posted(server)).length, 1);
      assert.deepEqual(await server.emulator.faults(), []);
    });
  }
});

describe("reset", () => {
  it("restores the emulator's initial state", async () => {
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    await server.emulator.advance(applyDelayMs);
    await page.locator("[data-workflow=WKF101] [data-state=Started]").waitFor();
    await page.locator("#reset").click();
    await page.locator("[data-workflow=WKF101] [data-state=Editing]").waitFor();
  });
});

describe("an idle page", () => {
  it("does not change, so it neither flickers nor announces anything", async () => {
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    await page.locator("[data-workflow=WKF101] [data-wait=open]").waitFor();
    await page.waitForTimeout(200);
    const changes = await page.evaluate(async () => {
      let count = 0;
      const options = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver((records) => (count += records.length)).observe(document.documentElement, options);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      return count;
    });
    assert.equal(changes, 0);
  });
});

describe("the languages", () => {
  it("follow the browser, can be switched, and are remembered", async () => {
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.getByRole("button", { name: "Nederlands" }).click();
    assert.equal(await page.locator("html").getAttribute("lang"), "nl");
    assert.equal(await page.getByRole("button", { name: "Nederlands" }).getAttribute("aria-pressed"), "true");
    assert.equal(await textOf(page.locator("#timeline-title")), "Tijdlijn");
    await page.reload();
    await page.locator("[data-workflow=WKF106]").waitFor();
    assert.equal(await textOf(page.locator("#timeline-title")), "Tijdlijn");
    await page.getByRole("button", { name: "English" }).click();
    assert.equal(await textOf(page.locator("#timeline-title")), "Timeline");

    const dutch = await openPage(browser, server, { locale: "nl-NL" });
    assert.equal(await dutch.page.locator("html").getAttribute("lang"), "nl");
    await dutch.close();
    assert.deepEqual(dutch.problems, []);
  });

  it("are complete: a Dutch page contains no English but protocol words", async () => {
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    await (await failureCase(page, "token-expired")).getByRole("button").click();
    await newestCall(page, "not-executed");
    await page.getByRole("button", { name: "Nederlands" }).click();
    const texts = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found = [];
      while (walker.nextNode()) {
        const { parentElement, textContent } = walker.currentNode;
        if (!parentElement?.closest('[lang="en"], #announcements, noscript')) found.push((textContent ?? "").trim());
      }
      return found;
    });
    assert.ok(texts.includes(nl["failures.title"]) && texts.includes(nl["next.accepted"]));
    /** @type {Record<string, string>} */
    const dutch = nl;
    const english = Object.entries(en).filter(([key, sentence]) => dutch[key] !== sentence);
    assert.deepEqual(
      english.filter(([, sentence]) => texts.includes(sentence)),
      [],
    );
  });
});

describe("a gateway that goes away", () => {
  it("is reported, and the page reconnects when it comes back", async () => {
    const other = await serve();
    const visitor = await openPage(browser, other);
    await other.close();
    await visitor.page.locator("#refresh").click();
    const banner = visitor.page.locator("#banner");
    await banner.getByText("The gateway can’t be reached.").waitFor();
    assert.equal(await textOf(visitor.page.locator('[data-station="gateway"]')), "Gateway not reachable");
    const again = await serve({ port: other.port });
    await banner.waitFor({ state: "hidden" });
    await commandButton(visitor.page, "WKF101", "start").click();
    await newestCall(visitor.page, "accepted");
    await visitor.close();
    await again.close();
  });
});
