// @ts-check
// The download of a page for one command: esbuild's minified bundle after brotli 11, with the module if it is a separate file.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { ours } from "../peers.mjs";

/** @param {Uint8Array} bytes */
export const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

/** @param {string} entry @param {readonly string[]} [conditions] */
export async function bundle(entry, conditions = []) {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
    platform: conditions.includes("node") ? "node" : "browser",
    conditions: [...conditions],
    external: ["*.wasm"],
    logLevel: "silent",
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** @type {import("../run.mjs").Measure} */
export const bytes = {
  title: "Bytes shipped",
  what: "a page's download for one command: bundled and minified by esbuild, brotli 11",
  unit: "kB",
  exact: true,
  async measure({ peers }) {
    const rows = [];
    for (const { name, module, browser } of peers) {
      const script = brotli(await bundle(`export * from "${module}";`, browser ? [] : ["node"]));
      rows.push({ peer: name, samples: [script / 1000], note: browser ? "" : "for Node; it is not made for browsers" });
    }
    const wasm = readFileSync(fileURLToPath(import.meta.resolve("campaign-workflow/core.wasm")));
    const apart = [brotli(wasm), brotli(await bundle('export * from "campaign-workflow/slim";'))].map((size) =>
      (size / 1000).toFixed(1),
    );
    for (const row of rows) if (row.peer === ours) row.note = `inlined; apart: wasm ${apart[0]} + script ${apart[1]}`;
    return rows;
  },
};
