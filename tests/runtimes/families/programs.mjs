// @ts-check
// Runtimes that run a program from a file: one that uses the package, after one that does nothing but import it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/lib/paths.mjs";
import { once } from "../family.mjs";
import { runProgram } from "../../support/program.mjs";
import { giving } from "../project.mjs";
import { checkScenario } from "../check-report.mjs";

const main = ["campaign-workflow", "campaign-workflow/emulator", "./gateway.mjs"];

/** How a program gets hold of the package: what it imports, and the consumer's module that uses it. */
const ways = {
  import: { imports: main, use: "use.mjs" },
  require: { imports: main, use: "use.cjs" },
  slim: { imports: ["campaign-workflow/slim"], use: "use-slim.mjs" },
  client: { imports: ["campaign-workflow/client"], use: "use-client.mjs" },
  "client/require": { imports: ["campaign-workflow/client"], use: "use-client.cjs" },
  "client/slim": { imports: ["campaign-workflow/client/slim"], use: "use-client-slim.mjs" },
};

/** The text that only imports, and the one that uses. */
const texts = {
  mjs: {
    imports: (/** @type {string} */ name) => `import "${name}";\n`,
    uses: (/** @type {string} */ use) =>
      `import { use } from "./${use}";\nconsole.log(JSON.stringify(await use(process.argv[2])));\n`,
  },
  cjs: {
    imports: (/** @type {string} */ name) => `require("${name}");\n`,
    uses: (/** @type {string} */ use) =>
      `const { use } = require("./${use}");\nuse(process.argv[2]).then((report) => console.log(JSON.stringify(report)));\n`,
  },
};

const modules = giving(
  (file) => `
import { readFile } from "node:fs/promises";
export const givesModule = async () => WebAssembly.compile(await readFile(new URL(import.meta.resolve("campaign-workflow/${file}"))));
`,
);

const project = once((stage) => stage.project(modules));

/** An import that leaves something running keeps its process; one that does nothing ends in this, however busy the machine. */
const atOnceMs = 30_000;

/**
 * @param {import("../family.mjs").Stage} stage
 * @param {string} command @param {readonly string[]} args those before the program's name
 * @param {keyof typeof ways} way
 */
export async function useByProgram(stage, command, args, way) {
  const { imports, use } = ways[way];
  const kind = use.endsWith(".cjs") ? "cjs" : "mjs";
  const cwd = await project(stage);
  const file = `main.${kind}`;
  writeFileSync(join(cwd, file), imports.map(texts[kind].imports).join(""));
  const said = await runProgram(command, [...args, file], { cwd, timeoutMs: atOnceMs });
  if (said !== "") throw new Error(`Importing it printed: ${said}`);
  writeFileSync(join(cwd, file), texts[kind].uses(use));
  const expected = { client: way.startsWith("client") };
  await checkScenario(
    async (baseUrl) => JSON.parse(await runProgram(command, [...args, file, baseUrl], { cwd })),
    expected,
  );
}

/**
 * Runs the gateway of an example, which is one file, and calls it.
 *
 * @param {import("../family.mjs").Stage} stage @param {string} name of the folder in examples/
 * @param {string} command @param {readonly string[]} args those before the file's name
 * @param {(source: string) => string} [compile] for a runtime that does not run TypeScript
 */
export async function runExample(stage, name, command, args, compile) {
  const source = readFileSync(join(root, "examples", name, "gateway.ts"), "utf8");
  const file = compile ? "gateway.js" : "gateway.ts";
  // What the example for Node needs beside the package.
  const packages = name === "node" ? ["hono", "@hono/node-server"].map((name) => join(root, "node_modules", name)) : [];
  const cwd = await stage.project({ [file]: compile ? compile(source) : source }, { packages });
  // Only now: it imports the package from dist/, which is built before the first cell runs.
  const { callExample } = await import("../../examples/gateway.mjs");
  await callExample(command, [...args, file], cwd);
}
