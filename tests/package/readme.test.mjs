// @ts-check
// The examples of the README: it holds them as they are in their files, and each runs against local servers.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { Response as WorkerResponse } from "miniflare";
import { createGateway } from "campaign-workflow/gateway";
import { dist, root } from "../../scripts/lib/paths.mjs";
import { examplesIn, readme, withExamples } from "../../scripts/lib/readme.mjs";
import { bundleWorker } from "../../scripts/lib/worker-bundle.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { bundleExample, startExampleWorker } from "../support/example-worker.mjs";
import { serveGateway } from "../support/gateway.mjs";
import { startIms } from "../support/ims.mjs";
import { close, listen } from "../support/listen.mjs";
import { runProgram } from "../support/program.mjs";
import { organization, secrets } from "../support/secrets.mjs";
import { storageFolder, temporaryFolder } from "../support/temporary-folder.mjs";
import { startWorkerd } from "../support/workerd.mjs";

const folder = join(root, "examples", "readme");
const gatewayOrigin = "https://campaign.example.com";

test("the README has the text of the files", () => {
  const text = readFileSync(readme, "utf8");
  assert.equal(text, withExamples(text), "`npm run docs` copies them");
  const examples = examplesIn(text);
  assert.equal(text.match(/^```[jt]s$/gm)?.length, examples.length, "an example without a file");
  const regions = readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/^\/\/ #region(?: ([\w-]+))?$/gm)].map(
      ([, region]) => `examples/readme/${file}${region ? `#${region}` : ""}`,
    ),
  );
  assert.deepEqual(examples.toSorted(), regions.toSorted());
});

/**
 * Runs an example in its own process.
 * @param {string} name of its file @param {Record<string, string>} servers local ones, by the origins in its text
 * @param {Record<string, string>} [env]
 */
const run = (name, servers, env = {}) =>
  runProgram(process.execPath, ["--import", "./tests/support/redirected-fetch.mjs", join(folder, name)], {
    cwd: root,
    env: { LOCAL_SERVERS: JSON.stringify(servers), ...env },
    timeoutMs: 30_000,
  });

/** @param {import("node:test").TestContext} t @param {import("campaign-workflow/emulator").CampaignEmulatorOptions} [options] */
async function campaignFor(t, options) {
  const campaign = await startCampaign(options);
  t.after(() => campaign.close());
  return campaign;
}

/**
 * A gateway in front of a Campaign, for every caller. It sees the address that the example names: triggers have it, too.
 * @param {import("node:test").TestContext} t @param {{ url: string }} campaign
 */
async function gatewayFor(t, campaign) {
  const { accessToken, apiKey } = secrets;
  const options = { organization, accessToken, apiKey, baseUrl: campaign.url, authorize: () => true };
  const { fetch } = createGateway(options);
  const named = (/** @type {Request} */ request) => new URL(new URL(request.url).pathname, gatewayOrigin);
  const gateway = await serveGateway({ fetch: (request) => fetch(new Request(named(request), request)) });
  t.after(() => gateway.close());
  return gateway;
}

describe("the README's example", { timeout: 120_000 }, () => {
  test("of a command is accepted by a gateway, and executed once", async (t) => {
    const campaign = await campaignFor(t, { workflows: [{ id: "WKF42" }] });
    const gateway = await gatewayFor(t, campaign);
    assert.match(await run("send-command.mjs", { [gatewayOrigin]: gateway.url }), /^accepted local-/);
    assert.deepEqual([...(await campaign.executions())], [["WKF42 start", 1]]);
  });

  test("of a server calls Adobe with a token of IMS", async (t) => {
    const campaign = await campaignFor(t, { organization: "acme", workflows: [{ id: "WKF42" }] });
    const ims = await startIms();
    t.after(() => ims.close());
    const servers = {
      "https://mc.adobe.io": campaign.url,
      "https://ims-na1.adobelogin.com": new URL(ims.url).origin,
    };
    const credentials = { IMS_CLIENT_ID: secrets.apiKey, IMS_CLIENT_SECRET: secrets.clientSecret, IMS_SCOPE: "openid" };
    await run("send-from-server.mjs", servers, credentials);
    assert.deepEqual([...(await campaign.executions())], [["WKF42 start", 1]]);
  });

  test("of an idempotency key hands a server its key", async (t) => {
    /** @type {(string | null)[]} */
    const keys = [];
    const { workflowId, command } = /** @type {const} */ ({ workflowId: "WKF42", command: "start" });
    const receipt = { workflowId, command, status: 200, body: null, requestId: null, attempts: 1 };
    const gateway = await serveGateway(
      createGateway({
        organization: "acme",
        authorize: () => true,
        send: async ({ idempotencyKey }) => (keys.push(idempotencyKey), receipt),
      }),
    );
    t.after(() => gateway.close());
    await run("idempotency-key.mjs", { [gatewayOrigin]: gateway.url });
    assert.match(keys.join(), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  test("of a gateway Worker obeys authorize and its list, in workerd", async (t) => {
    /** @type {{ url: string, authorization: string | null, apiKey: string | null }[]} */
    const requests = [];
    const worker = await startWorkerd({
      modules: await bundleWorker({ entryPoints: [join(folder, "worker.mjs")] }),
      compatibilityDate: "2026-04-01",
      bindings: { IMS_CLIENT_ID: secrets.apiKey, IMS_CLIENT_SECRET: secrets.clientSecret, IMS_SCOPE: "openid" },
      outboundService: async (/** @type {import("miniflare").Request} */ { url, headers }) => {
        if (url.endsWith("/ims/token/v3"))
          return WorkerResponse.json({ access_token: secrets.accessToken, expires_in: 86_399 });
        requests.push({ url, authorization: headers.get("authorization"), apiKey: headers.get("x-api-key") });
        return WorkerResponse.json({});
      },
    });
    t.after(() => worker.close());
    const path = (/** @type {string} */ id) => `/${organization}/campaign/workflow/execution/${id}/commands`;
    const send = async (/** @type {string} */ workflowId, /** @type {string} */ user) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${user}` };
      const options = { method: "POST", headers, body: '{"method":"start"}' };
      return (await fetch(new URL(path(workflowId), worker.url), options)).status;
    };
    assert.equal(await send("WKF42", "WKF42 start"), 200);
    assert.equal(await send("WKF42", "WKF42 stop"), 403);
    assert.equal(await send("WKF43", "WKF43 start"), 404);
    assert.deepEqual(requests, [
      {
        url: `https://mc.adobe.io${path("WKF42")}`,
        authorization: `Bearer ${secrets.accessToken}`,
        apiKey: secrets.apiKey,
      },
    ]);
  });

  test("of WorkflowClient runs as a whole, and Campaign's log has what it says", async (t) => {
    const campaign = await campaignFor(t, { applyDelayMs: 100 });
    const gateway = await gatewayFor(t, campaign);
    const output = await run("workflow-client.mjs", { [gatewayOrigin]: gateway.url });
    const requests = await campaign.log();
    assert.deepEqual(
      requests.filter(({ problem, status }) => problem !== null || status !== 200),
      [],
    );
    const commands = requests.flatMap(({ command, workflowId }) => (command ? [`${command} ${workflowId}`] : []));
    assert.deepEqual(commands.slice(0, 4), ["start WKF101", "pause WKF101", "stop WKF101", "start WKF103"]);
    assert.deepEqual(commands.slice(4).sort(), ["start WKF102", "start WKF104", "start WKF105"]);
    const workflows = await campaign.emulator.workflows();
    assert.equal(workflows.find(({ id }) => id === "WKF106")?.signals.length, 1);
    assert.match(output, /^true Finished$/m);
    assert.equal(output.match(/^WKF10\d accepted$/gm)?.length, 3);
    assert.match(output, /^\{ accepted: 3, notExecuted: 0, unknown: 0 \}$/m);
  });

  test("of a command for later is queued and cancelled by the Worker", async (t) => {
    const campaign = await campaignFor(t, { workflows: [{ id: "WKF101" }] });
    const storage = storageFolder();
    t.after(storage.remove);
    const bindings = { CAMPAIGN_URL: campaign.url };
    const worker = await startExampleWorker(await bundleExample(), join(storage.folder, "objects"), bindings);
    t.after(() => worker.close());
    const env = { CALLER_KEY: secrets.callerKey };
    const output = await run("queue.mjs", { [gatewayOrigin]: worker.url.origin }, env);
    assert.match(output, /^\S+ queued \d{4}-\S+\nqueued\ncancelled\n$/);
    assert.deepEqual(await campaign.log(), []);
  });

  test("of the emulator logs a throttled request and its repetition", async () => {
    const output = await run("emulator.mjs", {});
    assert.deepEqual(
      [...output.matchAll(/^ +status: (\d+)/gm)].map(([, status]) => status),
      ["429", "200"],
    );
  });

  test("of the slim entry loads its module over HTTP", async (t) => {
    const campaign = await campaignFor(t, { workflows: [{ id: "WKF42" }] });
    const files = createServer((_, response) =>
      response.setHeader("content-type", "application/wasm").end(readFileSync(join(dist, "core.wasm"))),
    );
    const url = await listen(files);
    t.after(() => close(files));
    const { folder: out, remove } = temporaryFolder();
    t.after(remove);
    const outfile = join(out, "slim.mjs");
    await build({
      absWorkingDir: root,
      entryPoints: [join(folder, "slim.mjs")],
      outfile,
      bundle: true,
      format: "esm",
      plugins: [
        {
          name: "url",
          setup({ onResolve, onLoad }) {
            onResolve({ filter: /\?url$/ }, ({ path }) => ({ path, namespace: "url" }));
            onLoad({ filter: /^/, namespace: "url" }, () => ({ contents: `export default "${url}/core.wasm";` }));
          },
        },
      ],
    });
    /** @type {Pick<typeof import("campaign-workflow"), "sendWorkflowCommand">} */
    const { sendWorkflowCommand } = await import(pathToFileURL(outfile).href);
    const { accessToken, apiKey } = secrets;
    const call = { organization, workflowId: "WKF42", command: /** @type {const} */ ("start"), accessToken, apiKey };
    await sendWorkflowCommand({ ...call, baseUrl: campaign.url });
    assert.deepEqual([...(await campaign.executions())], [["WKF42 start", 1]]);
  });
});
