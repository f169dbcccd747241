// @ts-check
// The gateway between page and Campaign: who may command, what each hop carries, and that no credential comes to the browser.

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { credentials } from "../../scripts/lib/server.mjs";
import { commandButton, hopOf, listen, newestCall, openPage, posted, serve, textOf, trial } from "./browser.mjs";
import { browser, page, server } from "./fresh-page.mjs";

const path = "/api/acme-mkt-stage/campaign/workflow/execution/WKF101/commands";
const secrets = Object.values(credentials);
const mask = "••••••••";

describe("no credential reaches the browser", () => {
  it("in any answer, in what the page shows, in its storage, in its cookies", async () => {
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
      await (await trial(other, id)).getByRole("button").click();
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

  it("by no other spelling of the address of Campaign's log", async () => {
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

describe("both hops", () => {
  it("are shown as they were: Campaign's log holds what the page says, and nothing of the browser's", async () => {
    await commandButton(page, "WKF101", "start").click();
    const call = await newestCall(page, "accepted");
    const [sent, ...more] = await posted(server);
    assert.deepEqual(more, []);
    assert.equal(await hopOf(call, "gateway"), "good: 200, 1 request");
    assert.equal(await hopOf(call, "campaign"), `good: ${sent?.status}, 1 request`);
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

  it("count the repeats where they were made", async () => {
    await (await trial(page, "throttled-once")).getByRole("button").click();
    const call = await newestCall(page, "accepted");
    assert.deepEqual(
      (await posted(server)).map(({ status }) => status),
      [429, 200],
    );
    assert.equal(await hopOf(call, "gateway"), "good: 200, 1 request");
    assert.equal(await hopOf(call, "campaign"), "good: 429, 200, 2 requests");
    assert.equal(await call.locator(".facts > div", { hasText: "attempts" }).innerText(), "attempts\n1");
    assert.match(await textOf(call.locator(".trace-why")), /^It was repeated only because/);
  });

  it("show the problem document that came back, and Campaign's own status behind it", async () => {
    await (await trial(page, "token-expired")).getByRole("button").click();
    const call = await newestCall(page, "not-executed");
    assert.equal(await hopOf(call, "gateway"), "bad: 502, 1 request");
    assert.equal(await hopOf(call, "campaign"), "bad: 401, 1 request");
    const problem = JSON.parse(await call.locator("[data-part=request] .json").innerText());
    assert.deepEqual([problem.status, problem.code, problem.outcome], [502, "unauthenticated", "not-executed"]);
  });

  it("say why nothing went out again for a repeated Idempotency-Key", async () => {
    await (await trial(page, "same-key")).getByRole("button").click();
    await page.locator('[data-case="same-key"] .result').waitFor();
    const [second, first] = await page.locator("#calls .call").all();
    assert.ok(first && second);
    assert.deepEqual(
      [await hopOf(first, "campaign"), await hopOf(second, "campaign")],
      ["good: 200, 1 request", "none: nothing sent"],
    );
    assert.match(await textOf(second.locator(".trace-why")), /^The gateway knew this Idempotency-Key/);
    assert.equal((await posted(server)).length, 1);
  });

  it("are told to a screen reader with both ends", async () => {
    await (await trial(page, "signed-out")).getByRole("button").click();
    const call = await newestCall(page, "not-executed");
    const text =
      (await call
        .locator(".trace")
        .evaluate((element) => [...element.querySelectorAll("p")].map((each) => each.textContent).join(" | "))) ?? "";
    assert.equal(text, "Page to gateway: 403, 1 request | Gateway to Campaign: nothing sent");
  });

  it("go on being told after a cancel: the gateway is not ended by who goes away", async () => {
    const cancel = page.locator("[data-workflow=WKF106] .last button");
    await server.emulator.addFault({ kind: "hang", workflowId: "WKF106" });
    await commandButton(page, "WKF106", "pause").click();
    while ((await posted(server)).length === 0) await page.waitForTimeout(10);
    await cancel.click();
    await newestCall(page, "unknown");

    // The second waits in the gateway for the outcome of the first, and on the page until nobody waits for its state any more.
    assert.equal(await commandButton(page, "WKF106", "pause").getAttribute("aria-disabled"), "true");
    await page.locator("[data-workflow=WKF106]").getByRole("button", { name: "Stop waiting" }).click();
    await commandButton(page, "WKF106", "pause").click();
    while ((await newestState("WKF106")) !== "waiting") await page.waitForTimeout(10);
    await cancel.click();
    const call = await newestCall(page, "unknown");
    assert.equal(await hopOf(call, "gateway"), "silent: no answer, 1 request");
    assert.equal(await hopOf(call, "campaign"), "none: nothing sent");
    assert.match(await textOf(call.locator(".trace-why")), /The gateway may still send it\.$/);
    await call.locator(".segment[data-to=campaign][data-state=good]").waitFor();
    assert.deepEqual(
      (await posted(server)).map(({ status, executed }) => [status, executed]),
      [
        [null, false],
        [200, true],
      ],
    );
  });

  /** What the gateway's history says of the newest command. @param {string} id */
  function newestState(id) {
    return page.evaluate(
      async (address) => (await (await fetch(address)).json()).commands[0]?.state,
      path.replace("WKF101/commands", `${id}/history`),
    );
  }
});

describe("the sign-in", () => {
  it("works with the keyboard alone, is announced, and keeps the focus", async () => {
    const heard = await listen(page);
    for (const _ of ["skip link", "operator", "viewer"]) await page.keyboard.press("Tab");
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
    assert.deepEqual(await heard(), [
      "Signed in as viewer: viewers may look, not command.",
      "Nobody is signed in: the gateway refuses everything.",
      "Sign in as somebody who may see the workflows: the gateway shows none to you.",
    ]);
  });

  it("is as operator at first, by a cookie that no script and no other site gets", async () => {
    await page.locator("[data-role=operator][aria-pressed=true]").waitFor();
    const [cookie, ...others] = await page.context().cookies();
    assert.deepEqual(others, []);
    assert.deepEqual([cookie?.value, cookie?.httpOnly, cookie?.sameSite], ["operator", true, "Strict"]);
  });

  it("by its stand-in is refused to other origins, and anywhere but on this machine", async () => {
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

describe("a Worker without the stand-in", () => {
  it("has no sign-in, takes its cookie for nothing, and the page offers no choice", async () => {
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
 * With any Host, which fetch does not allow.
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

/** An answer with its headers. @param {import("playwright-core").Response} response */
async function whole(response) {
  const headers = JSON.stringify(await response.headersArray());
  return headers + (await response.text().catch(() => ""));
}
