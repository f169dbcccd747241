// @ts-check
// The example as wrangler would bundle it, for miniflare: one file, with the modules of WebAssembly beside it.

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { dist, root } from "../../scripts/lib/paths.mjs";

export const compatibilityDate = "2026-04-01";

const example = join(root, "examples", "cloudflare", "src", "index.ts");

/**
 * @param {string} folder to write to
 * @param {string} [entry] a Worker around the example, which it imports as "the-example"
 * @returns {Promise<{ modules: { type: "ESModule" | "CompiledWasm", path: string }[], modulesRoot: string, compatibilityDate: string }>}
 */
export async function bundleExample(folder, entry = example) {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    logLevel: "warning",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    // The package of this repository: the example has it as a dependency, which is not installed here.
    alias: {
      "the-example": example,
      "campaign-workflow": join(dist, "index.workerd.js"),
      "campaign-workflow/cloudflare": join(dist, "cloudflare.js"),
    },
    plugins: [{ name: "wasm", setup: keepWasmBeside }],
  });
  const wasm = readdirSync(dist).filter((name) => name.endsWith(".wasm"));
  for (const name of wasm) cpSync(join(dist, name), join(folder, name));
  const main = { type: /** @type {const} */ ("ESModule"), path: join(folder, "worker.js") };
  const beside = wasm.map((name) => ({ type: /** @type {const} */ ("CompiledWasm"), path: join(folder, name) }));
  return { modules: [main, ...beside], modulesRoot: folder, compatibilityDate };
}

/** @param {import("esbuild").PluginBuild} build */
function keepWasmBeside({ onResolve }) {
  onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${path.split("/").at(-1)}`, external: true }));
}
