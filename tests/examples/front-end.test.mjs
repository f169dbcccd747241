// @ts-check
// The front ends, plain and in React, installed from their lock file and built in an empty folder. The witness is Campaign's log.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { WorkflowClient } from "campaign-workflow/client";
import { npm, run } from "../../scripts/lib/process.mjs";
import { launch } from "../page/browser.mjs";
import { freePort } from "../support/free-port.mjs";
import { startProgram } from "../support/program.mjs";
import { openPage, serveFrontEnds } from "./front-end.mjs";
import { copyExample, manifestOf } from "./project.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {Awaited<ReturnType<typeof copyExample>>} */
let project;
/** @type {import("playwright-core").Browser} */
let browser;
before(
  async () => {
    project = await copyExample("front-end");
    // Its type check, then its build.
    await run(...npm("run", "build"), { cwd: project.folder });
    browser = await launch();
  },
  { timeout: 300_000 },
);
after(async () => {
  await browser?.close();
  project?.remove();
});

for (const name of ["plain", "react"]) {
  describe(`the front end ${name}`, { timeout: 300_000 }, () => {
    /** @type {Awaited<ReturnType<typeof serveFrontEnds>>} */
    let server;
    /** @type {Awaited<ReturnType<typeof openPage>>} */
    let opened;
    /** @param {import("campaign-workflow/emulator").CampaignEmulatorOptions} [options] */
    async function open(options) {
      server = await serveFrontEnds(join(project.folder, "dist"), options);
      opened = await openPage(browser, `${new URL(server.url).origin}/${name}/`);
    }
    afterEach(async () => {
      await opened.close();
      await server.close();
      assert.deepEqual(opened.complaints, []);
    });

    test("starts a workflow, shows its states and waits until it has ended", async () => {
      await open();
      await opened.start.click();
      assert.equal(await opened.step("ended"), "WKF101 has ended. Its state is Finished.");
      const [reading, starting, accepted] = await opened.texts();
      assert.deepEqual(
        [reading, starting, accepted],
        ["Reading WKF101…", "Starting WKF101…", "Campaign accepted the command. The state of WKF101 is Editing…"],
      );
      assert.deepEqual([await opened.start.isEnabled(), await opened.cancel.isEnabled()], [true, false]);
      assert.deepEqual(await server.commands(), [{ workflowId: "WKF101", command: "start", executed: true }]);
    });

    test("waits for the new run of a workflow that ran before", async () => {
      await open({ workflows: [{ id: "WKF7", state: "Finished" }], runMs: 4000 });
      await opened.workflow.fill(" WKF7 ");
      await opened.workflow.press("Enter");
      assert.equal(await opened.step("ended"), "WKF7 has ended. Its state is Finished.");
      const [workflow] = await server.emulator.workflows();
      assert.equal(workflow?.executions[0]?.ledTo, "Started", "the command was applied before the page said so");
      assert.equal((await server.commands()).length, 1);
    });

    /**
     * What the shipped client says of a start here. It sets Campaign back afterwards.
     * @param {string} workflowId @param {import("campaign-workflow/emulator").Fault} [fault]
     * @returns {Promise<{ message: string, hint: string }>}
     */
    async function errorOf(workflowId, fault) {
      if (fault) await server.emulator.addFault(fault);
      const client = new WorkflowClient({
        organization: "acme-mkt-stage",
        baseUrl: `${new URL(server.url).origin}/api`,
      });
      const error = await client.start(workflowId).catch((error) => error);
      await server.emulator.reset();
      assert.ok(error.hint, "a hint to show");
      return error;
    }

    test("says that a command was not executed, and shows the hint", async () => {
      await open();
      const { message, hint } = await errorOf("WKF101", { kind: "unknown-uri" });
      await server.emulator.addFault({ kind: "unknown-uri" });
      await opened.start.click();
      assert.equal(await opened.step("not-executed"), `The workflow was not started. ${message}. ${hint}`);
      assert.deepEqual(await server.commands(), [{ workflowId: "WKF101", command: "start", executed: false }]);
      await opened.start.click();
      assert.match(await opened.step("ended"), /Finished/);
    });

    test("sends nothing for a workflow that does not exist", async () => {
      await open();
      const { hint } = await errorOf("WKF999");
      await opened.workflow.fill("WKF999");
      await opened.start.click();
      assert.ok((await opened.step("not-executed")).endsWith(hint));
      assert.deepEqual(await server.commands(), []);
    });

    test("says that an outcome is unknown and what to do, and sends the command once", async () => {
      await open();
      const { message, hint } = await errorOf("WKF101", { kind: "lost-answer" });
      await server.emulator.addFault({ kind: "lost-answer" });
      await opened.start.click();
      assert.equal(await opened.step("unknown"), `It is unknown whether the workflow was started. ${message}. ${hint}`);
      assert.deepEqual(await server.commands(), [{ workflowId: "WKF101", command: "start", executed: true }]);
    });

    test("stops waiting when the user cancels, and says that the command was accepted", async () => {
      await open({ runMs: null });
      await opened.start.click();
      await opened.status.getByText("is Started").waitFor();
      assert.deepEqual([await opened.start.isEnabled(), await opened.cancel.isEnabled()], [false, true]);
      await opened.cancel.click();
      assert.match(await opened.step("accepted"), /^Campaign accepted the command\. This page stopped waiting/);
      assert.equal(await opened.start.isEnabled(), true);
      const requests = await server.requests();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      assert.equal(await server.requests(), requests, "it reads no more");
      assert.equal((await server.commands()).length, 1);
    });

    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      test(`has no problem that axe finds, ${colorScheme}, and fits a narrow screen`, async () => {
        await open();
        const narrow = { colorScheme, viewport: { width: 320, height: 700 }, bypassCSP: true };
        const other = await openPage(browser, opened.page.url(), narrow);
        const check = async () => {
          await other.page.evaluate(axe);
          const found = await other.page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document));
          assert.deepEqual(
            found.violations.map((/** @type {any} */ one) => [
              one.id,
              one.nodes.map((/** @type {any} */ node) => node.html),
            ]),
            [],
          );
          const { scrollWidth } = await other.page.evaluate(() => ({
            scrollWidth: document.documentElement.scrollWidth,
          }));
          assert.ok(scrollWidth <= 320, `${scrollWidth} px wide`);
        };
        await check();
        await server.emulator.addFault({ kind: "lost-answer" });
        await other.start.click();
        await other.step("unknown");
        await check();
        await other.close();
      });
    }
  });
}

