// @ts-check
// Vite: what its build makes, and its development server, which serves modules one by one.

import { once } from "../family.mjs";
import { behind, files, inBrowsers, pageWith } from "../browser-cells.mjs";
import { freePort } from "../../support/free-port.mjs";
import { responds, runProgram, startProgram } from "../../support/program.mjs";
import { giving } from "../project.mjs";
import { viteVersions } from "../versions.mjs";
import { contentSecurityPolicy } from "../../../scripts/lib/page-headers.mjs";

/** @typedef {import("../family.mjs").Stage} Stage */

const modules = giving(
  (file) =>
    `import url from "campaign-workflow/${file}?url";\nexport const givesModule = () => WebAssembly.compileStreaming(fetch(url));\n`,
);

const project = once(({ project }) =>
  project({
    ...modules,
    "page/index.html": pageWith("../browser-cells.mjs"),
    "slim/index.html": pageWith("../page-slim.mjs"),
    "client/index.html": pageWith("../page-client.mjs"),
    "client-slim/index.html": pageWith("../page-client-slim.mjs"),
  }),
);

/** @param {Stage} stage @param {string} page its folder */
async function built(stage, page) {
  const cwd = await project(stage);
  const out = stage.folder();
  await runProgram(process.execPath, [stage.tools.bin("vite"), "build", page, "--outDir", out], { cwd });
  return files(out);
}

const served = once(async (/** @type {Stage} */ { project, tools, atEnd }) => {
  const cwd = await project({ "index.html": pageWith("/page.mjs"), "client.html": pageWith("/page-client.mjs") });
  const origin = `http://127.0.0.1:${await freePort()}`;
  const args = [tools.bin("vite"), "--host", "127.0.0.1", "--port", new URL(origin).port, "--strictPort"];
  const server = await startProgram(process.execPath, args, { cwd, ready: responds(origin) });
  atEnd(server.stop);
  return behind(origin);
});

// The development server's own client opens a socket for changes.
const policy = contentSecurityPolicy.replace("connect-src 'self'", "connect-src 'self' ws:");

/** @type {readonly import("../family.mjs").Family[]} */
export const vite = viteVersions.map((pinnedVersion) => ({
  name: `vite-${pinnedVersion.split(".")[0]}`,
  title: "Vite",
  tools: [`vite@${pinnedVersion}`],
  version: ({ tools }) => tools.version("vite"),
  cells: [
    ...inBrowsers({ name: "build", title: "build", site: (stage) => built(stage, "page") }),
    ...inBrowsers({ name: "dev", title: "development server", policy, site: served }),
    ...inBrowsers({ name: "slim", title: "`/slim`", site: (stage) => built(stage, "slim") }),
    ...inBrowsers({
      name: "client/build",
      title: "`/client` in a build",
      expected: { client: true },
      site: (stage) => built(stage, "client"),
    }),
    ...inBrowsers({
      name: "client/dev",
      title: "`/client` by the development server",
      path: "/client.html",
      policy,
      expected: { client: true },
      site: served,
    }),
    ...inBrowsers({
      name: "client/slim",
      title: "`/client/slim`",
      expected: { client: true },
      site: (stage) => built(stage, "client-slim"),
    }),
  ],
}));
