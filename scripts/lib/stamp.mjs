// @ts-check
// Tells whether a result is up to date: a hash of its inputs is stored beside it.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./paths.mjs";

/**
 * The hash of files and folders (all files below them, by name and content) and of other texts such as versions.
 * @param {readonly string[]} paths relative to the project's folder; one that is absent counts as absent
 * @param {readonly string[]} [words]
 */
export function hashOf(paths, words = []) {
  const hash = createHash("sha256");
  for (const word of words) hash.update(`word ${word}\n`);
  for (const path of paths) {
    for (const file of filesBelow(join(root, path))) {
      hash.update(`file ${relative(root, file)}\n`);
      hash.update(createHash("sha256").update(readFileSync(file)).digest());
    }
  }
  return hash.digest("hex");
}

/** @param {string} path @returns {string[]} sorted, to be independent of the order on the disk */
function filesBelow(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== "target" && name !== "node_modules")
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** @param {string} file the stamp @param {string} hash */
export function isStamped(file, hash) {
  try {
    return readFileSync(file, "utf8") === hash;
  } catch {
    return false;
  }
}

/** @param {string} file the stamp @param {string} hash */
export function stamp(file, hash) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}
