// @ts-check
// The page has the same headers when it is deployed, served by Cloudflare's static assets, and when `npm start` serves it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundleExample, exampleFolder } from "../../scripts/lib/demo-worker.mjs";
import { pageHeaders } from "../../scripts/lib/page-headers.mjs";
import { run } from "../../scripts/lib/process.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";
import { startWorkerd } from "../support/workerd.mjs";

const { folder, remove } = temporaryFolder();
/** @type {Awaited<ReturnType<typeof startServer>>} */
let local;
/** @type {Awaited<ReturnType<typeof startWorkerd>>} */
let deployed;
before(async () => {
  const directory = join(folder, "public");
  await run(process.execPath, [join(exampleFolder, "page.mjs"), directory]);
  const bundle = await bundleExample();
  const assets = { directory, routerConfig: { has_user_worker: true } };
  const durableObjects = { WORKFLOWS_BY_ID: { className: "WorkflowObject", useSQLite: true } };
  [local, deployed] = await Promise.all([
    startServer({ port: 0, emulatorView: false }),
    startWorkerd({ ...bundle, durableObjects, assets, bindings: { CAMPAIGN_ORGANIZATION: "acme-mkt-stage" } }),
  ]);
});
after(async () => {
  await Promise.all([local.close(), deployed.close()]);
  remove();
});

/** @param {string} origin @param {string} path */
async function ask(origin, path) {
  const answer = await fetch(origin + path);
  const shown = ["content-type", ...Object.keys(pageHeaders)].map((name) => [
    name.toLowerCase(),
    answer.headers.get(name),
  ]);
  const { "content-type": type, ...headers } = Object.fromEntries(shown);
  return { status: answer.status, type: type?.split(";")[0], headers, body: await answer.text() };
}

for (const path of ["/", "/main.js", "/styles/page.css", "/favicon.svg", "/pkg/client.js", "/pkg/client-core.wasm"]) {
  test(path, async () => {
    const [here, there] = await Promise.all([ask(local.url, path), ask(deployed.url.origin, path)]);
    assert.equal(there.status, 200);
    assert.deepEqual(there, here);
    const { headers } = there;
    assert.match(headers["content-security-policy"] ?? "", /^default-src 'none'; .*; frame-ancestors 'none'$/);
    assert.deepEqual(
      [headers["x-frame-options"], headers["x-content-type-options"], headers["referrer-policy"]],
      ["DENY", "nosniff", "no-referrer"],
    );
  });
}

test("/config.json comes from the Worker in both", async () => {
  const [here, there] = await Promise.all([ask(local.url, "/config.json"), ask(deployed.url.origin, "/config.json")]);
  assert.deepEqual(there, here);
  assert.equal(there.headers["x-content-type-options"], "nosniff");
});
