// @ts-check
// The versions that the matrix is run with, each written once: here, or in package.json where the project itself uses
// the tool.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";

/** @type {Record<string, string>} */
const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;

/** Node comes from npm as well: one package per platform. */
export const nodeVersions = ["20.20.2", "22.23.3", "24.21.0", "26.10.0"];

/** @type {Record<string, string>} */
const versions = {
  ...own,
  "@rollup/plugin-node-resolve": "16.0.3",
  bun: "1.4.5",
  deno: "2.9.6",
  "edge-runtime": "4.0.1",
  "expect-type": "1.4.0",
  next: "16.4.6",
  parcel: "2.16.4",
  react: "19.3.1",
  "react-dom": "19.3.1",
  rolldown: "1.3.2",
  rollup: "4.68.7",
  webpack: "5.112.2",
  "webpack-cli": "7.3.1",
  // The newest that declares Node 20.
  wrangler: "4.86.0",
};

/** Tools that more than one version of is tried. */
export const viteVersions = ["7.3.8", "8.3.8"];
export const typescriptVersions = ["5.9.3", "7.0.2"];

/** @param {string} name of a package @returns {string} "name@version" */
export function pinned(name) {
  const version = versions[name];
  if (!version) throw new Error(`${name} has no version in tests/runtimes/versions.mjs.`);
  return `${name}@${version}`;
}

/** Whether the project has this very version installed for itself. @param {string} spec "name@version" */
export const isOwn = (spec) => own[nameIn(spec)] === versionIn(spec);

/** @param {string} spec "name@version" */
export const nameIn = (spec) => spec.slice(0, spec.lastIndexOf("@"));
/** @param {string} spec "name@version" */
export const versionIn = (spec) => spec.slice(spec.lastIndexOf("@") + 1);
