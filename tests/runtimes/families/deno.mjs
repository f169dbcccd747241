// @ts-check
// Deno, with no permission but the network's.

import { runExample, useByProgram } from "./programs.mjs";

const run = ["run", "--no-prompt", "--no-remote", "--allow-net"];

/** @type {import("../family.mjs").Family} */
export const deno = {
  name: "deno",
  title: "Deno",
  tools: ["deno"],
  version: ({ tools }) => tools.version("deno"),
  cells: [
    {
      name: "import",
      title: "with `--allow-net` alone",
      run: (stage) => useByProgram(stage, process.execPath, [stage.tools.bin("deno"), ...run], "import"),
    },
    {
      name: "client",
      title: "`/client`",
      run: (stage) => useByProgram(stage, process.execPath, [stage.tools.bin("deno"), ...run], "client"),
    },
    {
      name: "gateway",
      title: "the gateway of `examples/deno`",
      run: (stage) => runExample(stage, "deno", process.execPath, [stage.tools.bin("deno"), ...run, "--allow-env"]),
    },
  ],
};
