// @ts-check
// The tarball that users get: its files, the results of package linters, and that importing it has no side effects. tests/runtimes tests
// where it works.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/process.mjs";
import { createProject } from "../runtimes/project.mjs";
import { pack } from "../support/package.mjs";

const contents = [
  "CHANGELOG.md",
  "LICENSE",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "dist/THIRD-PARTY.md",
  "dist/audit-trail.js",
  "dist/callbacks.js",
  "dist/client-core-wasm.d.ts",
  "dist/client-core.js",
  "dist/client-core.wasm",
  "dist/client-core.wasm.js",
  "dist/client-slim.d.ts",
  "dist/client-slim.js",
  "dist/client.d.ts",
  "dist/client.edge-light.js",
  "dist/client.js",
  "dist/client.workerd.js",
  "dist/cloudflare-core.js",
  "dist/cloudflare-core.wasm",
  "dist/cloudflare.d.ts",
  "dist/cloudflare.js",
  "dist/command-table.js",
  "dist/core-wasm.d.ts",
  "dist/core.js",
  "dist/core.wasm",
  "dist/core.wasm.js",
  "dist/emulator-class.js",
  "dist/emulator-core.js",
  "dist/emulator-core.wasm",
  "dist/emulator-core.wasm.js",
  "dist/emulator-node.d.ts",
  "dist/emulator-node.js",
  "dist/emulator.d.ts",
  "dist/emulator.edge-light.js",
  "dist/emulator.js",
  "dist/emulator.workerd.js",
  "dist/errors.js",
  "dist/gateway-class.js",
  "dist/gateway-core.js",
  "dist/gateway-core.wasm",
  "dist/gateway-core.wasm.js",
  "dist/gateway.d.ts",
  "dist/gateway.edge-light.js",
  "dist/gateway.js",
  "dist/gateway.workerd.js",
  "dist/index.d.ts",
  "dist/index.edge-light.js",
  "dist/index.js",
  "dist/index.workerd.js",
  "dist/inlined.js",
  "dist/loader.js",
  "dist/module-calls.js",
  "dist/slim.d.ts",
  "dist/slim.js",
  "dist/stop-signal.js",
  "dist/stored-commands.d.ts",
  "dist/workflow-client.js",
  "dist/workflow-object.js",
  "openapi/openapi.json",
  "package.json",
];

/** Some of the files. */
const wantedCrates = ["js-sys", "wasm-bindgen", "serde_json"];

