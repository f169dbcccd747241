// @ts-check
// The packages and bytes in node_modules of a peer with its dependencies, by the lock file.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ours } from "../peers.mjs";

const folder = fileURLToPath(new URL("../peers/", import.meta.url));

/** @param {string} path @returns {number} */
function sizeOf(path) {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === "node_modules") return sum;
    const inner = join(path, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(inner) : entry.isFile() ? statSync(inner).size : 0);
  }, 0);
}

/** Where Node finds a package from a folder. @param {string} name @param {string} from @returns {string | undefined} */
function find(name, from) {
  for (let at = from; at.length >= folder.length - 1; at = join(at, "..")) {
    const path = join(at, "node_modules", name);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/** @param {string} path @param {Set<string>} seen */
function walk(path, seen) {
  if (seen.has(path)) return seen;
  seen.add(path);
  const { dependencies = {} } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    const found = find(name, path);
    if (found) walk(found, seen);
  }
  return seen;
}

/** The content of the package as npm packs it. */
function sizeOfOurs() {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [...files, "package.json", "README.md"].reduce((sum, name) => {
    const path = join(root, name);
    return sum + (statSync(path).isDirectory() ? sizeOf(path) : statSync(path).size);
  }, 0);
}

/** @type {import("../run.mjs").Measure} */
export const install = {
  title: "Bytes installed",
  what: "in node_modules, with all that it needs",
  unit: "kB",
  exact: true,
  base: ours,
  async measure({ peers }) {
    return peers.flatMap((peer) => {
      if (!peer.package) return [];
      if (peer.name === ours)
        return [{ peer: peer.name, samples: [sizeOfOurs() / 1000], note: "1 package, with emulator and types" }];
      const found = find(peer.package, folder);
      if (!found) return [];
      const all = walk(found, new Set());
      const size = [...all].reduce((sum, path) => sum + sizeOf(path), 0);
      return [{ peer: peer.name, samples: [size / 1000], note: `${all.size} package${all.size === 1 ? "" : "s"}` }];
    });
  },
};
