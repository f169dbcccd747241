// @ts-check
// Cells in browsers: a page that uses the package, at the origin of its Campaign, under a content security policy that allows only
// WebAssembly and its own files.

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

/** Loaded before everything else: reports each error of the page. */
const watch = `
const reportError = (text) => void fetch("/error", { method: "POST", body: text });
addEventListener("error", ({ message, target }) => reportError(message ?? (target.src || target.href) + " did not load"), true);
addEventListener("unhandledrejection", ({ reason }) => reportError("unhandled: " + reason + " " + reason?.cause));
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => reportError(effectiveDirective + " forbids " + blockedURI));
`;

/** The files of a folder. @param {string} folder @returns {Site} */
export const files = (folder) => (request) => serveFiles(request, { "/": folder });

/** Forwards to another server, so that page and Campaign have one origin. @param {string} origin @returns {Site} */
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
  const result = withResolvers();
  /** @type {string[]} */
  const pageErrors = [];
  const campaign = await serveCampaign(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/watch.js") return answer(watch, script);
    if (pathname === "/report") result.resolve(await request.json());
    else if (pathname === "/error") pageErrors.push(await request.text());
    else return watched(await site(request), policy);
    // Further errors may follow.
    if (pathname === "/error") setTimeout(() => result.reject(new Error("The page sent no report.")), 1000);
    return answer("", "text/plain");
  });
  const timer = setTimeout(
    () => result.reject(new Error(`No report came within ${reportWithinMs / 1000} s.`)),
    reportWithinMs,
  );
  const page = await open(browser, campaign.origin + path);
  page.ended.then(() => result.reject(new Error("The browser ended before a report came.")));
  try {
    const report = await result.promise;
    if (pageErrors.length > 0) throw new Error("The page sent a report in spite of it.");
    await checkReport(report, campaign, expected);
  } catch (error) {
    const reported = pageErrors.length > 0 ? `The page reports:\n${pageErrors.join("\n")}\n` : "";
    throw new Error(`${reported}${error instanceof Error ? error.message : error}\n${page.output().slice(-2000)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    await page.close();
    await campaign.close();
  }
}

/** Adds the reporting script to pages, and the policy to every response. @param {Response} response @param {string} policy */
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
  // It may be rejected before it is awaited.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
