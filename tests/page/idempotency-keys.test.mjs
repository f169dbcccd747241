// @ts-check
// Each command has its own Idempotency-Key, so a lost response still ends with a receipt. Campaign's log shows what was executed.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import en from "../../www/i18n/en.js";
import nl from "../../www/i18n/nl.js";
import { commandButton, segmentOf, newestCall, posted, textOf, failureCase } from "./browser.mjs";
import { page, server } from "./fresh-page.mjs";

/** The commands that the browser sent to the gateway. @type {{ workflowId: string | undefined, key: string | undefined, url: string, body: string | null }[]} */
let sent = [];

beforeEach(async () => {
  sent = [];
  page.on("request", (request) => {
    const [, workflowId] = /execution\/(\w+)\/commands$/.exec(request.url()) ?? [];
    if (workflowId)
      sent.push({
        workflowId,
        key: request.headers()["idempotency-key"],
        url: request.url(),
        body: request.postData(),
      });
  });
});

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const executed = async () =>
  (await posted(server)).filter((entry) => entry.executed).map(({ workflowId }) => workflowId);
const keyShown = (/** @type {import("playwright-core").Locator} */ call, /** @type {string} */ part) =>
  call
    .locator(`[data-part=${part}] .http`)
    .first()
    .innerText()
    .then((text) => /Idempotency-Key: (.+)/i.exec(text)?.[1]);

describe("each command", () => {
  it("of a button has its own key, which is shown and not sent to Campaign", async () => {
    for (const id of ["WKF101", "WKF104"]) {
      await commandButton(page, id, "start").click();
      const call = await newestCall(page, "accepted");
      await call.locator(`[data-part=campaign-log]`).waitFor();
      assert.equal(await keyShown(call, "request"), sent.at(-1)?.key);
      assert.equal(await keyShown(call, "campaign-log"), undefined);
      assert.ok((await textOf(call.locator("[data-part=request]"))).includes(en["request.key"]));
      assert.ok((await textOf(call.locator("[data-part=campaign-log]"))).includes(en["log.key"]));
    }
    assertOwnKeys(2);
    for (const { headers } of await posted(server)) assert.equal(headers["idempotency-key"], undefined);
  });

  it("of a bulk send has its own key", async () => {
    await page.locator("#bulk-send").click();
    await page.locator("#bulk .end").waitFor();
    assertOwnKeys(4);
    assert.deepEqual((await executed()).sort(), ["WKF101", "WKF103", "WKF104", "WKF105"]);
  });

  it("can be repeated with the curl command, and is not executed again", async () => {
    await commandButton(page, "WKF101", "start").click();
    const call = await newestCall(page, "accepted");
    await call.locator("[data-part=curl] > summary").click();
    assert.ok((await textOf(call.locator("[data-part=curl]"))).includes(en["request.curl.key"]));
    const [cookie] = await page.context().cookies();
    const { key = "", url = "", body = null } = sent[0] ?? {};
    const headers = {
      "content-type": "application/json",
      cookie: `${cookie?.name}=${cookie?.value}`,
      "idempotency-key": key,
    };
    assert.equal((await fetch(url, { method: "POST", headers, body })).status, 200);
    assert.equal((await posted(server)).length, 1);
    assert.deepEqual(await executed(), ["WKF101"]);
  });

  /** @param {number} count */
  function assertOwnKeys(count) {
    assert.equal(sent.length, count);
    for (const { key } of sent) assert.match(key ?? "", uuid);
    assert.equal(new Set(sent.map(({ key }) => key)).size, count);
  }
});

describe("the gateway's response is lost", () => {
  it("with a key: the client repeats the command, which is executed once and gets a receipt", async () => {
    const waits = await watchWaits();
    await (await failureCase(page, "lost-reply")).getByRole("button").click();
    const call = await newestCall(page, "accepted");
    await call.locator(".trace-why").waitFor();
    assert.deepEqual(await waits(), [en["timeline.waiting"], en["timeline.repeating"], en["timeline.waiting"]]);
    const receipt = JSON.parse(await call.locator("[data-part=result] .json").innerText());
    assert.deepEqual([receipt.status, receipt.attempts], [200, 2]);
    assert.equal(sent.length, 2);
    assert.match(sent[0]?.key ?? "", uuid);
    assert.equal(sent[1]?.key, sent[0]?.key);
    assert.equal((await posted(server)).length, 1);
    assert.deepEqual(await executed(), ["WKF101"]);
    assert.equal(await segmentOf(call, "gateway"), "good: no response, 200, 2 requests");
    assert.equal(await segmentOf(call, "campaign"), "good: 200, 1 request");
    assert.equal(await textOf(call.locator(".trace-why")), en["trace.why.lost"]);
    await page.getByRole("button", { name: "Nederlands" }).click();
    assert.equal(await textOf(call.locator(".trace-why")), nl["trace.why.lost"]);
  });

  it("without a key: the command is executed, but not repeated, and its outcome is unknown", async () => {
    await (await failureCase(page, "lost-reply-no-key")).getByRole("button").click();
    const call = await newestCall(page, "unknown");
    assert.equal(await textOf(call.locator(".facts > div").first()), "code timeout");
    await page.waitForTimeout(1000);
    assert.deepEqual(
      sent.map(({ key }) => key),
      [undefined],
    );
    assert.equal((await posted(server)).length, 1);
    assert.deepEqual(await executed(), ["WKF101"]);
    assert.equal(await segmentOf(call, "gateway"), "no-response: no response, 1 request");
    assert.equal(await keyShown(call, "request"), undefined);
    const request = await textOf(call.locator("[data-part=request]"));
    assert.ok(request.includes(en["request.key.none"]) && !request.includes(en["request.key"]), request);
    assert.ok(!(await textOf(call.locator("[data-part=campaign-log]"))).includes(en["log.key"]));
  });

  it("only once: the next command gets its response", async () => {
    for (const id of ["lost-reply-no-key", "lost-reply"]) {
      await (await failureCase(page, id)).getByRole("button").click();
      await page.locator(`[data-case="${id}"]`, { hasText: "As expected" }).waitFor();
    }
    sent = [];
    await commandButton(page, "WKF106", "pause").click();
    await newestCall(page, "accepted");
    assert.equal(sent.length, 1);
  });

  /** Records the texts of the newest call while it waits. The client's delay is random and may be too short for polling. */
  async function watchWaits() {
    await page.evaluate(() => {
      /** @type {(string | undefined)[]} */
      const waits = [];
      Object.assign(globalThis, { waits });
      const calls = /** @type {Node} */ (document.getElementById("calls"));
      new MutationObserver(() => {
        const now = document.querySelector("#calls > li:first-child .call-wait")?.firstChild?.textContent ?? undefined;
        if (now !== undefined && now !== waits.at(-1)) waits.push(now);
      }).observe(calls, { subtree: true, childList: true });
    });
    return () => page.evaluate(() => /** @type {string[]} */ (/** @type {any} */ (globalThis).waits));
  }
});
