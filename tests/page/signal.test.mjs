// @ts-check
// A signal from the page: what goes out, what Campaign's log says of it, and what is told where there is none.

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { readParameters } from "../../www/signal-parameters.js";
import { commandButton, hopOf, listen, newestCall, posted, textOf } from "./browser.mjs";
import { page, server } from "./fresh-page.mjs";

beforeEach(async () => {
  await form().locator("summary").click();
});

const form = () => page.locator("[data-workflow=WKF106] .signal");
const sendButton = () => form().getByRole("button", { name: "Send the signal" });
const triggered = async () => (await server.emulator.workflows()).find(({ id }) => id === "WKF106")?.signals ?? [];

describe("a signal", () => {
  it("goes out as it was filled in, and Campaign triggers it", async () => {
    const heard = await listen(page);
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
    assert.equal(await hopOf(call, "gateway"), "good: 200 × 2, 2 requests");
    assert.equal(await hopOf(call, "campaign"), "good: 200, 1 request");
    assert.match(await textOf(call.locator(".trace-why")), /^The client reads the workflow for the signal’s address/);
    assert.match(await textOf(call.locator("[data-part=campaign-log]")), /Campaign triggered the signal/);
    const receipt = JSON.parse(await call.locator("[data-part=answer] .json").innerText());
    assert.deepEqual([receipt.activity, receipt.attempts, receipt.tooSoon], ["signal1", 2, false]);
    assert.deepEqual(await heard(), ["signal for Order confirmations: accepted."]);
    // The line for the terminal is the trigger, not the reading before it.
    await call.locator("[data-part=curl] > summary").click();
    assert.match(await call.locator("[data-part=curl] pre").innerText(), /-X POST 'http.*\/trigger\/'/);
  });

  it("inside of the ten minutes is told as what it is: not triggered", async () => {
    await sendButton().click();
    await newestCall(page, "accepted");
    await sendButton().click();
    const call = await newestCall(page, "not-executed");
    assert.match(await textOf(call.locator(".next-step")), /Campaign takes a signal every ten minutes at most/);
    assert.equal(JSON.parse(await call.locator("[data-part=answer] .json").innerText()).tooSoon, true);
    assert.equal((await triggered()).length, 1);
  });

  it("that fails is told with its code and its hint, and is not sent again", async () => {
    await server.emulator.addFault({ kind: "lost-answer", on: "trigger", workflowId: "WKF106" });
    await sendButton().click();
    const call = await newestCall(page, "unknown");
    assert.match(await textOf(call.locator(".facts > div").first()), /^code \S+$/);
    assert.match(await textOf(call.locator(".next-step")), /Send the signal again only if/);
    assert.equal((await posted(server)).length, 1);
  });

  it("with a line that is no parameter is not sent, and the line is named", async () => {
    const heard = await listen(page);
    await form().getByLabel("Parameters").fill("amount = 1\nnonsense");
    await sendButton().click();
    const problem = "Line 2 is not “name = value”.";
    assert.equal(await textOf(form().locator(".problem")), problem);
    assert.deepEqual(await heard(), [problem]);
    assert.equal(await form().getByLabel("Parameters").getAttribute("aria-invalid"), "true");
    await form().getByLabel("Source").fill("");
    await form().getByLabel("Parameters").fill("");
    await sendButton().click();
    // The client checks the rest.
    const call = await newestCall(page, "not-executed");
    assert.equal(await textOf(call.locator(".facts > div").first()), "code invalid-argument");
    assert.deepEqual(await posted(server), []);
  });

  it("is offered where there is an activity, and for a workflow that runs", async () => {
    assert.equal(await page.locator(".signal:not([hidden])").count(), 1);
    await commandButton(page, "WKF106", "pause").click();
    await newestCall(page, "accepted");
    await server.emulator.advance(3_600_000);
    await page.locator("[data-workflow=WKF106] .badge[data-state=Paused]").waitFor();
    const reason = "A signal works only on a started workflow. Its state is Paused.";
    assert.equal(await textOf(form().locator(".reason")), reason);
    const heard = await listen(page);
    await sendButton().click({ force: true });
    assert.deepEqual(await heard(), [reason]);
    assert.equal((await posted(server)).length, 1);
  });

  it("keeps what was typed while the workflows are read again", async () => {
    await form().getByLabel("Parameters").fill("order = 7");
    await page.locator("#refresh").click();
    await page.waitForTimeout(500);
    assert.equal(await form().getByLabel("Parameters").inputValue(), "order = 7");
    assert.notEqual(await form().getAttribute("open"), null);
  });
});

it("parameters are read line by line", () => {
  const read = (/** @type {string} */ text) => {
    const result = readParameters(text);
    return "parameters" in result ? result.parameters : result.line;
  };
  assert.deepEqual(read('a = 1\n b=x = y \nc = -0.5\nd = 007\ne = 1e3\nf = false\ng = ""\nh = "a b"'), {
    a: 1,
    b: "x = y",
    c: -0.5,
    d: "007",
    e: "1e3",
    f: false,
    g: "",
    h: "a b",
  });
  assert.deepEqual(read("\n  \nname =\nother =   "), {});
  assert.equal(read("a = 1\n= 2"), 2);
  assert.equal(read("a"), 1);
});
