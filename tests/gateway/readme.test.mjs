// @ts-check
// The README's Worker, as it stands there, in workerd.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";
import { secrets } from "../support/secrets.mjs";
import { commandRequest, pathOf, problemIn, runWorker } from "./setup.mjs";

test("a gateway in ten lines", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const worker =
    readme.match(/```js\n(import \{ createGateway \}[^`]*cloudflare:workers[^`]*)```/)?.[1] ?? assert.fail();
  // What is the reader's own: here the user's name says what they may do.
  const own = `
    const userOf = async (request) => request.headers.get("authorization");
    const mayUse = (user, workflowId, command) => user === ["Bearer", workflowId, command].join(" ");
    globalThis.fetch = async (url, init) => String(url).endsWith("/ims/token/v3")
      ? Response.json({ access_token: "ims-token", expires_in: 86399 })
      : Response.json({ url, authorization: init.headers.Authorization === "Bearer ims-token", key: init.headers["X-Api-Key"] === "${secrets.apiKey}" });
  `;
  const bindings = { IMS_CLIENT_ID: secrets.apiKey, IMS_CLIENT_SECRET: secrets.clientSecret, IMS_SCOPE: "openid" };
  const running = await runWorker(worker + own, bindings);
  const ask = (/** @type {string} */ user, workflowId = "WKF42") =>
    running.fetch(commandRequest({ path: pathOf(workflowId), headers: { authorization: `Bearer ${user}` } }));
  try {
    const accepted = await ask("WKF42 start");
    assert.equal(accepted.status, 200, await accepted.clone().text());
    assert.deepEqual(await accepted.json(), {
      url: `https://mc.adobe.io${pathOf("WKF42")}`,
      authorization: true,
      key: true,
    });
    assert.equal((await ask("WKF42 stop")).status, 403);
    const unknown = await ask("WKF43 start", "WKF43");
    assert.equal((await problemIn(unknown)).code, "not-found");
  } finally {
    await running.close();
  }
});
