// @ts-check
// A dry run of the release: the files that npm would publish and cargo would package.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../../scripts/lib/paths.mjs";

const execute = promisify(execFile);

test("npm publish --dry-run packs the build and its description", async () => {
  // The package is built already.
  const { stdout } = await execute("npm", ["publish", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    timeout: 60_000,
  });
  const published = JSON.parse(stdout);
  const { name, files } = published.files ? published : published["campaign-workflow"];
  assert.equal(name, "campaign-workflow");
  const paths = files.map((/** @type {{ path: string }} */ { path }) => path);
  for (const path of ["README.md", "dist/index.js", "dist/index.d.ts", "dist/cloudflare.js", "openapi/openapi.json"]) {
    assert.ok(paths.includes(path), path);
  }
});

test("cargo package --list has the crate's sources, licenses and README, and nothing else", async () => {
  const args = ["package", "--list", "--allow-dirty", "--locked", "-p", "campaign-workflow"];
  const { stdout } = await execute("cargo", args, { cwd: root, timeout: 60_000 });
  const paths = stdout.trim().split("\n");
  for (const path of ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"])
    assert.ok(paths.includes(path), path);
  const made = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "README.md"];
  assert.deepEqual(
    paths.filter((path) => !made.includes(path) && !/^(src|js|LICENSE)\b/.test(path)),
    [],
  );
});
