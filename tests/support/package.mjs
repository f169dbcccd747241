// @ts-check
// The package as npm publishes it: packed, and installed in projects outside of this one.

import { readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { npm, run } from "../../scripts/lib/process.mjs";
import { temporaryFolder } from "./temporary-folder.mjs";

/** @typedef {import("./temporary-folder.mjs").Folder} Folder */

/**
 * Packs the package as it is built: several files of tests pack at the same time.
 * @returns {Promise<Folder & { tarball: string }>}
 */
export async function pack() {
  const target = temporaryFolder();
  await run(...npm("pack", "--ignore-scripts", "--pack-destination", target.folder));
  const name = readdirSync(target.folder).find((file) => file.endsWith(".tgz"));
  if (!name) throw new Error("npm pack left no tarball.");
  return { ...target, tarball: join(target.folder, name) };
}

/**
 * Installs tarballs and folders of packages in a project. The package has no dependencies, so npm fetches nothing.
 * @param {string} folder the project @param {...string} packages
 */
export async function install(folder, ...packages) {
  const options = ["--offline", "--install-links", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder];
  await run(...npm("install", ...options, ...packages), { cwd: folder });
}

/** @typedef {{ folder: string, load: (entry: string) => Promise<any> }} InstalledPackage */

/** @type {Promise<InstalledPackage> | undefined} */
let installed;

/** A project with the package, once per process. It is removed when the process ends. */
export const installPackage = () => (installed ??= installOnce());

/** @returns {Promise<InstalledPackage>} */
async function installOnce() {
  const packed = await pack();
  try {
    const { folder, remove } = temporaryFolder();
    process.once("exit", remove);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    await install(folder, packed.tarball);
    const { resolve } = createRequire(join(folder, "package.json"));
    return { folder, load: (entry) => import(pathToFileURL(resolve(entry)).href) };
  } finally {
    packed.remove();
  }
}
