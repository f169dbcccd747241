// @ts-check
// Browsers without a bundler: an import map gives the package's name its place.

import { createHash } from "node:crypto";
import { contentSecurityPolicy } from "../../../scripts/lib/page-headers.mjs";
import { files, inBrowsers, pageWith } from "../browser-cells.mjs";
import { giving } from "../project.mjs";

const below = "/node_modules/campaign-workflow/dist";
const map = JSON.stringify({
  imports: {
    "campaign-workflow": `${below}/index.js`,
    "campaign-workflow/slim": `${below}/slim.js`,
    "campaign-workflow/client": `${below}/client.js`,
    "campaign-workflow/client/slim": `${below}/client-slim.js`,
    "campaign-workflow/emulator": `${below}/emulator.js`,
    "campaign-workflow/gateway": `${below}/gateway.js`,
  },
});
const head = `<script type="importmap">${map}</script>`;
// A map has to be in the page itself, so the policy names it by its hash.
const hash = createHash("sha256").update(map).digest("base64");
const policy = contentSecurityPolicy.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);

const modules = giving(
  (file) => `export const givesModule = () => WebAssembly.compileStreaming(fetch("${below}/${file}"));\n`,
);

/** @param {import("../family.mjs").Stage} stage */
async function prepare({ project }) {
  return project({
    ...modules,
    "index.html": pageWith("/page.mjs", head),
    "slim.html": pageWith("/page-slim.mjs", head),
    "client.html": pageWith("/page-client.mjs", head),
    "client-slim.html": pageWith("/page-client-slim.mjs", head),
  });
}

/** @type {import("../family.mjs").Family} */
export const importMap = {
  name: "import-map",
  title: "No bundler, an import map",
  version: () => "",
  prepare,
  cells: [
    ...inBrowsers({ title: "page", policy, site: (_, folder) => files(folder) }),
    ...inBrowsers({ name: "slim", title: "`/slim`", path: "/slim.html", policy, site: (_, folder) => files(folder) }),
    ...inBrowsers({
      name: "client",
      title: "`/client`",
      path: "/client.html",
      policy,
      expected: { client: true },
      site: (_, folder) => files(folder),
    }),
    ...inBrowsers({
      name: "client/slim",
      title: "`/client/slim`",
      path: "/client-slim.html",
      policy,
      expected: { client: true },
      site: (_, folder) => files(folder),
    }),
  ],
};
