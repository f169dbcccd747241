// @ts-check
// The page in Chromium, the server that npm start starts with the gateway Worker in it, and everything the browser complains about.

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

/** How long the local Campaign of the tests takes to apply a command: for ever, unless its clock is moved on. */
export const applyDelayMs = 3_600_000;

/** How long the gateway waits for Campaign here: until then, a command that was cancelled holds the next one of its workflow up. */
const attemptTimeoutMs = 3000;

/** @param {import("../../scripts/lib/server.mjs").ServerOptions} [options] */
export function serve(options = {}) {
  return startServer({ port: 0, applyDelayMs, worker: { ATTEMPT_TIMEOUT_MS: attemptTimeoutMs }, ...options });
}

/**
 * @param {import("playwright-core").Browser} browser @param {Server} server @param {BrowserContextOptions} [options]
 */
export async function openPage(browser, server, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems = await collectProblems(page);
  await page.goto(`${server.url}/`);
  await areRead(page);
  return { page, problems, close: () => context.close() };
}

/** The workflows are on the page with their states, or it says that none are to be seen. @param {Page} page */
export async function areRead(page) {
  await page.waitForFunction(() => {
    const none = document.getElementById("no-workflows");
    const isRefused = none && !none.hidden && none.textContent !== "" && !/…/.test(none.textContent ?? "");
    return (
      isRefused ||
      (document.getElementById("read-at")?.textContent && !document.querySelector("[data-state=reading]"))
    );
  });
}

/** Sets the local Campaign back by the page's own button, so that the page knows of it. @param {Page} page */
export async function reset(page) {
  const read = page.waitForResponse((response) => response.url().endsWith("/execution/WKF106"));
  await page.locator("#reset").click();
  await read;
  await page.waitForFunction(() => !document.querySelector("[data-wait=open]"));
}

/** What Campaign's log has of commands and signals. Reading is left out: the page reads when it sees fit. @param {Server} server */
export async function posted(server) {
  return (await server.emulator.log()).filter(({ method }) => method === "POST");
}

/**
 * What the browser complains about. An answer that is an error is no complaint about the page: the browser logs each one.
 * @param {Page} page
 */
async function collectProblems(page) {
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(`exception: ${error.stack}`));
  page.on("console", (message) => {
    const { url } = message.location();
    const isForGateway = /\/api\/|\/campaign\/__emulator\//.test(url);
    const aboutAnswer = message.text().startsWith("Failed to load resource") && isForGateway;
    if (["error", "warning"].includes(message.type()) && !aboutAnswer)
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
 * Everything that the polite region says from now on. A sentence leaves the region after a while, so each is noted as it comes.
 * @param {Page} page
 */
export async function listen(page) {
  await page.evaluate(() => {
    /** @type {string[]} */
    const heard = [];
    Object.assign(globalThis, { heard });
    const region = document.getElementById("announcements");
    if (!region) throw new Error("no region");
    new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) heard.push(node.textContent ?? "");
    }).observe(region, { childList: true });
  });
  return () => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).heard));
}

/** @param {Page} page @param {string} workflow @param {string} command */
export function commandButton(page, workflow, command) {
  return page.locator(`[data-workflow=${workflow}] button[data-command=${command}]`);
}

/** The newest call, once it is settled. @param {Page} page @param {string} outcome */
export async function newestCall(page, outcome) {
  const call = page.locator("#calls > li:first-child > .call");
  await page.locator(`#calls > li:first-child > .call[data-outcome="${outcome}"]`).waitFor();
  return call;
}

/** Opens the group of a trial where it is folded. @param {Page} page @param {string} id */
export async function trial(page, id) {
  const row = page.locator(`[data-case="${id}"]`);
  const group = page.locator(".group", { has: row });
  if ((await group.getAttribute("open")) === null) await group.locator("> summary").click();
  return row;
}

/** What the picture of a call says of a hop. @param {import("playwright-core").Locator} call @param {"gateway" | "campaign"} to */
export async function hopOf(call, to) {
  const hop = call.locator(`.segment[data-to=${to}]`);
  return `${await hop.getAttribute("data-state")}: ${(await hop.locator("> :not(.visually-hidden)").allInnerTexts()).join("").replace(/\s+/g, " ")}`;
}

/** The text as it is shown, in one line. @param {import("playwright-core").Locator} locator */
export async function textOf(locator) {
  return (await locator.innerText()).replace(/\s+/g, " ").trim();
}
