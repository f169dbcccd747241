// @ts-check
// Signals from the page: the request, Campaign's log, refusals and failures.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { parseParameters } from "../../www/signal-parameters.js";
import { commandButton, segmentOf, recordAnnouncements, newestCall, posted, textOf } from "./browser.mjs";
import { page, server } from "./fresh-page.mjs";

beforeEach(async () => {
  await form().locator("summary").click();
});

const form = () => page.locator("[data-workflow=WKF106] .signal");
const sendButton = () => form().getByRole("button", { name: "Send signal" });
const triggered = async () => (await server.emulator.workflows()).find(({ id }) => id === "WKF106")?.signals ?? [];

describe("a signal", () => {
  it("is sent as it was filled in, and Campaign triggers it", async () => {
    const announcements = await recordAnnouncements(page);
    assert.equal(await form().getByLabel("Source").inputValue(), "API");
    assert.match(await form().getByLabel("Parameters").inputValue(), /^\w+ = (\n\w+ = )*$/);
    await form().getByLabel("Source").fill("Shop");
    await form().getByLabel("Parameters").fill('order = A-17\namount = 25.5\npaid = true\nzip = "0123"\n\nnote =');
    await sendButton().click();
    const call = await newestCall(page, "accepted");

    const parameters = { order: "A-17", amount: 25.5, paid: true, zip: "0123" };
    const [sent, ...more] = await posted(server);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [sent?.executed, sent?.problem, JSON.parse(sent?.body ?? "")],
      [true, null, { source: "Shop", parameters }],
    );
    assert.deepEqual(
      (await triggered()).map(({ name, source, parameters }) => ({ name, source, parameters })),
      [{ name: "signal1", source: "Shop", parameters }],
    );

    assert.equal(await textOf(call.locator("h3")), "signal signal1 Order confirmations");
    assert.equal(await segmentOf(call, "gateway"), "good: 200 × 2, 2 requests");
    assert.equal(await segmentOf(call, "campaign"), "good: 200, 1 request");
    assert.match(
      await textOf(call.locator(".trace-why")),
      /^The client reads the workflow to find the signal’s address/,
    );
    assert.match(await textOf(call.locator("[data-part=campaign-log]")), /Campaign triggered the signal/);
    const receipt = JSON.parse(await call.locator("[data-part=result] .json").innerText());
    assert.deepEqual([receipt.activity, receipt.attempts, receipt.tooSoon], ["signal1", 2, false]);
    assert.deepEqual(await announcements(), ["signal for Order confirmations: accepted."]);
    // The curl command is the trigger, not the read before it.
    await call.locator("[data-part=curl] > summary").click();
    assert.match(await call.locator("[data-part=curl] pre").innerText(), /-X POST 'http.*\/trigger\/'/);
  });

  it("within ten minutes of the last one is reported as not triggered", async () => {
    await sendButton().click();
    await newestCall(page, "accepted");
    await sendButton().click();
    const call = await newestCall(page, "not-executed");
    assert.match(await textOf(call.locator(".next-step")), /Campaign accepts a signal once every ten minutes/);
    assert.equal(JSON.parse(await call.locator("[data-part=result] .json").innerText()).tooSoon, true);
    assert.equal((await triggered()).length, 1);
  });

  it("that fails is reported with its code and not sent again", async () => {
    await server.emulator.addFault({ kind: "lost-answer", on: "trigger", workflowId: "WKF106" });
    await sendButton().click();
    const call = await newestCall(page, "unknown");
    assert.match(await textOf(call.locator(".facts > div").first()), /^code \S+$/);
    assert.match(await textOf(call.locator(".next-step")), /Send the signal again only if/);
    assert.equal((await posted(server)).length, 1);
  });

  it("with an invalid parameter line is not sent, and the line is named", async () => {
    const announcements = await recordAnnouncements(page);
    await form().getByLabel("Parameters").fill("amount = 1\nnonsense");
    await sendButton().click();
    const problem = "Line 2 is not “name = value”.";
    assert.equal(await textOf(form().locator(".problem")), problem);
    assert.deepEqual(await announcements(), [problem]);
    assert.equal(await form().getByLabel("Parameters").getAttribute("aria-invalid"), "true");
    await form().getByLabel("Source").fill("");
    await form().getByLabel("Parameters").fill("");
    await sendButton().click();
    // The client checks the other fields.
    const call = await newestCall(page, "not-executed");
    assert.equal(await textOf(call.locator(".facts > div").first()), "code invalid-argument");
    assert.deepEqual(await posted(server), []);
  });

  it("is offered for a started workflow with a signal activity", async () => {
    assert.equal(await page.locator(".signal:not([hidden])").count(), 1);
    await commandButton(page, "WKF106", "pause").click();
    await newestCall(page, "accepted");
    await server.emulator.advance(3_600_000);
    await page.locator("[data-workflow=WKF106] .badge[data-state=Paused]").waitFor();
    const reason = "A signal needs a started workflow. This one is Paused.";
    assert.equal(await textOf(form().locator(".reason")), reason);
    const announcements = await recordAnnouncements(page);
    await sendButton().click({ force: true });
    assert.deepEqual(await announcements(), [reason]);
    assert.equal((await posted(server)).length, 1);
  });

  it("keeps the input while the workflows are read again", async () => {
    await form().getByLabel("Parameters").fill("order = 7");
    await page.locator("#refresh").click();
    await page.waitForTimeout(500);
    assert.equal(await form().getByLabel("Parameters").inputValue(), "order = 7");
    assert.notEqual(await form().getAttribute("open"), null);
  });
});

it("parameters are parsed line by line", () => {
  const parse = (/** @type {string} */ text) => {
    const result = parseParameters(text);
    return "parameters" in result ? result.parameters : result.line;
  };
  assert.deepEqual(parse('a = 1\n b=x = y \nc = -0.5\nd = 007\ne = 1e3\nf = false\ng = ""\nh = "a b"'), {
    a: 1,
    b: "x = y",
    c: -0.5,
    d: "007",
    e: "1e3",
    f: false,
    g: "",
    h: "a b",
  });
  assert.deepEqual(parse("\n  \nname =\nother =   "), {});
  assert.equal(parse("a = 1\n= 2"), 2);
  assert.equal(parse("a"), 1);
});
