// @ts-check
// Node: the one that runs this, for `npm test`, and those of the matrix, which come from npm.

import { join } from "node:path";
import { transformSync } from "esbuild";
import { runProgram } from "../../support/program.mjs";
import { nodeVersions } from "../versions.mjs";
import { runExample, useByProgram } from "./programs.mjs";

/** @typedef {import("../family.mjs").Family} Family */
/** @typedef {import("../family.mjs").Stage} Stage */

const platform = process.platform === "win32" ? "win" : process.platform;
const binary = `node-${platform}-${process.arch}`;

const compile = (/** @type {string} */ source) => transformSync(source, { loader: "ts" }).code;

/** @param {(stage: Stage) => string} program @param {boolean} [quick] @returns {import("../family.mjs").Cell[]} */
const cells = (program, quick = false) =>
  [
    { way: /** @type {const} */ ("import"), title: "import" },
    { way: /** @type {const} */ ("require"), title: "require" },
    { way: /** @type {const} */ ("slim"), title: "`/slim`" },
    { way: /** @type {const} */ ("client"), title: "`/client`" },
    { way: /** @type {const} */ ("client/require"), title: "`/client` by require" },
    { way: /** @type {const} */ ("client/slim"), title: "`/client/slim`" },
  ].map(({ way, title }) => ({
    name: way,
    title,
    quick,
    run: (stage) => useByProgram(stage, program(stage), [], way),
  }));

/** @type {readonly Family[]} */
export const node = nodeVersions.map((pinnedVersion) => {
  const program = (/** @type {Stage} */ { tools }) => join(tools.path(binary), "bin", "node");
  return {
    name: `node-${pinnedVersion.split(".")[0]}`,
    title: "Node",
    tools: [`${binary}@${pinnedVersion}`],
    version: async (stage) =>
      (await runProgram(program(stage), ["--version"], { cwd: stage.folder() })).trim().slice(1),
    cells: [
      ...cells(program),
      {
        name: "gateway",
        title: "the gateway of `examples/node`",
        // Since 22.18, Node runs TypeScript as it is.
        run: (stage) =>
          runExample(stage, "node", program(stage), [], Number.parseInt(pinnedVersion, 10) < 22 ? compile : undefined),
      },
    ],
  };
});

/** @type {Family} */
export const thisNode = {
  name: "this-node",
  title: "Node",
  version: () => process.versions.node,
  cells: cells(() => process.execPath, true),
};
