// @ts-check
// npm run docs: copies the examples into README.md, and writes the API pages below target/docs: the types by TypeDoc, the crates by
// rustdoc.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/paths.mjs";
import { Failure, run } from "./lib/process.mjs";
import { readme, withExamples } from "./lib/readme.mjs";
import { setUp } from "./lib/setup.mjs";
import { print, step } from "./lib/terminal.mjs";

const out = join(root, "target", "docs");

/** The entries of the package, as users import them. */
const entries = [
  "js/index.d.ts",
  "js/client.d.ts",
  "js/gateway.d.ts",
  "cloudflare/cloudflare.d.ts",
  "js/emulator.d.ts",
  "js/emulator-node.d.ts",
];

const index = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>campaign-workflow</title>
  <h1>campaign-workflow</h1>
  <ul>
    <li><a href="js/index.html">The npm package</a></li>
    <li><a href="rust/campaign_workflow/index.html">The Rust crate</a></li>
    <li><a href="openapi.json">The gateway and the Worker: OpenAPI</a></li>
  </ul>
</html>
`;

try {
  writeFileSync(readme, withExamples(readFileSync(readme, "utf8")));
  await setUp("node", "rust", "npm");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await step("TypeDoc", async () => {
    const points = entries.flatMap((entry) => ["--entryPoints", entry]);
    const options = [
      "--tsconfig",
      "tsconfig.json",
      "--out",
      join(out, "js"),
      "--name",
      "campaign-workflow",
      "--readme",
      "none",
      "--disableSources",
    ];
    await run(process.execPath, ["node_modules/typedoc/bin/typedoc", ...points, ...options]);
  });
  await step("rustdoc", async () => {
    await run("cargo", ["doc", "--locked", "--no-deps", "--workspace"]);
    cpSync(join(root, "target", "doc"), join(out, "rust"), { recursive: true });
  });
  cpSync(join(root, "openapi", "openapi.json"), join(out, "openapi.json"));
  writeFileSync(join(out, "index.html"), index);
  print(`\n${join("target", "docs", "index.html")}`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`${error.output}\n${error.message}`);
  process.exitCode = 1;
}
