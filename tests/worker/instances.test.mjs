// @ts-check
// One instance of the module serves all requests of an isolate, and one all of its objects, whatever host name is requested.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startExample } from "./example.mjs";
import { call, pathOf } from "../support/worker-client.mjs";

const counted = fileURLToPath(new URL("counted-worker.js", import.meta.url));
const hosts = 400;

/** @type {import("./example.mjs").Example} */
let example;
before(async () => {
  example = await startExample({ entry: counted });
});
after(() => example.close());

const instances = async () => (await call(example.url(), "/test/instances")).body;

test(`${hosts} host names and 20 workflows need two instances`, async () => {
  assert.equal(await instances(), 0, "one was made before any request");
  for (let host = 0; host < hosts; host += 1) {
    const [origin, workflowId] = [`http://tenant-${host}.example`, `WKF${host % 20}`];
    const headers = { host: `tenant-${host}.example`, origin };
    const isCommand = host % 40 < 20;
    const options = isCommand ? { method: "POST", body: { method: "start" }, headers } : { headers };
    const answer = await call(example.url(), pathOf(workflowId, isCommand ? "commands" : "history"), options);
    // The Worker allows its own origin, so it has read the host name.
    assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [200, origin], answer.text);
  }
  assert.equal(await instances(), 2, "the Worker's and the objects'");
});
