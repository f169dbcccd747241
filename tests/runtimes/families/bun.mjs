// @ts-check
// Bun, by import and by require.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isProgram } from "../../../scripts/lib/paths.mjs";
import { Missing } from "../tools.mjs";
import { runExample, useByProgram } from "./programs.mjs";

/** The program itself: the command that npm links is made by an install script. @param {import("../family.mjs").Stage} stage */
function program({ tools }) {
  const builds = tools.path("@oven");
  const found = readdirSync(builds)
    .map((build) => join(builds, build, "bin", "bun"))
    .find(isProgram);
  if (!found) throw new Missing("Bun has no build for this platform.");
  return found;
}

/** @type {import("../family.mjs").Family} */
export const bun = {
  name: "bun",
  title: "Bun",
  tools: ["bun"],
  version: ({ tools }) => tools.version("bun"),
  cells: [
    { name: "import", title: "import", run: (stage) => useByProgram(stage, program(stage), ["run"], "import") },
    { name: "require", title: "require", run: (stage) => useByProgram(stage, program(stage), ["run"], "require") },
    { name: "client", title: "`/client`", run: (stage) => useByProgram(stage, program(stage), ["run"], "client") },
    {
      name: "client/require",
      title: "`/client` by require",
      run: (stage) => useByProgram(stage, program(stage), ["run"], "client/require"),
    },
    {
      name: "gateway",
      title: "the gateway of `examples/bun`",
      run: (stage) => runExample(stage, "bun", program(stage), ["run"]),
    },
  ],
};
