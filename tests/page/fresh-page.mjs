// @ts-check
// The page as a new visitor gets it and a reset emulator, for each test of a file. A test fails if the browser complained about
// anything. The tests of a file share one tab: a new one for each would take half of the time of all tests.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { areRead, launch, openPage, serve } from "./browser.mjs";

/** @type {import("playwright-core").Browser} */
export let browser;
/** @type {import("./browser.mjs").Server} */
export let server;
/** @type {Awaited<ReturnType<typeof openPage>> | undefined} */
let opened;
/** @type {import("playwright-core").Page} */
export let page;

/** The running test has given the tab a clock, which nothing removes. */
let hasClock = false;

/** Loads the page with a clock that only the test moves. */
export async function installClock() {
  hasClock = true;
  await page.clock.install();
  await page.reload();
  await areRead(page);
}

before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(() => Promise.all([browser.close(), server.close()]));
beforeEach(async () => {
  await server.emulator.reset();
  if (opened) await opened.load();
  else opened = await openPage(browser, server);
  ({ page } = opened);
});
afterEach(async () => {
  await (hasClock ? opened?.close() : opened?.leave());
  const problems = opened?.problems.splice(0);
  if (hasClock) [opened, hasClock] = [undefined, false];
  assert.deepEqual(problems, []);
});
