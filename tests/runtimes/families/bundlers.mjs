// @ts-check
// Bundlers that make one script of a page: each with its own command, in production mode, without plugins for this package.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "../family.mjs";
import { files, inBrowsers, pageWith } from "../browser-cells.mjs";
import { runProgram } from "../../support/program.mjs";
import { giving } from "../project.mjs";

/** @typedef {import("../family.mjs").Family} Family */
/** @typedef {import("../family.mjs").Stage} Stage */

/**
 * @typedef {object} Bundler
 * @property {string} name
 * @property {string} title
 * @property {readonly string[]} tools  the first is the bundler itself
 * @property {(entry: string, out: string) => string[]} args  of its command
 * @property {(tools: Stage["tools"]) => string} [bin]
 * @property {(file: string) => string} [module]  how a slim entry is given its module, where the bundler has a way
 * @property {readonly string[]} [quick]
 */

const byUrl = (/** @type {string} */ url) =>
  `export const givesModule = () => WebAssembly.compileStreaming(fetch(${url}));\n`;

/** @type {readonly Bundler[]} */
const bundlers = [
  {
    name: "webpack",
    title: "webpack",
    tools: ["webpack", "webpack-cli"],
    bin: (tools) => tools.bin("webpack-cli"),
    args: (entry, out) => [
      "build",
      "--mode",
      "production",
      "--entry",
      `./${entry}`,
      "--output-path",
      out,
      "--output-filename",
      "bundle.js",
    ],
    module: (file) => byUrl(`new URL("campaign-workflow/${file}", import.meta.url)`),
  },
  {
    name: "rollup",
    title: "Rollup, with node-resolve",
    tools: ["rollup", "@rollup/plugin-node-resolve"],
    args: (entry, out) => [
      entry,
      "--plugin",
      "@rollup/plugin-node-resolve",
      "--format",
      "es",
      "--file",
      join(out, "bundle.js"),
    ],
  },
  {
    name: "esbuild",
    title: "esbuild",
    tools: ["esbuild"],
    args: (entry, out) => [
      entry,
      "--bundle",
      "--minify",
      "--format=esm",
      "--loader:.wasm=file",
      `--outfile=${join(out, "bundle.js")}`,
    ],
    module: (file) => `import url from "campaign-workflow/${file}";\n${byUrl("url")}`,
    quick: ["chromium"],
  },
  {
    name: "rolldown",
    title: "rolldown",
    tools: ["rolldown"],
    args: (entry, out) => [entry, "--minify", "--format", "esm", "--file", join(out, "bundle.js")],
  },
];

/** @param {Bundler} bundler @param {Stage} stage @param {string} cwd the project's folder @param {string} entry */
async function bundle({ tools: [name = ""], bin = (tools) => tools.bin(name), args }, { tools, folder }, cwd, entry) {
  const out = folder();
  await runProgram(bin(tools), args(entry, out), { cwd });
  writeFileSync(join(out, "index.html"), pageWith("/bundle.js"));
  return files(out);
}

/** @type {readonly Family[]} */
export const bundled = bundlers.map((bundler) => {
  const { name, title, tools, module, quick = [] } = bundler;
  const project = once((stage) => stage.project(module ? giving(module) : {}));
  const site = (/** @type {string} */ entry) => async (/** @type {Stage} */ stage) =>
    bundle(bundler, stage, await project(stage), entry);
  return {
    name,
    title,
    tools,
    version: (stage) => stage.tools.version(tools[0] ?? ""),
    cells: [
      ...inBrowsers({ title: "page", quick, site: site("page.mjs") }),
      ...(module ? inBrowsers({ name: "slim", title: "`/slim`", site: site("page-slim.mjs") }) : []),
      ...inBrowsers({
        name: "client",
        title: "`/client`",
        quick,
        expected: { client: true },
        site: site("page-client.mjs"),
      }),
      ...(module
        ? inBrowsers({
            name: "client/slim",
            title: "`/client/slim`",
            expected: { client: true },
            site: site("page-client-slim.mjs"),
          })
        : []),
    ],
  };
});
