// @ts-check
// A copy of an example in an empty folder, with the packed package in place of this repository.

import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import { npm, run } from "../../scripts/lib/process.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** @param {string} name of the folder in examples/ @returns {any} its package.json */
export const manifestOf = (name) => JSON.parse(readFileSync(join(root, "examples", name, "package.json"), "utf8"));

/**
 * Installs the versions of the example's lock file.
 * @param {string} name of the folder in examples/ @returns {Promise<import("../runtimes/project.mjs").Folder>}
 */
export async function copyExample(name) {
  const packed = temporaryFolder();
  const { folder, remove } = temporaryFolder();
  const source = join(root, "examples", name);
  const made = ["node_modules", "build", "dist"].map((made) => join(source, made));
  try {
    cpSync(source, folder, { recursive: true, filter: (path) => !made.includes(path) });
    // Without its scripts: `npm test` has built the package.
    await run(...npm("pack", "--ignore-scripts", "--pack-destination", packed.folder));
    const tarball = join(packed.folder, readdirSync(packed.folder)[0] ?? "");
    const options = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    await run(...npm("install", ...options, tarball), { cwd: folder });
  } catch (error) {
    remove();
    throw error;
  } finally {
    packed.remove();
  }
  return { folder, remove };
}
