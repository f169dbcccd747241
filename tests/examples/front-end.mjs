// @ts-check
// The built front ends in front of a gateway and a local Campaign, all at one origin, in Chromium.

import { join } from "node:path";
import { createGateway } from "campaign-workflow/gateway";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { serveFiles } from "../../scripts/lib/static.mjs";

const organization = "acme-mkt-stage";

/** The page's first read after a command shows the state from before it. */
const applyDelayMs = 700;

/**
 * @param {string} folder of the build
 * @param {import("campaign-workflow/emulator").CampaignEmulatorOptions} [options]
 */
export async function serveFrontEnds(folder, options) {
  const emulator = new CampaignEmulator({ organization, applyDelayMs, runMs: 300, ...options });
  /** @type {import("campaign-workflow/gateway").Gateway | undefined} */
  let gateway;
  const served = await serveEmulator({
    emulator,
    async other(request) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/api/")) return gateway?.fetch(request);
      const file = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
      return serveFiles(new Request(new URL(file, request.url)), { "/": join(folder, "/") });
    },
  });
  gateway = createGateway({
    organization,
    basePath: "/api",
    accessToken: "local-token",
    apiKey: "local-key",
    fetch: emulator.fetch,
    allowedOrigins: [new URL(served.url).origin],
    authorize: () => true,
  });
  return {
    ...served,
    /** The commands that reached Campaign, and whether it executed them. */
    commands: async () =>
      (await emulator.log())
        .filter(({ method }) => method === "POST")
        .map(({ workflowId, command, executed }) => ({ workflowId, command, executed })),
    requests: async () => (await emulator.log()).length,
  };
}

/**
 * A page, its controls as a user finds them, and what the browser complains about.
 * @param {import("playwright-core").Browser} browser @param {string} url
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  page.on("console", (message) => {
    const isRefusedRequest =
      message.text().startsWith("Failed to load resource") && /\/api\//.test(message.location().url);
    if (["error", "warning"].includes(message.type()) && !isRefusedRequest) complaints.push(message.text());
  });
  // Each text that the status shows, however shortly.
  await page.addInitScript(() => {
    /** @type {string[]} */
    const texts = [];
    Object.assign(globalThis, { texts });
    new MutationObserver(() => {
      const text = document.querySelector("[role=status]")?.textContent?.trim();
      if (text && text !== texts.at(-1)) texts.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto(url);
  const button = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true });
  const status = page.getByRole("status");
  return {
    page,
    complaints,
    start: button("Start"),
    cancel: button("Cancel"),
    workflow: page.getByLabel("Workflow id"),
    status,
    /** The text of the status once it is of that kind. @param {string} kind */
    async step(kind) {
      await page.locator(`[role=status][data-kind="${kind}"]`).waitFor();
      return (await status.innerText()).trim();
    },
    /** @returns {Promise<string[]>} */
    texts: () => page.evaluate(() => /** @type {any} */ (globalThis).texts),
    close: () => context.close(),
  };
}
