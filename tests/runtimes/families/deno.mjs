// @ts-check
// Deno, with no permission but the network's.

import { useByProgram } from "./programs.mjs";

const run = ["run", "--no-prompt", "--no-remote", "--allow-net"];

/** @type {import("../family.mjs").Family} */
export const deno = {
  name: "deno",
  title: "Deno",
  tools: ["deno"],
  version: ({ tools }) => tools.version("deno"),
  cells: [
    { title: "with `--allow-net` alone", run: (stage) => useByProgram(stage, process.execPath, [stage.tools.bin("deno"), ...run], "import") },
  ],
};
