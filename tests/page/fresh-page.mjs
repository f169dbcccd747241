// @ts-check
// A page of its own for each test of a file: opened before it, at a Campaign that begins anew, and closed after it. It fails the
// test if the browser complained about anything. The exports are live: they are what belongs to the test that runs.

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
