// @ts-check
// Projects of a user, with the packed package installed.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import { install } from "../support/package.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** @typedef {import("../support/temporary-folder.mjs").Folder} Folder */

/** Whether the package has this entry; if so, every consumer uses it. */
export const hasGateway = "./gateway" in JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports;
const gateway = `export { createGateway } from "campaign-workflow/gateway";\n`;

/**
 * The files that provide the slim entries with their modules.
 * @param {(file: string) => string} text  of a module that exports `givesModule`, for the package's file of that name
 */
export const giving = (text) => ({ "module.mjs": text("core.wasm"), "client-module.mjs": text("client-core.wasm") });

/**
 * Makes a project with the tarball installed and the files of consumer/, which every cell runs.
 * @param {string} tarball
 * @param {Record<string, string>} files by their paths
 * @param {{ packages?: readonly string[], below?: string }} [options] packages: folders of further packages to install;
 *   below: the folder to make it in, for tools that must find themselves in a node_modules above the project
 * @returns {Promise<Folder>}
 */
export async function createProject(tarball, files, { packages = [], below } = {}) {
  const project = temporaryFolder(below);
  cpSync(new URL("./consumer/", import.meta.url), project.folder, { recursive: true });
  const manifest = { name: "consumer", private: true, type: "module" };
  const own = { "package.json": JSON.stringify(manifest), ...(hasGateway ? { "gateway.mjs": gateway } : {}) };
  const all = { ...own, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(project.folder, path)), { recursive: true });
    writeFileSync(join(project.folder, path), text);
  }
  try {
    await install(project.folder, tarball, ...packages);
  } catch (error) {
    project.remove();
    throw error;
  }
  return project;
}
