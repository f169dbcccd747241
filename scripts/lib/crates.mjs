// @ts-check
// What cargo says of the crates that the modules of WebAssembly are made of.

import { dirname, join, relative } from "node:path";
import { root } from "./paths.mjs";
import { run } from "./process.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";

export const TARGET = "wasm32-unknown-unknown";

/** @typedef {{ name: string, version: string, source: string | null, license: string | null, manifest_path: string }} Package cargo's */

/** @type {Promise<Package[]> | undefined} */
let asked;

/** All crates of Cargo.lock that are for this target; `source` is null where one is the project's own. */
export function packages() {
  const args = ["metadata", "--format-version", "1", "--locked", "--all-features", "--filter-platform", TARGET];
  asked ??= run("cargo", args).then((said) => JSON.parse(said).packages);
  return asked;
}

/**
 * No folder of the machine gets into a module, so that it is the same wherever it is built. Not even the one below
 * CARGO_HOME that cargo unpacks crates into: its name is that of the registry or mirror that they came from.
 * @returns {Promise<string[]>} for rustc
 */
export async function withoutFolders() {
  const others = (await packages()).filter(({ source }) => source !== null);
  const folders = new Set(others.map(({ manifest_path }) => dirname(dirname(manifest_path))));
  // Where more than one fits, rustc takes the last.
  return [
    `--remap-path-prefix=${root}=/`,
    ...[...folders].sort().map((folder) => `--remap-path-prefix=${folder}=/crates`),
  ];
}

/**
 * Has cargo compile the project's own crates again where their content has changed. By itself it looks at times alone: a
 * file that was changed, but is older than the last build (copied with its times, unpacked, put back), would be
 * left out, and what is built would not be what the sources say.
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
