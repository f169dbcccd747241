// @ts-check
// A fresh page and a reset emulator for each test of a file. A test fails if the browser complained about anything. The exports are
// live bindings: they belong to the running test.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { launch, openPage, serve } from "./browser.mjs";

/** @type {import("playwright-core").Browser} */
export let browser;
/** @type {import("./browser.mjs").Server} */
export let server;
/** @type {Awaited<ReturnType<typeof openPage>>} */
export let opened;
/** @type {import("playwright-core").Page} */
export let page;

before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});
after(() => Promise.all([browser.close(), server.close()]));
beforeEach(async () => {
  await server.emulator.reset();
  opened = await openPage(browser, server);
  ({ page } = opened);
});
afterEach(async () => {
  await opened.close();
  assert.deepEqual(opened.problems, []);
});
