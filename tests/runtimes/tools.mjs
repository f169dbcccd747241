// @ts-check
// The tools of the matrix, from npm in their pinned versions, kept below target/ so that a second run is quick.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isFolder, root } from "../../scripts/lib/paths.mjs";
import { attempt, npm } from "../../scripts/lib/process.mjs";
import { isOwn, nameIn, pinned, versionIn } from "./versions.mjs";

export const cache = join(root, "target", "runtimes");

/** A tool that can't be had here: what needs it is skipped, and says so. */
export class Missing extends Error {}

/**
 * @typedef {object} Tools
 * @property {string} folder  below which node_modules has them
 * @property {(name: string) => string} path  of an installed package's folder
 * @property {(name: string) => string} version  of an installed package, as it says itself
 * @property {(name: string) => Promise<any>} load  imports the package
 * @property {(name: string, bin?: string) => string} bin  the JavaScript file of the package's command
 */

/**
 * @param {readonly string[]} names packages of versions.mjs, or "name@version"
 * @returns {Promise<Tools>}
 */
export async function install(names) {
  const specs = names.map((name) => (name.lastIndexOf("@") > 0 ? name : pinned(name))).sort();
  const folder = specs.every(isOwn) ? root : join(cache, "tools", specs.join("+").replaceAll("/", "-"));
  if (!isFolder(join(folder, "node_modules"))) await fetchTools(specs, folder);
  const path = (/** @type {string} */ name) => join(folder, "node_modules", name);
  const manifest = (/** @type {string} */ name) => JSON.parse(readFileSync(join(path(name), "package.json"), "utf8"));
  return {
    folder,
    path,
    version: (name) => manifest(name).version,
    load: (name) => import(pathToFileURL(createRequire(join(folder, "package.json")).resolve(name)).href),
    bin: (name, bin = name) => {
      const { bin: bins } = manifest(name);
      return join(path(name), typeof bins === "string" ? bins : bins[bin]);
    },
  };
}

/** @param {readonly string[]} specs @param {string} folder */
async function fetchTools(specs, folder) {
  // Beside its place first: what is there is whole.
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true });
  const dependencies = Object.fromEntries(specs.map((spec) => [nameIn(spec), versionIn(spec)]));
  writeFileSync(join(next, "package.json"), JSON.stringify({ name: "tools", private: true, dependencies }, null, 2));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const { code, output } = await attempt(...npm("install", ...quiet, "--prefix", next), { cwd: next });
  if (code !== 0) throw new Missing(`${specs.join(", ")} could not be installed from npm: ${firstError(output)}`);
  renameSync(next, folder);
}

/** @param {string} output npm's */
function firstError(output) {
  const lines = output
    .split("\n")
    .filter((line) => line.startsWith("npm error"))
    .map((line) => line.slice(10).trim());
  return lines.filter(Boolean).slice(0, 2).join("; ") || output.trim().slice(0, 200);
}
