// @ts-check
// Measures the download of a user: the module, and the JavaScript around it in one minified file.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { Failure } from "./process.mjs";

/**
 * A module and the minified script around it, in kilobytes after brotli. A build over its limit fails; without a limit the size is only printed.
 *
 * @typedef {{ name: string, module: string, entry: string, limitKb?: number, aimKb?: number }} Budget
 */

/** @type {readonly Budget[]} */
export const budgets = [
  { name: "one command", module: "core.wasm", entry: "index.workerd.js", limitKb: 25, aimKb: 19 },
  { name: "the client", module: "client-core.wasm", entry: "client.workerd.js", limitKb: 45, aimKb: 35 },
  { name: "the gateway", module: "gateway-core.wasm", entry: "gateway.workerd.js" },
  { name: "the Worker", module: "cloudflare-core.wasm", entry: "cloudflare.js" },
];
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

/**
 * Fails if a module is over its limit.
 *
 * @param {string} folder a built package @param {Budget} budget @returns {Promise<Sizes>} in bytes
 */
export async function measure(folder, budget) {
  const sizes = await sizesOf(folder, budget.module, budget.entry);
  const { limitKb = Infinity } = budget;
  if (sizes.totalBrotli > limitKb * 1000)
    throw new Failure(`Over its budget of ${limitKb} kB: ${budget.name}, ${report(sizes, budget)}`);
  return sizes;
}

/** @typedef {{ way: string, script: number, wasm: number, raw: number }} Way in bytes: after brotli, and both without */

/**
 * The download of each way to import the client.
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

/** @param {string} folder @param {string} entry @returns {Promise<Uint8Array>} the entry's JavaScript as one file */
async function minified(folder, entry) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(folder, entry)],
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
    external: ["*.wasm", "cloudflare:*"],
    target: "es2022",
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** @param {Sizes} sizes @param {Budget} budget */
export function report({ wasm, glue, wasmBrotli, glueBrotli, totalBrotli }, { limitKb, aimKb }) {
  const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(2);
  const budget = limitKb === undefined ? "" : `; limit ${limitKb}, aim ${aimKb}`;
  return `${kb(totalBrotli)} kB brotli = wasm ${kb(wasmBrotli)} + glue ${kb(glueBrotli)} (raw ${kb(wasm)} + ${kb(glue)})${budget}`;
}

/** @param {Uint8Array} bytes */
function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}
