// @ts-check
// A page that uses the package, beside its Campaign at the same origin, under a policy that allows WebAssembly and
// nothing else that is not its own.

import { contentSecurityPolicy } from "../../scripts/lib/page-headers.mjs";
import { answer, serveFiles } from "../../scripts/lib/static.mjs";
import { browsers, open } from "./browsers.mjs";
import { once } from "./family.mjs";
import { checkReport, serveCampaign } from "./check-report.mjs";

/** @typedef {(request: Request) => Promise<Response>} Site */

const reportWithinMs = 120_000;
const script = "text/javascript; charset=utf-8";

/** A page with one script. @param {string} src @param {string} [head] */
export const pageWith = (src, head = "") => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Consumer</title>${head}</head>
<body><script type="module" src="${src}"></script></body></html>
`;

/** Told by every page as it happens; loaded before everything else. */
const watch = `
const complain = (text) => void fetch("/complaint", { method: "POST", body: text });
addEventListener("error", ({ message, target }) => complain(message ?? (target.src || target.href) + " did not load"), true);
addEventListener("unhandledrejection", ({ reason }) => complain("unhandled: " + reason + " " + reason?.cause));
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => complain(effectiveDirective + " forbids " + blockedURI));
`;

/** The files of a folder. @param {string} folder @returns {Site} */
export const files = (folder) => (request) => serveFiles(request, { "/": folder });

/** What another server answers, so that page and Campaign have one origin. @param {string} origin @returns {Site} */
export const behind = (origin) => async (request) => {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of ["host", "connection", "accept-encoding"]) headers.delete(name);
  const {
    status,
    headers: given,
    body,
  } = await fetch(`${origin}${pathname}${search}`, { method: request.method, headers, redirect: "manual" });
  const kept = new Headers(given);
  for (const name of ["content-encoding", "content-length", "transfer-encoding", "connection"]) kept.delete(name);
  return new Response(body, { status, headers: kept });
};

/**
 * One cell per browser, for a site that is made once.
 * @param {{ name?: string, title: string, path?: string, policy?: string, quick?: readonly string[], expected?: import("./check-report.mjs").Expected,
 *   site: (stage: import("./family.mjs").Stage, shared: any) => Site | Promise<Site> }} page
 * @returns {import("./family.mjs").Cell[]}
 */
export function inBrowsers({
  name,
  title,
  path = "/",
  policy = contentSecurityPolicy,
  quick = [],
  expected = {},
  site,
}) {
  const siteFor = once(site);
  return browsers.map((browser) => ({
    name: [name, browser.name].filter(Boolean).join("/"),
    title,
    browser: browser.title,
    quick: quick.includes(browser.name),
    run: async (stage, shared) => {
      browser.find();
      await usePage(browser, await siteFor(stage, shared), { path, policy, expected });
    },
  }));
}

/**
 * @param {import("./browsers.mjs").Browser} browser @param {Site} site
 * @param {{ path: string, policy: string, expected: import("./check-report.mjs").Expected }} options
 */
async function usePage(browser, site, { path, policy, expected }) {
  const told = withResolvers();
  /** @type {string[]} */
  const complaints = [];
  const campaign = await serveCampaign(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/watch.js") return answer(watch, script);
    if (pathname === "/report") told.resolve(await request.json());
    else if (pathname === "/complaint") complaints.push(await request.text());
    else return watched(await site(request), policy);
    // Other complaints may be on their way.
    if (pathname === "/complaint") setTimeout(() => told.reject(new Error("It did not come to a report.")), 1000);
    return answer("", "text/plain");
  });
  const timer = setTimeout(
    () => told.reject(new Error(`No report came within ${reportWithinMs / 1000} s.`)),
    reportWithinMs,
  );
  const page = await open(browser, campaign.origin + path);
  page.ended.then(() => told.reject(new Error("The browser ended before a report came.")));
  try {
    const report = await told.promise;
    if (complaints.length > 0) throw new Error("It came to a report all the same.");
    await checkReport(report, campaign, expected);
  } catch (error) {
    const said = complaints.length > 0 ? `The page complains:\n${complaints.join("\n")}\n` : "";
    throw new Error(`${said}${error instanceof Error ? error.message : error}\n${page.output().slice(-2000)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    await page.close();
    await campaign.close();
  }
}

/** Pages get the script that watches, and everything the policy. @param {Response} response @param {string} policy */
async function watched(response, policy) {
  const { status, headers } = response;
  const given = new Headers(headers);
  given.set("content-security-policy", policy);
  if (!given.get("content-type")?.startsWith("text/html"))
    return new Response(response.body, { status, headers: given });
  const html = await response.text();
  return new Response(html.replace("<head>", '<head><script src="/watch.js"></script>'), { status, headers: given });
}

/** As Promise.withResolvers, which Node 20 lacks. */
function withResolvers() {
  /** @type {(report: any) => void} */
  let resolve = () => {};
  /** @type {(error: Error) => void} */
  let reject = () => {};
  const promise = new Promise((...settle) => ([resolve, reject] = settle));
  // It may be rejected before anybody waits for it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
