// @ts-check
// The matrix: where the packed tarball is tried. A further runtime is a file beside the others, and a name here.

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
  // First: it compares with the sources as they are.
  build,
  ...[...node, deno, bun, miniflare, wrangler, edgeRuntime, next],
  ...[importMap, ...vite, ...bundled, parcel],
  ...typescript,
];

/** Where `npm test` looks for its quick cells: the Node that runs it stands for all of them. @type {readonly Family[]} */
export const quickFamilies = [thisNode, ...families];
