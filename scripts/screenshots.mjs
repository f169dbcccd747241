// @ts-check
// Writes pictures of the demo page to target/screenshots, for a look at it after a change. They are not compared with anything.
//
//   npm run screenshots                     every state, width, language and theme
//   npm run screenshots -- --state queue    one state; may be given more than once

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findBrowser } from "./lib/browser.mjs";
import { root } from "./lib/paths.mjs";
import { endWithNpm, Failure } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { print, red } from "./lib/terminal.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {"first" | "command" | "unknown" | "viewer" | "signed-out" | "signal" | "queue" | "failures" | "bulk"} State */
/** @typedef {{ width: number, locale: string, colorScheme: "light" | "dark" }} Look */

const folder = join(root, "target", "screenshots");
const heights = /** @type {Record<number, number>} */ ({ 390: 844, 768: 1024, 1280: 900 });

/** @type {readonly Look[]} */
const looks = Object.keys(heights).flatMap((width) =>
  ["en-GB", "nl-NL"].flatMap((locale) =>
    /** @type {const} */ (["light", "dark"]).map((colorScheme) => ({ width: Number(width), locale, colorScheme })),
  ),
);
/** The looks of the states after the first, for which all twelve would show nothing new. */
const fewLooks = looks.filter(
  ({ width, locale, colorScheme }) =>
    (locale === "en-GB" && colorScheme === "light") || (width === 390 && locale === "nl-NL" && colorScheme === "dark"),
);

/** What is done to bring the page into a state. @type {Record<State, (page: Page) => Promise<unknown>>} */
const states = {
  first: async () => {},
  async command(page) {
    await command(page, "WKF101", "start");
    await page.locator("#calls .call[data-outcome=accepted]").first().waitFor();
    await page.locator("[data-workflow=WKF101] [data-state=Started]").waitFor();
  },
  async unknown(page) {
    await runCase(page, "lost-answer");
    await page.locator("#calls .call[data-outcome=unknown]").first().waitFor();
  },
  async viewer(page) {
    await page.locator("[data-role=viewer]").click();
    await page.locator("#bulk .why").waitFor();
    await page.locator("[data-workflow=WKF102] button[data-command=pause]").hover();
  },
  async "signed-out"(page) {
    await page.locator("[data-role=nobody]").click();
    await page.locator("#no-workflows").waitFor();
  },
  async signal(page) {
    const form = page.locator("[data-workflow=WKF106] .signal");
    await form.locator("summary").click();
    await form.locator("textarea").fill("audience = VIP\nnonsense");
    await form.getByRole("button").click();
    await form.locator(".problem").waitFor();
  },
  async queue(page) {
    await page.locator("#queue-workflow").selectOption("WKF105");
    await page.locator("#queue-panel[data-shown=WKF105]").waitFor();
    await queue(page, "0", "not-found");
    await queue(page, "0", "lost-answer");
    const dead = page.locator("#queue [data-group=dead] [data-number]");
    await dead.nth(1).waitFor();
    await queue(page, "3600", "none");
    await page.locator("#queue [data-group=waiting] [data-number]").first().waitFor();
    await dead
      .filter({ has: page.locator("[data-outcome=unknown]") })
      .first()
      .locator("[data-action=again]")
      .click();
  },
  async failures(page) {
    for (const id of ["lost-reply", "same-key", "viewer", "throttled-once", "line-break"]) {
      await runCase(page, id);
      await page.locator(`[data-case="${id}"] .result:not([hidden])`).waitFor();
    }
  },
  async bulk(page) {
    await page.locator("#bulk-send").click();
    await page.locator("#bulk .end").waitFor();
  },
};

/** @param {Page} page @param {string} workflow @param {string} name */
function command(page, workflow, name) {
  return page.locator(`[data-workflow=${workflow}] button[data-command=${name}]`).click();
}

/** @param {Page} page @param {string} delay in seconds @param {string} effect of the local Campaign */
async function queue(page, delay, effect) {
  await page.locator("#queue-delay").selectOption(delay);
  await page.locator("#queue-effect").selectOption(effect);
  const result = await page.locator("#queue > .result").textContent();
  await page.locator("#queue-send").click();
  await page.waitForFunction((before) => document.querySelector("#queue > .result")?.textContent !== before, result);
}

/** @param {Page} page @param {string} id */
async function runCase(page, id) {
  const row = page.locator(`[data-case="${id}"]`);
  const group = page.locator(".group", { has: row });
  if ((await group.getAttribute("open")) === null) await group.locator("> summary").click();
  await row.getByRole("button").click();
}

/** @returns {State[]} */
function chosenStates() {
  const { values } = parseArgs({ options: { state: { type: "string", multiple: true } } });
  const all = /** @type {State[]} */ (Object.keys(states));
  const unknown = values.state?.find((name) => !all.includes(/** @type {State} */ (name)));
  if (unknown !== undefined) throw new Failure(`There is no state "${unknown}": ${all.join(", ")}.`);
  return all.filter((name) => values.state === undefined || values.state.includes(name));
}

async function main() {
  const chosen = chosenStates();
  endWithNpm();
  await setUp("node", "npm", "rust", "tools");
  const [{ build }, { startServer }, { chromium }] = await Promise.all([
    import("./build.mjs"),
    import("./lib/server.mjs"),
    import("playwright-core"),
  ]);
  await build();
  const { chromium: executablePath } = findBrowser();
  if (!executablePath) throw new Failure("No Chromium: install it, or name it in CHROMIUM_PATH.");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Each server pipes the errors of its Worker to stderr.
  process.stderr.setMaxListeners(0);

  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const state of chosen) {
      for (const look of state === "first" ? looks : fewLooks) {
        // One server for each picture: a reset of Campaign does not empty the lists of the gateway's Worker.
        const server = await startServer({ port: 0 });
        try {
          await takePictures(browser, server.url, state, look);
        } finally {
          await server.close();
        }
      }
    }
  } finally {
    await browser.close();
  }
  print(`\n  ${folder}`);
}

/** @param {import("playwright-core").Browser} browser @param {string} url @param {State} state @param {Look} look */
async function takePictures(browser, url, state, { width, locale, colorScheme }) {
  const viewport = { width, height: heights[width] ?? 900 };
  const context = await browser.newContext({ viewport, locale, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${url}/`);
  await page.waitForFunction(() => document.getElementById("read-at")?.textContent);
  await page.locator("#queue-panel").waitFor();
  await states[state](page);
  const name = `${state}-${width}-${locale.slice(0, 2)}-${colorScheme}`;
  // The screen without scrolling is what a visitor sees first.
  if (state === "first") await page.screenshot({ path: join(folder, `${name}-top.png`) });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  print(`  ${name}`);
  await context.close();
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  if (error.output) print(`\n${error.output.trimEnd()}`);
  print(red(`\n${error.message}`));
  process.exitCode = 1;
}
