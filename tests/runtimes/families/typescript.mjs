// @ts-check
// TypeScript, strict: both ways of resolving that know `exports`, with the platform's types and without.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../program.mjs";
import { hasGateway } from "../project.mjs";
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

const platform = ["platform.ts", ...(hasGateway ? ["gateway.ts"] : [])];
const ways = {
  nodenext: { files: [...platform, "required.cts"], options: { module: "nodenext", moduleResolution: "nodenext" } },
  bundler: { files: platform, options: { module: "esnext", moduleResolution: "bundler" } },
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
    const tsc = [tools.bin("typescript", "tsc"), "-p", "."];
    await runProgram(process.execPath, tsc, { cwd });
    checkDeclarations(cwd, Object.values(sources), await runProgram(process.execPath, [...tsc, "--listFilesOnly"], { cwd }));
  },
});

/**
 * The declarations are those that the package names: where they are not there, TypeScript goes on to the next condition,
 * and may find others beside a script.
 * @param {string} folder @param {readonly string[]} sources @param {string} read the files that TypeScript read
 */
function checkDeclarations(folder, sources, read) {
  const { exports } = JSON.parse(readFileSync(join(folder, "node_modules", "campaign-workflow", "package.json"), "utf8"));
  const paths = sources.flatMap((text) => [...text.matchAll(/"campaign-workflow([/\w.-]*)"/g)].map(([, path]) => `.${path}`));
  for (const path of new Set(paths)) {
    const { types } = exports[path];
    assert.ok(read.includes(types.replace(/^\./, "/campaign-workflow")), `TypeScript did not find the types of "${path}" at ${types}`);
  }
}

/** @type {readonly import("../family.mjs").Family[]} */
export const typescript = typescriptVersions.map((wanted) => ({
  name: `typescript-${wanted.split(".").slice(0, 2).join(".")}`,
  title: "TypeScript, strict",
  tools: [`typescript@${wanted}`, "expect-type"],
  version: ({ tools }) => tools.version("typescript"),
  cells: [cell("nodenext", true), cell("nodenext", false), cell("bundler", true), cell("bundler", false)],
}));