test("npm run dev serves both pages with a gateway and a local Campaign", { timeout: 120_000 }, async () => {
  const port = await freePort();
  const vite = await startProgram(...npm("run", "dev", "--", "--port", String(port)), {
    cwd: project.folder,
    ready: (output) => output.includes(`http://127.0.0.1:${port}/`),
  });
  try {
    for (const name of ["plain", "react"]) {
      const opened = await openPage(browser, `http://127.0.0.1:${port}/${name}/`);
      await opened.start.click();
      assert.equal(await opened.step("ended"), "WKF101 has ended. Its state is Finished.");
      await opened.workflow.fill("WKF102");
      await opened.start.click();
      assert.match(await opened.step("unknown"), /^It is unknown/);
      await opened.close();
    }
    assert.equal(vite.output().match(/^WKF101 start accepted 200$/gm)?.length, 2);
    assert.equal(vite.output().match(/^WKF102 start unknown 502$/gm)?.length, 2);
  } finally {
    await vite.stop();
  }
});

test("the front ends have 30 lines of code for the workflow, and at most 40 for a page", () => {
  const linesOf = (/** @type {string} */ file) =>
    readFileSync(join(project.folder, file), "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\/\*|\*|$)/.test(line)).length;
  assert.ok(linesOf("run-workflow.ts") <= 30, `${linesOf("run-workflow.ts")} lines`);
  assert.ok(linesOf("plain/main.ts") <= 30);
  assert.ok(linesOf("react/app.tsx") <= 40);
});

test("the front ends have the versions that the other tests have", () => {
  const { dependencies, devDependencies, engines } = manifestOf("front-end");
  const all = { ...dependencies, ...devDependencies };
  const main = manifestOf("..");
  for (const name of ["@hono/node-server", "@types/node", "typescript"])
    assert.equal(all[name], main.devDependencies[name]);
  for (const [name, version] of Object.entries(all)) assert.match(version, /^\d+\.\d+\.\d+$|^file:/, name);
  assert.deepEqual(engines, main.engines);
});
