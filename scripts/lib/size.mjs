// @ts-check
// What a user downloads, measured: the module, and everything of JavaScript around it in one minified file.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { Failure } from "./process.mjs";

/** Kilobytes of wasm and minified glue after brotli: no build is over it. */
export const LIMIT_KB = 25;
export const AIM_KB = 19;
/** Kilobytes after brotli of the entry with the module inlined, as a page loads it. */
export const INLINED_LIMIT_KB = 28;

/** @typedef {{ wasm: number, glue: number, wasmBrotli: number, glueBrotli: number, totalBrotli: number }} Sizes */

/**
 * @param {string} folder a built package @param {string} [module] @param {string} [entry]
 * @returns {Promise<Sizes>} in bytes
 */
export async function sizesOf(folder, module = "core.wasm", entry = "index.workerd.js") {
  const wasm = readFileSync(join(folder, module));
  const glue = await minified(folder, entry);
  const [wasmBrotli, glueBrotli] = [brotli(wasm), brotli(glue)];
  return { wasm: wasm.length, glue: glue.length, wasmBrotli, glueBrotli, totalBrotli: wasmBrotli + glueBrotli };
}

/** @param {string} folder a built package @returns {Promise<Sizes>} in bytes */
export async function measure(folder) {
  const sizes = await sizesOf(folder);
  if (sizes.totalBrotli > LIMIT_KB * 1000) {
    throw new Failure(`The client is over its budget of ${LIMIT_KB} kB brotli: ${report(sizes)}`);
  }
  return sizes;
}

/** @typedef {{ way: string, script: number, wasm: number, raw: number }} Way in bytes: after brotli, and both without */

/**
 * What each way to import the client downloads.
 * @param {string} folder a built package @returns {Promise<Way[]>}
 */
export async function measureWays(folder) {
  const module = readFileSync(join(folder, "core.wasm"));
  const way = async (/** @type {string} */ name, /** @type {string} */ entry, /** @type {Uint8Array} */ wasm) => {
    const script = await minified(folder, entry);
    return { way: name, script: brotli(script), wasm: wasm.length && brotli(wasm), raw: script.length + wasm.length };
  };
  return [
    await way("inlined", "index.js", new Uint8Array()),
    await way("imported", "index.workerd.js", module),
    await way("slim", "slim.js", module),
  ];
}

/** @param {string} folder @param {string} entry @returns {Promise<Uint8Array>} all of the entry's JavaScript as one file */
async function minified(folder, entry) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
    external: ["*.wasm"],
    target: "es2022",
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** The client's, with what it may be. @param {Sizes} sizes */
export const report = (sizes) => `${summary(sizes)}; limit ${LIMIT_KB}, aim ${AIM_KB}`;

/** @param {Sizes} sizes */
export function summary({ wasm, glue, wasmBrotli, glueBrotli, totalBrotli }) {
  const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(2);
  return `${kb(totalBrotli)} kB brotli = wasm ${kb(wasmBrotli)} + glue ${kb(glueBrotli)} (raw ${kb(wasm)} + ${kb(glue)})`;
}

/** @param {Uint8Array} bytes */
function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}
