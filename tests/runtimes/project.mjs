// @ts-check
// The tarball that `npm pack` makes, and projects that have it installed, as a user would have it.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import { npm, run } from "../../scripts/lib/process.mjs";

/** @typedef {{ folder: string, remove: () => void }} Folder */

/** Whether the package has that entry; where it has, every consumer uses it. */
export const hasGateway = "./gateway" in JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports;
const gateway = `export { createGateway } from "campaign-workflow/gateway";\n`;

/**
 * The files that give the slim entries their modules.
 * @param {(file: string) => string} text  of a module that exports `givesModule`, for the package's file of that name
 */
export const giving = (text) => ({ "module.mjs": text("core.wasm"), "client-module.mjs": text("client-core.wasm") });

/** @param {string} [below] @returns {Folder} */
export function temporaryFolder(below = tmpdir()) {
  const folder = mkdtempSync(join(below, "campaign-workflow-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** @returns {Promise<Folder & { tarball: string }>} */
export async function pack() {
  const place = temporaryFolder();
  await run(...npm("pack", "--pack-destination", place.folder));
  const name = readdirSync(place.folder).find((file) => file.endsWith(".tgz"));
  if (!name) throw new Error("npm pack left no tarball.");
  return { ...place, tarball: join(place.folder, name) };
}

/**
 * A project of its own with the tarball installed and what every consumer does beside it (consumer/). The package has
 * no dependencies, so nothing is fetched.
 * @param {string} tarball
 * @param {Record<string, string>} files by their paths
 * @param {{ packages?: readonly string[], below?: string }} [options] packages: folders of further packages to install;
 *   below: the folder to make it in, for tools that must find themselves in a node_modules above the project
 * @returns {Promise<Folder>}
 */
export async function createProject(tarball, files, { packages = [], below } = {}) {
  const place = temporaryFolder(below);
  cpSync(new URL("./consumer/", import.meta.url), place.folder, { recursive: true });
  const manifest = { name: "consumer", private: true, type: "module" };
  const own = { "package.json": JSON.stringify(manifest), ...(hasGateway ? { "gateway.mjs": gateway } : {}) };
  const all = { ...own, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(place.folder, path)), { recursive: true });
    writeFileSync(join(place.folder, path), text);
  }
  const options = [
    "--offline",
    "--install-links",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--prefix",
    place.folder,
  ];
  try {
    await run(...npm("install", ...options, tarball, ...packages), { cwd: place.folder });
  } catch (error) {
    place.remove();
    throw error;
  }
  return place;
}
