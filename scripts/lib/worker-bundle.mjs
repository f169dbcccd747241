// @ts-check
// Bundles Workers for miniflare as wrangler does: one script, and beside it the modules of WebAssembly that it imports.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { root } from "./paths.mjs";

/**
 * @param {Pick<import("esbuild").BuildOptions, "entryPoints" | "stdin" | "alias" | "plugins">} options
 * @returns {Promise<{ type: "ESModule" | "CompiledWasm", path: string, contents: string | Uint8Array<ArrayBuffer> }[]>}
 */
export async function bundleWorker({ plugins = [], ...options }) {
  const { build } = await import("esbuild");
  /** The files, by their names. @type {Map<string, string>} */
  const wasm = new Map();
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    ...options,
    plugins: [...plugins, { name: "wasm", setup: keepWasmBeside }],
  });

  /** @param {import("esbuild").PluginBuild} build */
  function keepWasmBeside({ onResolve, resolve }) {
    onResolve({ filter: /\.wasm$/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === "wasm") return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: "wasm" });
      if (found.errors.length > 0) return { errors: found.errors };
      wasm.set(basename(found.path), found.path);
      return { path: `./${basename(found.path)}`, external: true };
    });
  }

  const script = { type: /** @type {const} */ ("ESModule"), path: "worker.js", contents: outputFiles[0]?.text ?? "" };
  const beside = [...wasm].map(([name, file]) => ({
    type: /** @type {const} */ ("CompiledWasm"),
    path: name,
    contents: new Uint8Array(readFileSync(file)),
  }));
  return [script, ...beside];
}
