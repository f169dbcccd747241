// @ts-check
// The paths of the project, and of programs.

import { delimiter, join } from "node:path";
import { homedir } from "node:os";
import { accessSync, constants, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const dist = join(root, "dist");

const exe = process.platform === "win32" ? ".exe" : "";
export const toolsTarget = join(root, "target", "tools");
export const wasmBindgen = join(toolsTarget, "debug", `wasm-bindgen${exe}`);
export const wasmBindgenTestRunner = join(toolsTarget, "debug", `wasm-bindgen-test-runner${exe}`);

export const cargoHome = () => process.env.CARGO_HOME ?? join(homedir(), ".cargo");

/** Adds rustup's folder to PATH: it may be missing in the terminal in which rustup was installed. */
export function putCargoInPath() {
  const bin = join(cargoHome(), "bin");
  const path = process.env.PATH ?? "";
  if (isFile(join(bin, `cargo${exe}`)) && !path.split(delimiter).includes(bin)) {
    process.env.PATH = path ? `${path}${delimiter}${bin}` : bin;
  }
}

/** @param {string} name @returns {string | null} the program's full path */
export function which(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name + exe);
    if (folder && isProgram(path)) return path;
  }
  return null;
}

/** @param {string} path */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}

/** @param {string} path */
export function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** @param {string} path */
export function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
