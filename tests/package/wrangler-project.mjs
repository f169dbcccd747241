// @ts-check
// The folder of a new user, with the packed package and wrangler from the registry. `wrangler deploy --dry-run` bundles and checks
// everything that a deployment would upload, without an account.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exampleFolder } from "../../scripts/lib/demo-worker.mjs";
import { npm, run } from "../../scripts/lib/process.mjs";
import { pack } from "../support/package.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";

/** @param {string} folder @returns {any} its package.json */
export const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

export const wranglerVersion = manifestOf(exampleFolder).devDependencies.wrangler;

/** No login, no questions, no telemetry. */
const env = {
  CI: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_API_TOKEN: undefined,
  NO_COLOR: "1",
  FORCE_COLOR: undefined,
};

/** @returns {Promise<import("../support/temporary-folder.mjs").Folder & { tarball: string, install(...packages: string[]): Promise<unknown> }>} */
export async function newFolder() {
  const packed = await pack();
  const { folder, remove } = temporaryFolder();
  return {
    folder,
    tarball: packed.tarball,
    install: (...packages) =>
      run(...npm("install", "--prefer-offline", "--no-audit", "--no-fund", ...packages), { cwd: folder }),
    remove: () => (remove(), packed.remove()),
  };
}

/** @param {string} cwd @param {...string} args @returns {Promise<string>} what it printed */
export const wrangler = (cwd, ...args) => run(...npm("exec", "--offline", "--", "wrangler", ...args), { cwd, env });

/** The output of a dry run, for miniflare. @param {string} out */
export function modulesOf(out) {
  const names = readdirSync(out);
  const scripts = names.filter((name) => name.endsWith(".js"));
  if (scripts.length !== 1) throw new Error(`not one script: ${names.join(", ")}`);
  const main = { type: /** @type {const} */ ("ESModule"), path: join(out, scripts[0] ?? "") };
  const wasm = names
    .filter((name) => name.endsWith(".wasm"))
    .map((name) => ({ type: /** @type {const} */ ("CompiledWasm"), path: join(out, name) }));
  return { modules: [main, ...wasm], modulesRoot: out };
}