describe("the packed tarball", { timeout: 300_000 }, () => {
  /** @type {Awaited<ReturnType<typeof pack>>} */
  let packed;
  /** @type {Awaited<ReturnType<typeof createProject>>} */
  let installed;
  /** @type {string} */
  let folder;
  before(async () => {
    packed = await pack();
    installed = await createProject(packed.tarball, {});
    folder = join(installed.folder, "node_modules", "campaign-workflow");
  });
  after(() => (installed?.remove(), packed?.remove()));

  test("has exactly the expected files", () => {
    assert.deepEqual(filesBelow(folder), contents);
  });

  test("refers to no missing source map", () => {
    for (const file of filesBelow(folder).filter((name) => /\.(js|ts|wasm)$/.test(name))) {
      const named = readFileSync(join(folder, file), "latin1").match(/sourceMappingURL=([^\s*]+)/)?.[1];
      if (named) assert.ok(filesBelow(folder).includes(join(dirname(file), named)), `${file} names ${named}`);
    }
  });

  test("contains no path of the machine that built it", () => {
    for (const file of filesBelow(folder)) {
      const text = readFileSync(join(folder, file), "latin1");
      for (const place of [root, homedir()].filter((path) => path.length > 1))
        assert.ok(!text.includes(place), `${file} names ${place}`);
    }
  });

  test("lists the crates inside, with their licences", () => {
    const list = readFileSync(join(folder, "dist", "THIRD-PARTY.md"), "utf8");
    const listed = [...list.matchAll(/^\| ([a-z][\w-]+) \| (\d\S+) \| ([^|]+) \| [^|]*\.wasm \|$/gm)].map(
      ([, name = "", version]) => ({ name, version }),
    );
    assert.match(list, /^## Rust's standard library/m, "what came compiled");
    for (const name of wantedCrates)
      assert.ok(
        listed.some((crate) => crate.name === name),
        `${name} is listed`,
      );
    const locked = readFileSync(join(root, "Cargo.lock"), "utf8");
    for (const { name, version } of listed) {
      assert.ok(locked.includes(`name = "${name}"\nversion = "${version}"`), `${name} ${version} is the locked one`);
      const text = list.match(new RegExp(`^## (.*, )?${name}(,.*)?\\n\\n\`\`\`text\\n([^]*?)\`\`\`$`, "m"))?.[3];
      assert.match(text ?? "", /Permission is hereby granted/, `the licence of ${name}`);
    }
  });

  test("has no finding of publint", async () => {
    await run(process.execPath, [command("publint"), "run", packed.tarball, "--strict"]);
  });

  test("has no finding of attw for packages of ES modules", async () => {
    await run(process.execPath, [command("@arethetypeswrong/cli"), packed.tarball, "--profile", "esm-only"]);
  });

  for (const entry of [
    "campaign-workflow",
    "campaign-workflow/client",
    "campaign-workflow/client/slim",
    "campaign-workflow/slim",
    "campaign-workflow/gateway",
    "campaign-workflow/emulator",
  ]) {
    test(`importing ${entry} has no side effects`, async () => {
      const project = await createProject(packed.tarball, { "main.mjs": importOnly(entry) });
      try {
        assert.equal(await run(process.execPath, ["main.mjs"], { cwd: project.folder }), "nothing\n");
      } finally {
        project.remove();
      }
    });
  }

  test("serves its emulator over HTTP, with @hono/node-server installed", async () => {
    const packages = ["@hono/node-server", "hono"].map((name) => join(root, "node_modules", name));
    const project = await createProject(packed.tarball, { "main.mjs": serveOnce }, { packages });
    try {
      assert.equal(await run(process.execPath, ["main.mjs"], { cwd: project.folder }), "start WKF101 1\n");
    } finally {
      project.remove();
    }
  });
});

/** A program that fails if an import has a side effect. @param {string} entry */
function importOnly(entry) {
  return `
import assert from "node:assert/strict";
const refuse = (name) => () => { throw new Error(name + " at import"); };
for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask"]) globalThis[name] = refuse(name);
for (const name of ["compile", "instantiate", "Module", "Instance"]) WebAssembly[name] = refuse(name);
const seen = () => ({ globals: Reflect.ownKeys(globalThis), resources: process.getActiveResourcesInfo() });
const before = seen();
await import(${JSON.stringify(entry)});
assert.deepEqual(seen(), before);
const imported = performance.now();
process.once("exit", () => console.log(performance.now() - imported < 2000 ? "nothing" : "kept the process up"));
`;
}

const serveOnce = `
import { serveEmulator } from "campaign-workflow/emulator/node";
import { sendWorkflowCommand } from "campaign-workflow";
const { url, emulator, close } = await serveEmulator();
const { id } = (await emulator.workflows()).find(({ allowed }) => allowed.includes("start"));
const common = { organization: "acme-mkt-stage", accessToken: "local-token", apiKey: "local-key", baseUrl: url };
const receipt = await sendWorkflowCommand({ ...common, workflowId: id, command: "start" });
console.log(receipt.command, receipt.workflowId, (await emulator.log()).length);
await close();
`;

/** @param {string} folder @returns {string[]} sorted, with slashes */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** @param {string} name of a package that has one command @returns {string} its file */
function command(name) {
  const folder = join(root, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : (Object.values(bin)[0] ?? ""));
}
