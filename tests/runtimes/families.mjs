// @ts-check
// The matrix of runtimes and tools. A new one is a file in families/, and an entry here.

import { build } from "./families/build.mjs";
import { bun } from "./families/bun.mjs";
import { bundled } from "./families/bundlers.mjs";
import { deno } from "./families/deno.mjs";
import { edgeRuntime } from "./families/edge-runtime.mjs";
import { importMap } from "./families/import-map.mjs";
import { next } from "./families/next.mjs";
import { node, thisNode } from "./families/node.mjs";
import { parcel } from "./families/parcel.mjs";
import { typescript } from "./families/typescript.mjs";
import { vite } from "./families/vite.mjs";
import { miniflare, wrangler } from "./families/workers.mjs";

/** @typedef {import("./family.mjs").Family} Family */

/** @type {readonly Family[]} */
export const families = [
  // First, because it compares with the current sources.
  build,
  ...[...node, deno, bun, miniflare, wrangler, edgeRuntime, next],
  ...[importMap, ...vite, ...bundled, parcel],
  ...typescript,
];

/** For the quick cells of `npm test`: the Node that runs it stands for all versions. @type {readonly Family[]} */
export const quickFamilies = [thisNode, ...families];
