// @ts-check
// Every example of the README about the client runs as it stands there, one after the other, against a local Campaign,
// directly and through a gateway.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { createGateway } from "campaign-workflow/gateway";
import { campaign } from "./servers.mjs";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const section = /^## Beyond one command\n(.*?)^## /ms.exec(readme)?.[1] ?? "";
const examples = [...section.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code ?? "");

test("there is an example for each", () => {
  const code = examples.join("\n");
  for (const used of [
    "new WorkflowClient(",
    "client.start(",
    "client.pause(",
    "client.stop(",
    "confirm:",
    "client.get(",
    "client.waitFor(",
    "client.signal(",
    "client.sendAll(",
    "hasState(",
  ]) {
    assert.ok(code.includes(used), used);
  }
});

/** Where the example's address leads: Campaign itself, with its credentials, or a gateway that adds them, as the example says. */
const ways = {
  "at Campaign": async (/** @type {string} */ url) => ({
    connection: `${JSON.stringify(url)}, ${credentials}`,
    close: async () => {},
  }),
  "through a gateway": async (/** @type {string} */ url) => {
    const { url: gateway, close } = await serveGateway(url);
    return { connection: JSON.stringify(gateway), close };
  },
};
const credentials = 'accessToken: "local-token", apiKey: "local-key"';

/** @param {string} baseUrl Campaign's */
async function serveGateway(baseUrl) {
  const gateway = createGateway({
    organization: "acme-mkt-stage",
    accessToken: "local-token",
    apiKey: "local-key",
    baseUrl,
    authorize: () => true,
  });
  const server = createServer(getRequestListener(gateway.fetch));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

for (const [name, serve] of Object.entries(ways)) {
  test(`all of them run ${name}, and Campaign saw what they say`, async () => {
    const { url, log, workflow } = await campaign({ applyDelayMs: 100, misfit: "accept" });
    const { connection, close } = await serve(url);
    const code = examples
      .join("\n")
      .replace('"https://campaign.example.com"', connection)
      .replaceAll("console.log(", "told.push(");
    assert.ok(code.includes(connection), "the example of the connection has changed");
    const file = fileURLToPath(new URL(`./readme-examples-${name.replaceAll(" ", "-")}.tmp.mjs`, import.meta.url));
    writeFileSync(file, `${code.replace(/^import .*$/m, (line) => `${line}\nexport const told = [];`)}\n`);
    try {
      const { told } = await import(pathToFileURL(file).href);
      const requests = await log();
      assert.deepEqual(
        requests.filter(({ problem, status }) => problem !== null || status !== 200),
        [],
      );
      const commands = requests.flatMap(({ command, workflowId }) => (command ? [`${command} ${workflowId}`] : []));
      assert.deepEqual(commands.slice(0, 4), ["start WKF101", "pause WKF101", "stop WKF101", "start WKF103"]);
      assert.deepEqual(commands.slice(4).sort(), ["start WKF102", "start WKF104", "start WKF105"]);
      assert.equal((await workflow("WKF106")).signals.length, 1);
      assert.ok(told.length > 0);
      assert.deepEqual(told.at(-1), { accepted: 3, notExecuted: 0, unknown: 0 });
      assert.equal(told.filter((/** @type {unknown} */ one) => one === "accepted").length, 3);
    } finally {
      rmSync(file, { force: true });
      await close();
    }
  });
}
