// @ts-check
// The crates of the WebAssembly modules, as cargo reports them.

import { dirname, join, relative } from "node:path";
import { root } from "./paths.mjs";
import { run } from "./process.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";

export const TARGET = "wasm32-unknown-unknown";

/** @typedef {{ name: string, version: string, source: string | null, license: string | null, manifest_path: string }} Package cargo's */

/** @type {Promise<Package[]> | undefined} */
let metadata;

/** All crates of Cargo.lock for this target. The project's own have the source null. */
export function packages() {
  const args = ["metadata", "--format-version", "1", "--locked", "--all-features", "--filter-platform", TARGET];
  metadata ??= run("cargo", args).then((output) => JSON.parse(output).packages);
  return metadata;
}

/**
 * Flags that keep the machine's folders out of a module, so that it is the same wherever it is built. This includes the folder below
 * CARGO_HOME with the unpacked crates, which is named after the registry or mirror.
 * @returns {Promise<string[]>} for rustc
 */
export async function withoutFolders() {
  const others = (await packages()).filter(({ source }) => source !== null);
  const folders = new Set(others.map(({ manifest_path }) => dirname(dirname(manifest_path))));
  // If several match, rustc takes the last.
  return [
    `--remap-path-prefix=${root}=/`,
    ...[...folders].sort().map((folder) => `--remap-path-prefix=${folder}=/crates`),
  ];
}

/**
 * Has cargo compile the project's own crates again if their content has changed. cargo itself compares times: it would miss a changed file
 * that is older than the last build (copied with its times, unpacked, restored).
 * @param {string} target cargo's folder
 */
export async function forgetChanged(target) {
  const own = (await packages()).filter(({ source }) => source === null);
  for (const { name, manifest_path } of own) {
    const folder = dirname(manifest_path);
    const hash = hashOf(["Cargo.toml", "src"].map((part) => relative(root, join(folder, part))));
    const mark = join(target, "sources", name);
    if (isStamped(mark, hash)) continue;
    await run("cargo", [
      "clean",
      "--release",
      "--locked",
      "--target",
      TARGET,
      "--target-dir",
      target,
      "--package",
      name,
    ]);
    stamp(mark, hash);
  }
}
