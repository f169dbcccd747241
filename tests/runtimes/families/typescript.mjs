// @ts-check
// TypeScript, strict: both ways of resolving that know `exports`, with the platform's types and without.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../../support/program.mjs";
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

/** What a consumer writes, for each entry: with any library, with lib.dom, and by require. */
const entries = {
  "": {
    always: ["client.ts"],
    dom: ["platform.ts", ...(hasGateway ? ["gateway.ts"] : [])],
    required: ["required.cts"],
  },
  client: {
    always: ["workflow-client.ts"],
    dom: ["workflow-client-platform.ts"],
    required: ["workflow-client-required.cts"],
  },
};
const resolutions = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** One for each cell. @type {readonly { entry: keyof typeof entries, way: keyof typeof resolutions, dom: boolean }[]} */
const ways = [
  { entry: "", way: "nodenext", dom: true },
  { entry: "", way: "nodenext", dom: false },
  { entry: "", way: "bundler", dom: true },
  { entry: "", way: "bundler", dom: false },
  { entry: "client", way: "nodenext", dom: true },
  { entry: "client", way: "nodenext", dom: false },
  { entry: "client", way: "bundler", dom: true },
  { entry: "client", way: "bundler", dom: false },
];

/** @param {typeof ways[number]} way @returns {readonly string[]} */
function filesOf({ entry, way, dom }) {
  const { always, dom: platform, required } = entries[entry];
  return [...always, ...(dom ? platform : []), ...(dom && way === "nodenext" ? required : [])];
}

/** @param {typeof ways[number]} way */
const configName = ({ entry, way, dom }) =>
  `tsconfig.${[entry, way, dom ? "dom" : "no-dom"].filter(Boolean).join(".")}.json`;

/** @param {typeof ways[number]} way */
function configOf(way) {
  const lib = ["es2022", ...(way.dom ? ["dom"] : [])];
  return JSON.stringify({ compilerOptions: { ...strict, ...resolutions[way.way], lib }, files: filesOf(way) });
}

/** One project for all cells. @param {import("../family.mjs").Stage} stage */
function prepare({ project, tools }) {
  const sources = Object.fromEntries(ways.flatMap(filesOf).map((file) => [file, source(file)]));
  const configs = Object.fromEntries(ways.map((way) => [configName(way), configOf(way)]));
  return project({ ...sources, ...configs }, { packages: [tools.path("expect-type")] });
}

/** @param {typeof ways[number]} way */
function titleOf({ entry, way, dom }) {
  const how = `\`${way}\` ${dom ? "with" : "without"} lib.dom`;
  return entry ? `\`/${entry}\` (${how})` : how;
}

/** @param {typeof ways[number]} way @returns {import("../family.mjs").Cell} */
const cell = (way) => ({
  name: [way.entry, way.way, way.dom ? "" : "no-dom"].filter(Boolean).join("/"),
  title: titleOf(way),
  run: async ({ tools }, cwd) => {
    const read = await runProgram(
      process.execPath,
      [tools.bin("typescript", "tsc"), "-p", configName(way), "--listFiles"],
      { cwd },
    );
    checkDeclarations(cwd, filesOf(way).map(source), read);
  },
});

/**
 * The declarations are those that the package names: where they are not there, TypeScript goes on to the next condition,
 * and may find others beside a script.
 * @param {string} folder @param {readonly string[]} sources @param {string} read the files that TypeScript read
 */
function checkDeclarations(folder, sources, read) {
  const { exports } = JSON.parse(
    readFileSync(join(folder, "node_modules", "campaign-workflow", "package.json"), "utf8"),
  );
  const paths = sources.flatMap((text) =>
    [...text.matchAll(/"campaign-workflow([/\w.-]*)"/g)].map(([, path]) => `.${path}`),
  );
  for (const path of new Set(paths)) {
    const { types } = exports[path];
    assert.ok(
      read.includes(types.replace(/^\./, "/campaign-workflow")),
      `TypeScript did not find the types of "${path}" at ${types}`,
    );
  }
}

/** @type {readonly import("../family.mjs").Family[]} */
export const typescript = typescriptVersions.map((pinnedVersion) => ({
  name: `typescript-${pinnedVersion.split(".").slice(0, 2).join(".")}`,
  title: "TypeScript, strict",
  tools: [`typescript@${pinnedVersion}`, "expect-type"],
  version: ({ tools }) => tools.version("typescript"),
  prepare,
  cells: ways.map(cell),
}));
