// @ts-check
// Vercel's edge runtime, with a bundle of esbuild. It runs a script in a realm of its own; as Vercel's builds do, modules
// of WebAssembly (`?module`) are compiled outside and handed in.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { checkScenario } from "../check-report.mjs";

/** @param {string} use */
const main = (use) => `
import { use } from "${use}";
addEventListener("fetch", (event) => {
  const using = use(new URL(event.request.url).searchParams.get("campaign"));
  event.respondWith(using.then((report) => Response.json(report), (error) => new Response(error + " " + error.cause, { status: 500 })));
});
`;

/** @param {import("../family.mjs").Stage} stage @param {string} use @param {import("../check-report.mjs").Expected} [expected] */
async function run({ project, tools }, use, expected) {
  const folder = await project({ "main.mjs": main(use) });
  /** @type {Record<string, WebAssembly.Module>} */
  const modules = {};
  const { build } = await tools.load("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [join(folder, "main.mjs")],
    bundle: true,
    format: "iife",
    write: false,
    conditions: ["edge-light", "worker", "browser"],
    plugins: [{ name: "wasm?module", setup: (/** @type {any} */ build) => handIn(build, modules) }],
  });
  const { EdgeRuntime } = await tools.load("edge-runtime");
  const runtime = new EdgeRuntime({
    initialCode: outputFiles[0].text,
    extend: (/** @type {any} */ context) => Object.assign(context, modules),
    // As at Vercel: no module is compiled inside.
    codeGeneration: { strings: false, wasm: false },
  });
  await checkScenario(async (baseUrl) => {
    const response = await runtime.dispatchFetch(`http://localhost/?campaign=${baseUrl}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`It answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }, expected);
}

/** @param {any} build esbuild's @param {Record<string, WebAssembly.Module>} modules filled, by the names of globals */
function handIn({ onResolve, onLoad }, modules) {
  onResolve({ filter: /\.wasm\?module$/ }, (/** @type {{ path: string, importer: string }} */ { path, importer }) => {
    return { path: createRequire(importer).resolve(path.replace("?module", "")), namespace: "wasm" };
  });
  onLoad({ filter: /./, namespace: "wasm" }, (/** @type {{ path: string }} */ { path }) => {
    const name = `wasm_${Object.keys(modules).length}`;
    modules[name] = new WebAssembly.Module(readFileSync(path));
    return { contents: `export default ${name};`, loader: "js" };
  });
}

/** @type {import("../family.mjs").Family} */
export const edgeRuntime = {
  name: "edge-runtime",
  title: "Vercel edge-runtime",
  tools: ["edge-runtime", "esbuild"],
  version: ({ tools }) => tools.version("edge-runtime"),
  cells: [
    { title: "bundled by esbuild", run: (stage) => run(stage, "./use.mjs") },
    { name: "client", title: "`/client`", run: (stage) => run(stage, "./use-client.mjs", { client: true }) },
  ],
};
