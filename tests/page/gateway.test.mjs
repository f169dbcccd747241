// @ts-check
// The gateway between page and Campaign: permissions, both segments of a trace, and no credentials in the browser.

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { credentials } from "../../scripts/lib/server.mjs";
import en from "../../www/i18n/en.js";
import {
  commandButton,
  segmentOf,
  recordAnnouncements,
  newestCall,
  openPage,
  posted,
  serve,
  textOf,
  failureCase,
} from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const path = "/api/acme-mkt-stage/campaign/workflow/execution/WKF101/commands";
const secrets = Object.values(credentials);
const mask = "••••••••";

describe("no credentials reach the browser", () => {
  it("in any response, on the page, in its storage or in its cookies", async () => {
    const { page: other, close } = await openPage(browser, server);
    /** @type {Promise<string>[]} */
    const seen = [];
    other.on("request", (request) =>
      seen.push(request.allHeaders().then((headers) => JSON.stringify([request.url(), headers, request.postData()]))),
    );
    other.on("response", (response) => seen.push(whole(response)));
    await other.reload();
    await commandButton(other, "WKF102", "stop").click();
    await newestCall(other, "accepted");
    for (const id of ["signed-out", "same-key", "token-expired", "html"]) {
      await (await failureCase(other, id)).getByRole("button").click();
      await other.locator(`[data-case="${id}"] .result`).waitFor();
    }
    const kept = await other.evaluate(() =>
      JSON.stringify([document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    const all = [...(await Promise.all(seen)), kept];
    assert.ok(
      all.some((text) => text.includes(`"authorization":"Bearer ${mask}"`)),
      "Campaign's log was among them",
    );
    assert.ok(all.length > 60, `${all.length} texts`);
    for (const secret of secrets) assert.equal(all.filter((text) => text.includes(secret)).length, 0, secret);
    assert.ok(
      (await posted(server)).every(({ headers }) => headers["x-api-key"] === credentials.apiKey),
      "and they are what the gateway sent",
    );
    assert.deepEqual(Object.keys(await (await fetch(`${server.url}/config.json`)).json()), ["organization", "baseUrl"]);
    assert.equal(await other.evaluate(() => document.cookie), "");
    await close();
  });

  it("through any other spelling of the URL of Campaign's log", async () => {
    await commandButton(page, "WKF101", "start").click();
    await newestCall(page, "accepted");
    for (const spelling of [
      "__emulator/log",
      "x/__emulator/log",
      "%5f_emulator/log",
      "__emulator/log?x",
      "x/%5F%5Femulator/lo%67",
      "/__emulator/log",
    ]) {
      const text = await (await fetch(`${server.url}/campaign/${spelling}`)).text();
      for (const secret of secrets) assert.ok(!text.includes(secret), spelling);
    }
  });
});

describe("both segments of the trace", () => {
  it("match Campaign's log, which contains nothing from the browser", async () => {
    await commandButton(page, "WKF101", "start").click();
    const call = await newestCall(page, "accepted");
    const [sent, ...more] = await posted(server);
    assert.deepEqual(more, []);
    assert.equal(await segmentOf(call, "gateway"), "good: 200, 1 request");
    assert.equal(await segmentOf(call, "campaign"), `good: ${sent?.status}, 1 request`);
    const [head, body] = (await call.locator("[data-part=campaign-log] .http").innerText()).split("\n\n");
    const [line, ...fields] = (head ?? "").split("\n");
    assert.equal(line, `POST ${sent?.path}`);
    assert.equal(body, sent?.body);
    const shown = Object.fromEntries(
      fields.map((field) => [field.split(": ")[0]?.toLowerCase(), field.split(": ")[1]]),
    );
    assert.deepEqual(shown, { ...sent?.headers, authorization: `Bearer ${mask}`, "x-api-key": mask });
    for (const name of ["cookie", "origin", "referer", "user-agent", "sec-fetch-site"])
      assert.equal(sent?.headers[name], undefined, name);
  });

  it("count repeats where they were made", async () => {
    await (await failureCase(page, "throttled-once")).getByRole("button").click();
    const call = await newestCall(page, "accepted");
    assert.deepEqual(
      (await posted(server)).map(({ status }) => status),
      [429, 200],
    );
    assert.equal(await segmentOf(call, "gateway"), "good: 200, 1 request");
    assert.equal(await segmentOf(call, "campaign"), "good: 429, 200, 2 requests");
    assert.equal(await call.locator(".facts > div", { hasText: "attempts" }).innerText(), "attempts\n1");
    assert.match(await textOf(call.locator(".trace-why")), /^The request was repeated only because/);
  });

  it("show the problem document and Campaign's own status", async () => {
    await (await failureCase(page, "token-expired")).getByRole("button").click();
    const call = await newestCall(page, "not-executed");
    assert.equal(await segmentOf(call, "gateway"), "bad: 502, 1 request");
    assert.equal(await segmentOf(call, "campaign"), "bad: 401, 1 request");
    const problem = JSON.parse(await call.locator("[data-part=request] .json").innerText());
    assert.deepEqual([problem.status, problem.code, problem.outcome], [502, "unauthenticated", "not-executed"]);
  });

  it("explain why nothing is sent again for a repeated Idempotency-Key", async () => {
    await (await failureCase(page, "same-key")).getByRole("button").click();
    await page.locator('[data-case="same-key"] .result').waitFor();
    const [second, first] = await page.locator("#calls .call").all();
    assert.ok(first && second);
    assert.deepEqual(
      [await segmentOf(first, "campaign"), await segmentOf(second, "campaign")],
      ["good: 200, 1 request", "none: nothing sent"],
    );
    assert.match(await textOf(second.locator(".trace-why")), /^The gateway knows this Idempotency-Key/);
    assert.equal((await posted(server)).length, 1);
  });

  it("name both ends for screen readers", async () => {
    await (await failureCase(page, "signed-out")).getByRole("button").click();
    const call = await newestCall(page, "not-executed");
    const text =
      (await call
        .locator(".trace")
        .evaluate((element) => [...element.querySelectorAll("p")].map((each) => each.textContent).join(" | "))) ?? "";
    assert.equal(text, "Page to gateway: 403, 1 request | Gateway to Campaign: nothing sent");
  });

  it("are updated after a cancel, because the gateway goes on", async () => {
    const cancel = page.locator("[data-workflow=WKF106] .last button");
    await server.emulator.addFault({ kind: "hang", workflowId: "WKF106" });
    await commandButton(page, "WKF106", "pause").click();
    while ((await posted(server)).length === 0) await page.waitForTimeout(10);
    await cancel.click();
    await newestCall(page, "unknown");

    // The second command waits in the gateway for the outcome of the first, and on the page until the wait for the state is stopped.
    assert.equal(await commandButton(page, "WKF106", "pause").getAttribute("aria-disabled"), "true");
    await page.locator("[data-workflow=WKF106]").getByRole("button", { name: "Stop waiting" }).click();
    await commandButton(page, "WKF106", "pause").click();
    while ((await newestState("WKF106")) !== "waiting") await page.waitForTimeout(10);
    await cancel.click();
    const call = await newestCall(page, "unknown");
    assert.equal(await segmentOf(call, "gateway"), "no-response: no response, 1 request");
    assert.equal(await segmentOf(call, "campaign"), "none: nothing sent");
    assert.match(await textOf(call.locator(".trace-why")), /It may still send the command\.$/);
    await call.locator(".segment[data-to=campaign][data-state=good]").waitFor();
    assert.deepEqual(
      (await posted(server)).map(({ status, executed }) => [status, executed]),
      [
        [null, false],
        [200, true],
      ],
    );
  });

  /** The state of the newest command in the gateway's history. @param {string} id */
  function newestState(id) {
    return page.evaluate(
      async (address) => (await (await fetch(address)).json()).commands[0]?.state,
      path.replace("WKF101/commands", `${id}/history`),
    );
  }
});

describe("the sign-in", () => {
  it("works with the keyboard alone, is announced, and keeps the focus", async () => {
    const announcements = await recordAnnouncements(page);
    for (const _ of ["skip link", "English", "Dutch", "operator", "viewer"]) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const viewer = page
      .getByRole("group", { name: "Signed in as" })
      .getByRole("button", { name: "Viewer", pressed: true });
    await viewer.waitFor();
    assert.ok(await viewer.evaluate((element) => element === document.activeElement));
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Nobody", pressed: true }).waitFor();
    await page.locator("#no-workflows").waitFor();
    assert.deepEqual(await announcements(), [en["role.about.viewer"], en["role.about.nobody"], en["workflows.denied"]]);
  });

  it("is as operator at first, with a cookie that scripts and other sites can't read", async () => {
    await page.locator("[data-role=operator][aria-pressed=true]").waitFor();
    const [cookie, ...others] = await page.context().cookies();
    assert.deepEqual(others, []);
    assert.deepEqual([cookie?.value, cookie?.httpOnly, cookie?.sameSite], ["operator", true, "Strict"]);
  });

  it("of the demo refuses other origins and other machines", async () => {
    const cookie = "campaign-workflow-demo-role=operator";
    const signIn = { method: "POST", body: '{"role":"operator"}' };
    const command = { method: "POST", body: '{"method":"start"}' };
    const { host } = new URL(server.url);
    assert.equal(await statusOf("/sign-in", signIn, { host }), 200);
    assert.equal(await statusOf("/sign-in", signIn, { host, origin: "https://evil.example" }), 403);
    assert.equal(await statusOf("/sign-in", signIn, { host: "gateway.example" }), 404);
    assert.equal(await statusOf("/sign-in", { method: "GET" }, { host: "127.0.0.1.evil.example", cookie }), 404);
    assert.equal(await statusOf(path, command, { host, origin: "https://evil.example", cookie }), 403);
    assert.equal(await statusOf(path, command, { host: "gateway.example", cookie }), 403);
    assert.equal(await statusOf(path, command, { host }), 403);
    assert.deepEqual(await posted(server), []);
    assert.equal(await statusOf(path, command, { host, origin: server.url, cookie }), 200);
  });
});

describe("a Worker without the demo sign-in", () => {
  it("ignores the demo cookie, and the page offers no choice of roles", async () => {
    const other = await serve({ worker: { DEMO_SIGN_IN: false } });
    try {
      const headers = { "content-type": "application/json", cookie: "campaign-workflow-demo-role=operator" };
      assert.equal((await fetch(`${other.url}/sign-in`)).status, 404);
      assert.equal(
        (await fetch(other.url + path, { method: "POST", headers, body: '{"method":"start"}' })).status,
        403,
      );
      assert.deepEqual(await posted(other), []);
      const visitor = await openPage(browser, other);
      assert.equal(await visitor.page.locator("#sign-in").isVisible(), false);
      assert.equal(await visitor.page.locator("[data-workflow]").count(), 0);
      assert.equal(await visitor.page.locator("[data-case=viewer]").isVisible(), false);
      await visitor.close();
    } finally {
      await other.close();
    }
  });
});

/**
 * Sends a request with any Host header, which fetch does not allow.
 * @param {string} path @param {{ method: string, body?: string }} init @param {Record<string, string>} headers
 * @returns {Promise<number | undefined>}
 */
function statusOf(path, { method, body = "" }, headers) {
  return new Promise((resolve, reject) => {
    const all = { "content-type": "application/json", "content-length": body.length, ...headers };
    const request = httpRequest(
      { host: "127.0.0.1", port: server.port, path, method, headers: all, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.once("error", reject);
    request.end(body);
  });
}

/** A response with its headers. @param {import("playwright-core").Response} response */
async function whole(response) {
  const headers = JSON.stringify(await response.headersArray());
  return headers + (await response.text().catch(() => ""));
}
