// @ts-check
// The client's entry for Cloudflare Workers, in workerd: each method once, with a local Campaign outside.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { dist, root } from "../../scripts/lib/paths.mjs";
import { campaign } from "./servers.mjs";

const worker = `
import { hasState, WorkflowClient } from "campaign-workflow/client";
export default {
  async fetch(request) {
    try {
      const baseUrl = new URL(request.url).searchParams.get("campaign");
      const client = new WorkflowClient({ organization: "acme-mkt-stage", accessToken: "local-token", apiKey: "local-key", baseUrl });
      const { PKey } = await client.get("WKF106");
      const { confirmed } = await client.start("WKF101", { confirm: hasState("Started"), intervalMs: 20 });
      const { tooSoon } = await client.signal("WKF106", "signal1", { source: "worker", parameters: { at: new Date(0) } });
      const results = client.sendAll([{ workflowId: "WKF101", command: "pause" }, { workflowId: "WKF101", command: "resume" }]);
      for await (const { error } of results) if (error) throw error;
      client.close();
      return Response.json({ key: typeof PKey, confirmed, tooSoon, summary: await results.summary });
    } catch (error) {
      return new Response(error.stack + " " + error.cause, { status: 500 });
    }
  },
};`;

test("get, confirm, signal and sendAll in a Worker", async () => {
  const { url, workflow } = await campaign({ applyDelayMs: 30, invalidTransition: "accept" });
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "campaign-workflow-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  await build({
    stdin: { contents: worker, resolveDir: root },
    outfile: join(folder, "worker.mjs"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.wasm"],
    logLevel: "silent",
  });
  cpSync(join(dist, "client-core.wasm"), join(folder, "client-core.wasm"));
  const modules = [
    { type: /** @type {const} */ ("ESModule"), path: join(folder, "worker.mjs") },
    { type: /** @type {const} */ ("CompiledWasm"), path: join(folder, "client-core.wasm") },
  ];
  const running = new Miniflare({ modules, modulesRoot: folder, compatibilityDate: "2026-04-01", cf: false });
  try {
    const answer = await running.dispatchFetch(`http://localhost/?campaign=${url}`);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    assert.deepEqual(JSON.parse(text), {
      key: "string",
      confirmed: true,
      tooSoon: false,
      summary: { accepted: 2, notExecuted: 0, unknown: 0 },
    });
  } finally {
    await running.dispose();
  }
  const { executions } = await workflow("WKF101");
  assert.deepEqual(
    executions.map(({ command }) => command),
    ["start", "pause", "resume"],
  );
  const { signals } = await workflow("WKF106");
  assert.deepEqual(signals[0]?.parameters, { at: "1970-01-01T00:00:00.000Z" });
});
