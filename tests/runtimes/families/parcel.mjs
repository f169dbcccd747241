// @ts-check
// Parcel: without an option it reads only a package's main entry; with `packageExports` it reads `exports`, so the other entries, too.

import { join } from "node:path";
import { once } from "../family.mjs";
import { files, inBrowsers, pageWith } from "../browser-cells.mjs";
import { runProgram } from "../../support/program.mjs";

const clientAlone = `
import { whatTheImportDid } from "./probe.mjs";
import * as client from "campaign-workflow";
import { scenario } from "./scenario.mjs";
import { sendReport } from "./tell.mjs";
const imported = whatTheImportDid();
tell(scenario({ imported, client }, location.origin + "/campaign"));
`;

/** @param {import("../family.mjs").Stage} stage @param {Record<string, string>} sources @param {readonly string[]} [pages] */
async function built({ project, tools }, sources, pages = ["index.html"]) {
  const cwd = await project(sources, { nested: true });
  const args = ["build", ...pages, "--dist-dir", "out", "--cache-dir", "cache", "--no-autoinstall"];
  await runProgram(process.execPath, [tools.bin("parcel"), ...args], { cwd });
  return files(join(cwd, "out"));
}

const manifest = { name: "consumer", private: true, type: "module" };
const main = {
  "index.html": pageWith("./main.mjs"),
  "main.mjs": clientAlone,
  "package.json": JSON.stringify(manifest),
};
const exports = {
  "index.html": pageWith("./page.mjs"),
  "client.html": pageWith("./page-client.mjs"),
  "package.json": JSON.stringify({ ...manifest, "@parcel/resolver-default": { packageExports: true } }),
};

const builtWithExports = once((stage) => built(stage, exports, ["index.html", "client.html"]));

/** @type {import("../family.mjs").Family} */
export const parcel = {
  name: "parcel",
  title: "Parcel",
  tools: ["parcel"],
  version: ({ tools }) => tools.version("parcel"),
  cells: [
    ...inBrowsers({ title: "as it is: the main entry", expected: { main: true }, site: (stage) => built(stage, main) }),
    ...inBrowsers({ name: "exports", title: "with `packageExports`: all entries", site: builtWithExports }),
    ...inBrowsers({
      name: "client/exports",
      title: "`/client` with `packageExports`",
      path: "/client.html",
      expected: { client: true },
      site: builtWithExports,
    }),
  ],
};
