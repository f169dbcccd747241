// @ts-check
// The first call in a new workerd and in a new page, which compiles and starts the module.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { chromium } from "playwright-core";
import { order, ours } from "../peers.mjs";
import { bundle } from "./bytes.mjs";

const answer = `globalThis.fetch = async () => new Response('{"ok":true}', { headers: { "content-type": "application/json" } });`;

/** @type {import("../run.mjs").Measure} */
export const instantiate = {
  title: "An instance of the module",
  what: "of the compiled module, in Node",
  unit: "ms",
  base: "",
  async measure({ rounds }) {
    const { createCore } = await import(new URL("core.js", import.meta.resolve("campaign-workflow")).href);
    const module = new WebAssembly.Module(
      readFileSync(fileURLToPath(import.meta.resolve("campaign-workflow/core.wasm"))),
    );
    const samples = Array.from({ length: rounds }, () => {
      const startedAt = performance.now();
      createCore(module);
      return performance.now() - startedAt;
    });
    return [{ peer: ours, samples }];
  },
};

/** @type {import("../run.mjs").Measure} */
export const startInWorkerd = {
  title: "First request in workerd",
  what: "a fresh Worker in miniflare, from the request to its response, over a stubbed fetch",
  unit: "ms",
  async measure({ peers, rounds, status }) {
    const wasm = readFileSync(fileURLToPath(import.meta.resolve("campaign-workflow/core.wasm")));
    const rows = [];
    for (const { name, module, stubbable, browser } of peers) {
      if (!stubbable || !browser) continue;
      const worker = `import { send } from "${module}"; ${answer}
        export default { async fetch() { await send(${JSON.stringify(order)}); return new Response("done"); } };`;
      const contents = Buffer.from(await bundle(worker, ["workerd", "worker", "browser"])).toString();
      rows.push({ peer: name, contents, samples: /** @type {number[]} */ ([]) });
    }
    for (let round = -1; round < rounds; round += 1) {
      status(`round ${round + 1} of ${rounds}`);
      for (const { contents, samples } of rows) {
        const modules = [
          { type: /** @type {const} */ ("ESModule"), path: "worker.mjs", contents },
          ...(contents.includes("core.wasm")
            ? [{ type: /** @type {const} */ ("CompiledWasm"), path: "core.wasm", contents: wasm }]
            : []),
        ];
        const host = new Miniflare({ modules, compatibilityDate: "2026-04-01", cf: false });
        await host.ready;
        const startedAt = performance.now();
        const response = await host.dispatchFetch("http://worker/");
        const text = await response.text();
        if (round >= 0) samples.push(performance.now() - startedAt);
        await host.dispose();
        if (text !== "done") throw new Error(`The Worker responded ${response.status}: ${text.slice(0, 200)}`);
      }
    }
    return rows;
  },
};

/** @type {import("../run.mjs").Measure} */
export const startInChromium = {
  title: "First call in Chromium",
  what: "a fresh page, from the import of the bundle to the call's end, over a stubbed fetch",
  unit: "ms",
  async measure({ peers, rounds, status }) {
    const { findBrowser } = await import("../../scripts/lib/browser.mjs");
    const browser = await chromium.launch({
      executablePath: findBrowser().chromium,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    const rows = [];
    for (const { name, module, stubbable, browser } of peers) {
      if (!stubbable || !browser) continue;
      rows.push({
        peer: name,
        script: Buffer.from(await bundle(`export * from "${module}";`)).toString(),
        samples: /** @type {number[]} */ ([]),
      });
    }
    for (let round = -1; round < rounds; round += 1) {
      status(`round ${round + 1} of ${rounds}`);
      for (const { script, samples } of rows) {
        const context = await browser.newContext();
        const page = await context.newPage();
        const took = await page.evaluate(
          async ({ script, order, answer }) => {
            new Function(answer)();
            const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
            const startedAt = performance.now();
            const { send } = await import(url);
            await send(order);
            return performance.now() - startedAt;
          },
          { script, order: { ...order, baseUrl: "https://gateway.example" }, answer },
        );
        if (round >= 0) samples.push(took);
        await context.close();
      }
    }
    await browser.close();
    return rows;
  },
};
