// @ts-check
// Runtimes that run a program from a file: one that uses the package, after one that does nothing but import it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/lib/paths.mjs";
import { runProgram } from "../program.mjs";
import { witness } from "../witness.mjs";

/** How a program gets hold of the package: the text that imports it and ends, and the one that uses it. */
const ways = {
  import: {
    file: "main.mjs",
    imports: `import "campaign-workflow";\nimport "campaign-workflow/emulator";\nimport "./gateway.mjs";\n`,
    uses: `import { use } from "./use.mjs";\nconsole.log(JSON.stringify(await use(process.argv[2])));\n`,
  },
  require: {
    file: "main.cjs",
    imports: `require("campaign-workflow");\nrequire("campaign-workflow/emulator");\nrequire("./gateway.mjs");\n`,
    uses: `const { use } = require("./use.cjs");\nuse(process.argv[2]).then((report) => console.log(JSON.stringify(report)));\n`,
  },
  slim: {
    file: "main.mjs",
    imports: `import "campaign-workflow/slim";\n`,
    uses: `import { use } from "./use-slim.mjs";\nconsole.log(JSON.stringify(await use(process.argv[2])));\n`,
  },
};

const module = `
import { readFile } from "node:fs/promises";
export const givesModule = async () => WebAssembly.compile(await readFile(new URL(import.meta.resolve("campaign-workflow/core.wasm"))));
`;

/** An import that leaves something running keeps its process; one that does nothing ends in this, however busy the machine. */
const atOnceMs = 30_000;

/**
 * @param {import("../family.mjs").Stage} stage
 * @param {string} command @param {readonly string[]} args those before the program's name
 * @param {keyof typeof ways} way
 */
export async function useByProgram(stage, command, args, way) {
  const { file, imports, uses } = ways[way];
  const cwd = await stage.project({ [file]: imports, "module.mjs": module });
  const said = await runProgram(command, [...args, file], { cwd, timeoutMs: atOnceMs });
  if (said !== "") throw new Error(`Importing it printed: ${said}`);
  writeFileSync(join(cwd, file), uses);
  await witness(async (baseUrl) => JSON.parse(await runProgram(command, [...args, file, baseUrl], { cwd })));
}

/**
 * A project that holds an example's one file.
 *
 * @param {import("../family.mjs").Stage} stage @param {string} name of the folder in examples/
 */
export async function exampleProject(stage, name) {
  return stage.project({ "gateway.ts": readFileSync(join(root, "examples", name, "gateway.ts"), "utf8") });
}
