// @ts-check
// From an empty folder to a command: the README's Worker and the example, as wrangler would deploy them. wrangler's output runs in workerd
// in front of a local Campaign, and is compared with its log.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { sendWorkflowCommand } from "campaign-workflow";
import { exampleFolder, miniflareOptions, parseJsonc } from "../../scripts/lib/demo-worker.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/process.mjs";
import { startCampaign } from "../support/campaign.mjs";
import { startIms } from "../support/ims.mjs";
import { organization, secrets } from "../support/secrets.mjs";
import { startWorkerd } from "../support/workerd.mjs";
import { manifestOf, modulesOf, newFolder, wrangler, wranglerVersion } from "./wrangler-project.mjs";

const readme = readFileSync(join(exampleFolder, "README.md"), "utf8");
/** @param {string} heading @param {string} language @returns {string} */
function block(heading, language) {
  const section = readme.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
  return (
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(section)?.[1] ??
    assert.fail(`no ${language} under "${heading}"`)
  );
}

/** The README's configuration, with the Worker's variables. Secrets are set apart. */
const worker = block("The smallest deployment", "js");
const configuration = block("The smallest deployment", "jsonc");

/** @type {Awaited<ReturnType<typeof newFolder>>} */
let project;
before(async () => {
  project = await newFolder();
  await project.install(project.tarball, `wrangler@${wranglerVersion}`);
});
after(() => project?.remove());

/**
 * Runs wrangler's output, and sends it a command.
 * @param {string} out @param {any} configured wrangler.jsonc
 */
async function startOnce(out, configured) {
  const campaign = await startCampaign({
    workflows: [{ id: "WKF101" }],
    organization: configured.vars.CAMPAIGN_ORGANIZATION,
  });
  const ims = await startIms();
  try {
    await sendOnce(await startBuilt(out, configured, { CAMPAIGN_URL: campaign.url, IMS_TOKEN_URL: ims.url }), campaign);
  } finally {
    await Promise.all([campaign.close(), ims.close()]);
  }
}

/** @param {string} out @param {any} configured wrangler.jsonc @param {Record<string, string>} addresses in place of Adobe's */
function startBuilt(out, configured, addresses) {
  return startWorkerd({
    ...modulesOf(out),
    ...miniflareOptions(configured),
    bindings: {
      ...configured.vars,
      IMS_CLIENT_ID: secrets.apiKey,
      IMS_CLIENT_SECRET: secrets.clientSecret,
      CALLER_KEY: secrets.callerKey,
      ...addresses,
    },
  });
}

/** @param {{ url: URL, close(): Promise<void> }} workerd @param {{ emulator: import("campaign-workflow/emulator").CampaignEmulator, executions(): Promise<Map<string, number>> }} campaign */
async function sendOnce(workerd, campaign) {
  try {
    const call = {
      organization,
      workflowId: "WKF101",
      command: /** @type {const} */ ("start"),
      baseUrl: `${workerd.url.origin}/api`,
    };
    for (const accessToken of ["another-secret-of-16", undefined]) {
      const refusal = await sendWorkflowCommand({ ...call, ...(accessToken ? { accessToken } : {}) }).then(
        () => assert.fail(),
        (error) => error,
      );
      assert.deepEqual([refusal.status, refusal.outcome], [403, "not-executed"]);
    }
    const receipt = await sendWorkflowCommand({ ...call, accessToken: secrets.callerKey, idempotencyKey: "first" });
    const again = await sendWorkflowCommand({ ...call, accessToken: secrets.callerKey, idempotencyKey: "first" });
    assert.deepEqual([receipt.status, receipt.command, again.requestId], [200, "start", receipt.requestId]);
    const log = await campaign.emulator.log();
    assert.deepEqual(
      log.map(({ workflowId, command, executed }) => [workflowId, command, executed]),
      [["WKF101", "start", true]],
    );
    assert.deepEqual([...(await campaign.executions())], [["WKF101 start", 1]]);
  } finally {
    await workerd.close();
  }
}

describe("a new user who follows the README", { timeout: 300_000 }, () => {
  test("has a Worker of at most 30 lines", () => {
    assert.ok(worker.trimEnd().split("\n").length <= 30);
  });

  test("deploys it, and a command is executed once", async () => {
    const { folder } = project;
    const configured = parseJsonc(configuration);
    writeFileSync(join(folder, configured.main), worker);
    writeFileSync(join(folder, "wrangler.jsonc"), configuration);
    const printed = await wrangler(folder, "deploy", "--dry-run", "--outdir", "out");
    assert.match(printed, /env\.WORKFLOWS_BY_ID \(WorkflowObject\)/);
    assert.doesNotMatch(printed, /WARNING|ERROR/);
    await startOnce(join(folder, "out"), configured);
  });
});

describe("the example", { timeout: 300_000 }, () => {
  /** @type {string} Below the new user's folder, which has the package and wrangler. */
  let folder;
  const text = readFileSync(join(exampleFolder, "wrangler.jsonc"), "utf8");
  before(async () => {
    folder = join(project.folder, "example");
    mkdirSync(folder);
    for (const name of ["package.json", "wrangler.jsonc", "worker-configuration.d.ts", "src"])
      cpSync(join(exampleFolder, name), join(folder, name), { recursive: true });
    await run(process.execPath, [join(exampleFolder, "page.mjs"), join(folder, "public")]);
    await project.install(`jose@${manifestOf(exampleFolder).dependencies.jose}`);
  });

  test("is deployed with the page, and a command is executed once", async () => {
    const printed = await wrangler(folder, "deploy", "--dry-run", "--outdir", "out");
    for (const name of ["WORKFLOWS_BY_ID", "COMMANDS"]) assert.match(printed, new RegExp(`env\\.${name} `));
    assert.doesNotMatch(printed, /WARNING|ERROR/);
    assert.match(printed, /Read \d+ files from the assets directory/);
    for (const file of ["index.html", "main.js", "pkg/client.js", "_headers"])
      assert.ok(existsSync(join(folder, "public", file)), file);
    await startOnce(join(folder, "out"), parseJsonc(text));
  });

  test("has the types that `npm run types` generates", async () => {
    const before = readFileSync(join(folder, "worker-configuration.d.ts"), "utf8");
    await wrangler(folder, "types", "--include-runtime=false");
    assert.equal(before, readFileSync(join(folder, "worker-configuration.d.ts"), "utf8"));
  });

  test("has the versions of the other tests", () => {
    const { dependencies, devDependencies } = manifestOf(exampleFolder);
    const main = manifestOf(root).devDependencies;
    assert.equal(dependencies.jose, main.jose);
    assert.equal(devDependencies["@cloudflare/workers-types"], main["@cloudflare/workers-types"]);
    assert.equal(manifestOf(join(project.folder, "node_modules", "wrangler")).dependencies.miniflare, main.miniflare);
  });

  test("holds at most 165 lines of code of its own", () => {
    const files = ["index", "access", "policies", "authorize", "demo-sign-in", "problems"].map((name) =>
      readFileSync(join(exampleFolder, "src", `${name}.ts`), "utf8"),
    );
    const lines = files
      .join("\n")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\/\*|\*|$)/.test(line));
    assert.ok(lines.length <= 165, `${lines.length} lines`);
  });
});
