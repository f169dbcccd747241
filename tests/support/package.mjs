// @ts-check
// The package as npm would publish it, installed in a project of its own: the client and the Worker of these tests come from it.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { readdirSync } from "node:fs";
import { npm, run } from "../../scripts/lib/process.mjs";
import { createProject, temporaryFolder } from "../runtimes/project.mjs";

/** @typedef {{ folder: string, load: (entry: string) => Promise<any> }} Installed */

/** @type {Promise<Installed> | undefined} */
let installed;

/** Once for all chains of a process, with which it goes. */
export const installPackage = () => (installed ??= install());

/**
 * `npm pack` without its scripts: the package is built before the tests run, and here several files of them pack at once.
 * @returns {Promise<Installed>}
 */
async function install() {
  const packed = temporaryFolder();
  try {
    await run(...npm("pack", "--ignore-scripts", "--pack-destination", packed.folder));
    const tarball = readdirSync(packed.folder).find((name) => name.endsWith(".tgz")) ?? "";
    const { folder, remove } = await createProject(join(packed.folder, tarball), {});
    const { resolve } = createRequire(join(folder, "package.json"));
    process.once("exit", remove);
    return { folder, load: (entry) => import(pathToFileURL(resolve(entry)).href) };
  } finally {
    packed.remove();
  }
}
