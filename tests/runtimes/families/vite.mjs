// @ts-check
// Vite: what its build makes, and its development server, which serves modules one by one.

import { join } from "node:path";
import { behind, files, inBrowsers, pageWith } from "../page.mjs";
import { freePort } from "../ports.mjs";
import { answers, runProgram, startProgram } from "../program.mjs";
import { viteVersions } from "../versions.mjs";
import { contentSecurityPolicy } from "../../../scripts/lib/static.mjs";

/** @typedef {import("../family.mjs").Stage} Stage */

const slim = {
  "slim/index.html": pageWith("../page-slim.mjs"),
  "module.mjs": `import url from "campaign-workflow/core.wasm?url";\nexport const givesModule = () => WebAssembly.compileStreaming(fetch(url));\n`,
};

/** @param {Stage} stage @param {string} page its folder */
async function built({ project, tools }, page) {
  const cwd = await project({ "index.html": pageWith("./page.mjs"), ...slim });
  await runProgram(process.execPath, [tools.bin("vite"), "build", page, "--outDir", join(cwd, "out")], { cwd });
  return files(join(cwd, "out"));
}

/** @param {Stage} stage */
async function served({ project, tools, atEnd }) {
  const cwd = await project({ "index.html": pageWith("/page.mjs") });
  const origin = `http://127.0.0.1:${await freePort()}`;
  const args = [tools.bin("vite"), "--host", "127.0.0.1", "--port", new URL(origin).port, "--strictPort"];
  const server = await startProgram(process.execPath, args, { cwd, ready: answers(origin) });
  atEnd(server.stop);
  return behind(origin);
}

// The development server's own client opens a socket for changes.
const policy = contentSecurityPolicy.replace("connect-src 'self'", "connect-src 'self' ws:");

/** @type {readonly import("../family.mjs").Family[]} */
export const vite = viteVersions.map((wanted) => ({
  name: `vite-${wanted.split(".")[0]}`,
  title: "Vite",
  tools: [`vite@${wanted}`],
  version: ({ tools }) => tools.version("vite"),
  cells: [
    ...inBrowsers({ name: "build", title: "build", site: (stage) => built(stage, ".") }),
    ...inBrowsers({ name: "dev", title: "development server", policy, site: served }),
    ...inBrowsers({ name: "slim", title: "`/slim`", site: (stage) => built(stage, "slim") }),
  ],
}));
