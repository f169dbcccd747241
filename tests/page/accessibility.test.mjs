// @ts-check
// Accessibility: axe, keyboard, screen reader, narrow screens, light and dark, reduced motion. And the content security policy.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { areRead, commandButton, newestCall, openPage, posted, serve, failureCase } from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const widths = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

for (const [name, viewport] of Object.entries(widths)) {
  it(`axe finds nothing on a ${name}, light and dark, before and after use, in both languages`, async () => {
    await resize(viewport);
    await assertAccessible();
    await assertContrastInTheDark();
    await useEverything();
    await assertAccessible();
    await assertContrastInTheDark();
    await assertWidth(viewport.width);
    await page.getByRole("button", { name: "Nederlands" }).click();
    await assertAccessible();
    await assertContrastInTheDark();
    await assertWidth(viewport.width);
    if (name === "phone") {
      await page.setViewportSize({ ...viewport, width: 320 });
      await assertWidth(320);
      await page.getByRole("button", { name: "English" }).click();
      await assertWidth(320);
    }
    await page.evaluate(() => document.getElementById("banner")?.removeAttribute("hidden"));
    await assertAccessible("#banner");
    await assertContrastInTheDark("#banner");
  });
}

it("axe finds nothing for a viewer, nor when signed out", async () => {
  await resize(widths.phone);
  await page.locator("[data-role=viewer]").click();
  await page.locator("#bulk .why").waitFor();
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  await commandButton(page, "WKF102", "pause").hover();
  await assertAccessible();
  await page.locator("[data-role=nobody]").click();
  await page.locator("#no-workflows").waitFor();
  await assertAccessible();
});

describe("the keyboard alone", () => {
  it("reaches everything, in reading order, with a visible focus", async () => {
    // A server of its own: the Worker's lists contain the commands of the other tests, and nothing resets them.
    const own = await serve();
    const { page, problems, close } = await openPage(browser, own);
    await page.locator("#queue-panel").waitFor();
    const stops = [];
    for (let count = 0; count < 70; count += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const element = /** @type {HTMLElement} */ (document.activeElement);
        if (element === document.body) return null;
        const { outlineStyle } = getComputedStyle(element);
        const { top, left } = element.getBoundingClientRect();
        const name = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? element.id;
        return { name, outlineStyle, onScreen: top >= 0 && left >= 0 };
      });
      if (stop === null) break;
      stops.push(stop);
      assert.notEqual(stop.outlineStyle, "none", stop.name);
      assert.ok(stop.onScreen, stop.name);
    }
    const names = stops.map(({ name }) => name);
    const languages = ["English", "Nederlands"];
    const head = ["Skip to the workflows", ...languages, "Operator", "Viewer", "Nobody", "Refresh", "Reset emulator"];
    assert.deepEqual(names.slice(0, 12), [...head, "Start", "Pause", "Resume", "Stop"]);
    // Skip link, languages, roles, refresh and reset, 24 commands, one signal; queue: workflow, three fields, button; failures:
    // workflow, six groups, the three cases of the open one; bulk: command, six workflows, concurrency, button.
    assert.equal(names.length, 1 + 2 + 3 + 2 + 24 + 1 + 5 + 1 + 6 + 3 + 1 + 6 + 1 + 1);
    await Promise.all([close(), own.close()]);
    assert.deepEqual(problems, []);
  });

  it("sends, shows reasons, unfolds and cancels without losing the focus", async () => {
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");

    for (const _ of ["Refresh", "Reset emulator", "Start"]) await page.keyboard.press("Tab");
    assert.equal(await focused(), "Start");
    await page.keyboard.press("Enter");
    await newestCall(page, "accepted");
    assert.equal(await focused(), "Start");
    assert.equal((await posted(server)).length, 1);

    // The pressed button is disabled now and keeps the focus, so its reason is shown.
    await page.keyboard.press("Space");
    assert.match(await page.locator(".tip:not([hidden])").innerText(), /already pending/);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".tip:not([hidden])").count(), 0);
    assert.equal((await posted(server)).length, 1);

    const summary = page.locator(".call [data-part=request] > summary");
    await summary.focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".call [data-part=request]").getAttribute("open"), null);

    // When a focused Cancel button disappears, the focus moves on.
    for (const [workflowId, selector, next] of /** @type {const} */ ([
      ["WKF104", "[data-workflow=WKF104] .last button", "button[data-command=start]"],
      ["WKF105", ".call .call-wait button", ".call"],
    ])) {
      const sent = (await posted(server)).length;
      await server.emulator.addFault({ kind: "hang", workflowId });
      await commandButton(page, workflowId, "start").press("Enter");
      // Cancelled before the request is sent, the outcome would not be unknown.
      while ((await posted(server)).length === sent) await page.waitForTimeout(10);
      await page.locator(selector).focus();
      await page.keyboard.press("Enter");
      await newestCall(page, "unknown");
      assert.ok(await page.evaluate((selector) => document.activeElement?.matches(selector), next), next);
    }
  });
});

