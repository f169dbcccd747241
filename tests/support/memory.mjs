// @ts-check
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("memory-of-calls.mjs", import.meta.url));

/**
 * In bytes: what calls leave on the heap and in WebAssembly's memory, and what a call in flight takes of both, or of the latter.
 * @typedef {{ growth: number, wasm: number, perCall: number, wasmPerCall: number }} MemoryOfCalls
 */

/**
 * Measures a client's memory in its own process.
 * @param {{ module: string, name: string }} client the module, and its export that sends
 * @param {object} request @param {number} calls
 * @returns {Promise<MemoryOfCalls>}
 */
export async function memoryOfCalls({ module, name }, request, calls) {
  const args = ["--expose-gc", program, module, name, JSON.stringify(request), String(calls)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 1_800_000 });
  return JSON.parse(stdout);
}
