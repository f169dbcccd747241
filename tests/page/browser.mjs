// @ts-check
// Opens the page in Chromium, served as by `npm start`, and records everything that the browser complains about.

import { chromium } from "playwright-core";
import { findBrowser } from "../../scripts/lib/browser.mjs";
import { startServer } from "../../scripts/lib/server.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} BrowserContextOptions */
/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

const quiet = ["quic", "background-networking", "component-update", "sync"].map((name) => `--disable-${name}`);

export async function launch() {
  const { chromium: executablePath } = findBrowser();
  if (!executablePath) throw new Error("No Chromium: install it, or name it in CHROMIUM_PATH");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", ...quiet] });
}

/** The emulator applies a command after an hour, that is: only when a test moves its clock forward. */
export const applyDelayMs = 3_600_000;

/** The gateway's time limit for Campaign. Until then, a cancelled command blocks the next one for its workflow. */
const attemptTimeoutMs = 3000;

/** The browser keeps the page's files: to ask for all of them again would take a third of a short test's time. */
const headers = { "Cache-Control": "max-age=3600" };

/** @param {import("../../scripts/lib/server.mjs").ServerOptions} [options] */
export function serve(options = {}) {
  return startServer({ port: 0, applyDelayMs, headers, worker: { ATTEMPT_TIMEOUT_MS: attemptTimeoutMs }, ...options });
}

const desktop = { width: 1280, height: 900 };

/**
 * A page of its own: with its own cookies, storage and clock.
 * @param {import("playwright-core").Browser} browser @param {Server} server @param {BrowserContextOptions} [options]
 */
export async function openPage(browser, server, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: desktop, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems = await collectProblems(page);
  const load = async () => {
    await page.goto(`${server.url}/`);
    await areRead(page);
  };
  await load();
  return {
    page,
    problems,
    load,
    close: () => context.close(),

    /** Ends everything of the page, so that the next `load` is a new visitor's. It costs half of another page. */
    async leave() {
      page.removeAllListeners("request");
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await page.evaluate(() => localStorage.clear());
      await page.goto("about:blank");
      await context.clearCookies();
      await page.mouse.move(0, 0);
      await page.setViewportSize(desktop);
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
    },
  };
}

/** Waits until the workflows are shown with their states, or the page says that the user may see none. @param {Page} page */
export async function areRead(page) {
  await page.waitForFunction(() => {
    const none = document.getElementById("no-workflows");
    const isDenied = none && !none.hidden && none.textContent !== "" && !/…/.test(none.textContent ?? "");
    return (
      isDenied || (document.getElementById("read-at")?.textContent && !document.querySelector("[data-state=reading]"))
    );
  });
}

/** Resets the emulator with the page's own button, so that the page forgets its waits too. @param {Page} page */
export async function reset(page) {
  const read = page.waitForResponse((response) => response.url().endsWith("/execution/WKF106"));
  await page.locator("#reset").click();
  await read;
  await page.waitForFunction(() => !document.querySelector("[data-wait=open]"));
}

/** The commands and signals in Campaign's log. Reads are left out, because the page polls. @param {Server} server */
export async function posted(server) {
  return (await server.emulator.log()).filter(({ method }) => method === "POST");
}

/**
 * Collects exceptions, console messages and policy violations. Error responses of the gateway are expected; the browser logs each.
 * @param {Page} page
 */
async function collectProblems(page) {
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(`exception: ${error.stack}`));
  page.on("console", (message) => {
    const { url } = message.location();
    const isForGateway = /\/api\/|\/campaign\/__emulator\//.test(url);
    const isResponse = message.text().startsWith("Failed to load resource") && isForGateway;
    if (["error", "warning"].includes(message.type()) && !isResponse)
      problems.push(`console: ${message.text()} (${url})`);
  });
  await page.exposeFunction("reportViolation", (/** @type {string} */ text) => problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      /** @type {any} */ (globalThis).reportViolation(`${violatedDirective} ${blockedURI}`),
    );
  });
  return problems;
}

/**
 * Records everything that the live region announces from now on. The page removes old announcements.
 * @param {Page} page
 */
export async function recordAnnouncements(page) {
  await page.evaluate(() => {
    /** @type {string[]} */
    const announcements = [];
    Object.assign(globalThis, { announcements });
    const region = document.getElementById("announcements");
    if (!region) throw new Error("no region");
    new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes]))
        announcements.push(node.textContent ?? "");
    }).observe(region, { childList: true });
  });
  return () => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).announcements));
}

/** @param {Page} page @param {string} workflow @param {string} command */
export function commandButton(page, workflow, command) {
  return page.locator(`[data-workflow=${workflow}] button[data-command=${command}]`);
}

/** The newest call, once it has this outcome. @param {Page} page @param {string} outcome */
export async function newestCall(page, outcome) {
  const call = page.locator("#calls > li:first-child > .call");
  await page.locator(`#calls > li:first-child > .call[data-outcome="${outcome}"]`).waitFor();
  return call;
}

/** The row of a failure case; opens its group if it is folded. @param {Page} page @param {string} id */
export async function failureCase(page, id) {
  const row = page.locator(`[data-case="${id}"]`);
  const group = page.locator(".group", { has: row });
  if ((await group.getAttribute("open")) === null) await group.locator("> summary").click();
  return row;
}

/** State and text of one segment of a call's trace. @param {import("playwright-core").Locator} call @param {"gateway" | "campaign"} to */
export async function segmentOf(call, to) {
  const segment = call.locator(`.segment[data-to=${to}]`);
  return `${await segment.getAttribute("data-state")}: ${(await segment.locator("> :not(.visually-hidden)").allInnerTexts()).join("").replace(/\s+/g, " ")}`;
}

/** The visible text in one line. @param {import("playwright-core").Locator} locator */
export async function textOf(locator) {
  return (await locator.innerText()).replace(/\s+/g, " ").trim();
}
