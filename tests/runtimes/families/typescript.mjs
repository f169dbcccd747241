// @ts-check
// TypeScript, strict: both ways of resolving that know `exports`, with the platform's types and without.

import { readFileSync } from "node:fs";
import { runProgram } from "../program.mjs";
import { typescriptVersions } from "../versions.mjs";

const source = (/** @type {string} */ name) => readFileSync(new URL(`../types/${name}`, import.meta.url), "utf8");

const strict = {
  target: "es2022",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // The package's own declarations are looked at too.
  skipLibCheck: false,
  types: [],
  noEmit: true,
};

const ways = {
  nodenext: { files: ["platform.ts", "required.cts"], options: { module: "nodenext", moduleResolution: "nodenext" } },
  bundler: { files: ["platform.ts"], options: { module: "esnext", moduleResolution: "bundler" } },
};

/** @param {keyof typeof ways} way @param {boolean} dom @returns {import("../family.mjs").Cell} */
const cell = (way, dom) => ({
  name: `${way}${dom ? "" : "/no-dom"}`,
  title: `\`${way}\` ${dom ? "with" : "without"} lib.dom`,
  run: async ({ project, tools }) => {
    const files = ["client.ts", ...(dom ? ways[way].files : [])];
    const lib = ["es2022", ...(dom ? ["dom"] : [])];
    const config = { compilerOptions: { ...strict, ...ways[way].options, lib }, files };
    const sources = Object.fromEntries(files.map((file) => [file, source(file)]));
    const cwd = await project({ ...sources, "tsconfig.json": JSON.stringify(config) }, { packages: [tools.path("expect-type")] });
    await runProgram(process.execPath, [tools.bin("typescript", "tsc"), "-p", "."], { cwd });
  },
});

/** @type {readonly import("../family.mjs").Family[]} */
export const typescript = typescriptVersions.map((wanted) => ({
  name: `typescript-${wanted.split(".").slice(0, 2).join(".")}`,
  title: "TypeScript, strict",
  tools: [`typescript@${wanted}`, "expect-type"],
  version: ({ tools }) => tools.version("typescript"),
  cells: [cell("nodenext", true), cell("nodenext", false), cell("bundler", true), cell("bundler", false)],
}));