describe("a screen reader", () => {
  it("gets name, group, state and reason of a disabled button", async () => {
    const session = await page.context().newCDPSession(page);
    const { nodes } = /** @type {any} */ (await session.send("Accessibility.getFullAXTree"));
    const buttons = nodes.filter(
      (/** @type {any} */ node) => node.role?.value === "button" && node.name?.value === "Pause",
    );
    assert.equal(buttons.length, 6);
    const descriptions = buttons.map((/** @type {any} */ { description, properties }) => [
      properties.some((/** @type {any} */ { name, value }) => name === "disabled" && value.value),
      description?.value ?? "",
    ]);
    assert.deepEqual(descriptions[0], [true, "Pause needs a started workflow. This one is Editing."]);
    assert.deepEqual(descriptions[1], [false, ""]);
    const groups = nodes
      .filter((/** @type {any} */ node) => node.role?.value === "group")
      .map((/** @type {any} */ { name }) => name?.value);
    assert.ok(groups.includes("Commands for Weekly newsletter"));
  });

  it("finds landmarks and headings in order", async () => {
    for (const role of /** @type {const} */ (["banner", "main", "contentinfo"]))
      assert.equal(await page.getByRole(role).count(), 1, role);
    for (const name of ["Workflows", "Timeline", "Queue and history", "Try a failure", "Send to several workflows"])
      await page.getByRole("region", { name, exact: true }).waitFor();
    const levels = await page
      .locator("h1, h2, h3, h4")
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    levels.forEach((level, index) => assert.ok(level <= (levels[index - 1] ?? 0) + 1, `heading ${index}`));
  });
});

describe("the page's policy", () => {
  it("is strict, and the page needs nothing else", async () => {
    const response = await fetch(`${server.url}/`);
    const policy = response.headers.get("content-security-policy") ?? "";
    for (const part of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "connect-src 'self'",
    ]) {
      assert.ok(policy.split("; ").includes(part), part);
    }
    const html = await response.text();
    assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*\bsrc=)/);
  });
});

it("nothing moves with reduced motion", async () => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await (await failureCase(page, "cancel")).getByRole("button").click();
  await page.locator('.badge[data-outcome="in-flight"]').first().waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

/** Brings everything that the page can show onto the page. */
async function useEverything() {
  await commandButton(page, "WKF102", "stop").click();
  await newestCall(page, "accepted");
  const signal = page.locator("[data-workflow=WKF106] .signal");
  await signal.locator("summary").click();
  await signal.locator("textarea").fill("nonsense");
  await signal.getByRole("button").click();
  await signal.locator("textarea").fill("");
  await signal.getByRole("button").click();
  await newestCall(page, "accepted");
  await server.emulator.addFault({ kind: "not-found", workflowId: "WKF103" });
  await page.locator("#bulk-send").click();
  await page.locator("#bulk .end").waitFor();
  const tried = [
    "viewer",
    "signed-out",
    "lost-reply",
    "same-key",
    "token-expired",
    "refused-by-campaign",
    "throttled-once",
    "lost-answer",
    "line-break",
  ];
  for (const id of tried) {
    await (await failureCase(page, id)).getByRole("button").click();
    await page.locator(`[data-case="${id}"] .result`).waitFor();
  }
  await useQueue();
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  await (await failureCase(page, "cancel")).getByRole("button").click();
  await page.locator(".call .call-wait button").waitFor();
  await commandButton(page, "WKF106", "resume").hover();
}

/** A waiting command, a dead one, one with the question, and an ended one. */
async function useQueue() {
  await page.locator("#queue-workflow").selectOption("WKF105");
  await page.locator("#queue-panel[data-shown=WKF105]").waitFor();
  const dead = page.locator("#queue [data-group=dead] [data-number]");
  const queue = async (/** @type {string} */ delay, /** @type {string} */ effect) => {
    await page.locator("#queue-delay").selectOption(delay);
    await page.locator("#queue-effect").selectOption(effect);
    await page.locator("#queue-send").click();
  };
  for (const effect of ["not-found", "lost-answer"]) {
    const before = await dead.count();
    await queue("0", effect);
    await dead.nth(before).waitFor();
  }
  await queue("3600", "none");
  await page.locator("#queue [data-group=waiting] [data-action=cancel]").first().click();
  await page.locator("#queue [data-group=history] [data-number]").first().waitFor();
  await queue("3600", "none");
  await page.locator("#queue [data-group=waiting] [data-number]").first().waitFor();
  await dead
    .filter({ has: page.locator("[data-outcome=unknown]") })
    .first()
    .locator("[data-action=again]")
    .click();
}

/** Loads the page on a screen of another size. @param {import("playwright-core").ViewportSize} viewport */
async function resize(viewport) {
  await page.setViewportSize(viewport);
  await page.reload();
  await areRead(page);
}

/** Nothing is wider than the screen. @param {number} width */
async function assertWidth(width) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
}

/** @param {string} [selector] of the part to look at; default: the page */
function assertAccessible(selector) {
  return assertNoViolations(selector, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
}

/** Dark differs from light in its colors alone. @param {string} [selector] */
async function assertContrastInTheDark(selector) {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await assertNoViolations(selector, ["color-contrast"]);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** @param {string} selector @param {readonly string[]} runOnly tags or rules of axe */
async function assertNoViolations(selector = "html", runOnly) {
  // The page's policy forbids injected script elements; the debugger may evaluate.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const violations = await page.evaluate(
    async ({ selector, runOnly }) => {
      const found = await /** @type {any} */ (globalThis).axe.run(selector, { runOnly, resultTypes: ["violations"] });
      return found.violations.map((/** @type {any} */ { id, help, nodes }) => ({
        rule: `${id}: ${help}`,
        where: nodes.map((/** @type {any} */ { target, any }) => `${target} ${any[0]?.message ?? ""}`),
      }));
    },
    { selector, runOnly },
  );
  assert.deepEqual(violations, []);
}
