// @ts-check
// The Worker's list of workflows: the allow-list for callers with the right to read, and 403 for others.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundleExample, startExampleWorker } from "../support/example-worker.mjs";
import { storageFolder } from "../support/temporary-folder.mjs";
import { call } from "../support/worker-client.mjs";

const place = storageFolder();
const path = "/api/workflows";
/** @type {Awaited<ReturnType<typeof bundleExample>>} */
let bundle;

before(async () => {
  bundle = await bundleExample();
});
after(() => place.remove());

/** @param {string} name @param {Record<string, unknown>} bindings @param {(url: URL) => Promise<void>} ask */
async function withWorker(name, bindings, ask) {
  const runtime = await startExampleWorker(bundle, join(place.folder, name), bindings);
  try {
    await ask(runtime.url);
  } finally {
    await runtime.close();
  }
}

test("a list with operations has those of each workflow, without workflows that may not be read", async () => {
  const WORKFLOWS = { WKF1: ["stop", "read", "start"], WKF2: ["start", "signal"], WKF3: ["signal", "read"] };
  await withWorker("operations", { WORKFLOWS, ALLOWED_ORIGINS: ["https://page.example"] }, async (url) => {
    const answer = await call(url, path);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, {
      workflows: [
        { id: "WKF1", may: ["read", "start", "stop"] },
        { id: "WKF3", may: ["read", "signal"] },
      ],
    });
    assert.deepEqual([answer.headers.get("cache-control"), answer.headers.get("vary")], ["no-store", "Origin"]);

    const listed = await call(url, path, { headers: { origin: "https://page.example" } });
    assert.deepEqual([listed.status, listed.headers.get("access-control-allow-origin")], [200, "https://page.example"]);
    assert.equal((await call(url, path, { headers: { origin: "https://evil.example" } })).status, 403);
    const wrong = await call(url, path, { method: "POST", body: {} });
    assert.deepEqual([wrong.status, wrong.headers.get("allow")], [405, "GET, OPTIONS"]);

    for (const authorization of ["", "Bearer another"]) {
      const refused = await call(url, path, { headers: { authorization } });
      assert.deepEqual([refused.status, refused.body.code, refused.body.outcome], [403, "forbidden", "not-executed"]);
      assert.doesNotMatch(refused.text, /WKF/);
    }
  });
});

test("a list of ids allows everything; without a list the response is 403", async () => {
  await withWorker("ids", { WORKFLOWS: ["WKF1"] }, async (url) => {
    assert.deepEqual((await call(url, path)).body, {
      workflows: [{ id: "WKF1", may: ["read", "start", "pause", "resume", "stop", "signal"] }],
    });
  });
  await withWorker("none", { WORKFLOWS: undefined }, async (url) => {
    assert.equal((await call(url, path)).status, 403);
  });
});
