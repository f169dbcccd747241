// @ts-check
// Bundlers that make one script of a page: each with its own command, in production mode, without plugins for this package.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { files, inBrowsers, pageWith } from "../page.mjs";
import { runProgram } from "../program.mjs";

/** @typedef {import("../family.mjs").Family} Family */
/** @typedef {import("../family.mjs").Stage} Stage */

/**
 * @typedef {object} Bundler
 * @property {string} name
 * @property {string} title
 * @property {readonly string[]} tools  the first is the bundler itself
 * @property {(entry: string, out: string) => string[]} args  of its command
 * @property {(tools: Stage["tools"]) => string} [bin]
 * @property {string} [module]  how the slim entry is given its module, where the bundler has a way
 * @property {readonly string[]} [quick]
 */

const byUrl = (/** @type {string} */ url) => `export const givesModule = () => WebAssembly.compileStreaming(fetch(${url}));\n`;

/** @type {readonly Bundler[]} */
const bundlers = [
  {
    name: "webpack",
    title: "webpack",
    tools: ["webpack", "webpack-cli"],
    bin: (tools) => tools.bin("webpack-cli"),
    args: (entry, out) => ["build", "--mode", "production", "--entry", `./${entry}`, "--output-path", out, "--output-filename", "bundle.js"],
    module: byUrl('new URL("campaign-workflow/core.wasm", import.meta.url)'),
  },
  {
    name: "rollup",
    title: "Rollup, with node-resolve",
    tools: ["rollup", "@rollup/plugin-node-resolve"],
    args: (entry, out) => [entry, "--plugin", "@rollup/plugin-node-resolve", "--format", "es", "--file", join(out, "bundle.js")],
  },
  {
    name: "esbuild",
    title: "esbuild",
    tools: ["esbuild"],
    args: (entry, out) => [entry, "--bundle", "--minify", "--format=esm", "--loader:.wasm=file", `--outfile=${join(out, "bundle.js")}`],
    module: `import url from "campaign-workflow/core.wasm";\n${byUrl("url")}`,
    quick: ["chromium"],
  },
  {
    name: "rolldown",
    title: "rolldown",
    tools: ["rolldown"],
    args: (entry, out) => [entry, "--minify", "--format", "esm", "--file", join(out, "bundle.js")],
  },
];

/** @param {Bundler} bundler @param {Stage} stage @param {string} entry @param {string} module */
async function bundle({ tools: [name = ""], bin = (tools) => tools.bin(name), args }, { project, tools }, entry, module) {
  const cwd = await project({ "module.mjs": module });
  const out = join(cwd, "out");
  await runProgram(bin(tools), args(entry, out), { cwd });
  writeFileSync(join(out, "index.html"), pageWith("/bundle.js"));
  return files(out);
}

/** @type {readonly Family[]} */
export const bundled = bundlers.map((bundler) => {
  const { name, title, tools, module, quick = [] } = bundler;
  return {
    name,
    title,
    tools,
    version: (stage) => stage.tools.version(tools[0] ?? ""),
    cells: [
      ...inBrowsers({ title: "page", quick, site: (stage) => bundle(bundler, stage, "page.mjs", "") }),
      ...(module ? inBrowsers({ name: "slim", title: "`/slim`", site: (stage) => bundle(bundler, stage, "page-slim.mjs", module) }) : []),
    ],
  };
});
