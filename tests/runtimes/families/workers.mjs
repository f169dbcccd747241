// @ts-check
// workerd, the runtime of Cloudflare Workers: through miniflare, with a bundle of esbuild, and through `wrangler dev`.

import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../support/free-port.mjs";
import { startProgram } from "../../support/program.mjs";
import { giving } from "../project.mjs";
import { checkScenario } from "../check-report.mjs";

/** @typedef {import("../family.mjs").Stage} Stage */

const compatibilityDate = "2026-04-01";

/** @param {string} use */
const worker = (use) => `
import { use } from "${use}";
export default {
  async fetch(request) {
    try {
      return Response.json(await use(new URL(request.url).searchParams.get("campaign")));
    } catch (error) {
      return new Response(error + " " + error.cause, { status: 500 });
    }
  },
};
`;

const modules = giving(
  (file) => `import module from "campaign-workflow/${file}";\nexport const givesModule = () => module;\n`,
);

const ways = {
  import: { use: "./use.mjs" },
  slim: { use: "./use-slim.mjs" },
  client: { use: "./use-client.mjs", expected: { client: true } },
  "client/slim": { use: "./use-client-slim.mjs", expected: { client: true } },
};

/** @typedef {{ use: string, expected?: import("../check-report.mjs").Expected }} Way */

/** @param {Way} way */
const filesOf = ({ use }) => ({ "main.mjs": worker(use), ...modules });

/** @param {Response} response */
async function reportIn(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`The Worker answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** @param {Stage} stage @param {Way} way */
async function useInMiniflare({ project, tools }, way) {
  const folder = await bundle(await project(filesOf(way)), tools);
  const modules = readdirSync(folder).map((name) => ({
    type: name.endsWith(".wasm") ? "CompiledWasm" : "ESModule",
    path: join(folder, name),
  }));
  modules.sort((a, b) => Number(a.type === "CompiledWasm") - Number(b.type === "CompiledWasm"));
  const { Miniflare } = await tools.load("miniflare");
  const running = new Miniflare({ modules, modulesRoot: folder, compatibilityDate, cf: false });
  try {
    await checkScenario(
      async (baseUrl) => reportIn(await running.dispatchFetch(`http://localhost/?campaign=${baseUrl}`)),
      way.expected,
    );
  } finally {
    await running.dispose();
  }
}

/** miniflare takes a bundle; modules of WebAssembly stay files beside it. @param {string} project @param {Stage["tools"]} tools */
async function bundle(project, tools) {
  const { build } = await tools.load("esbuild");
  const out = join(project, "out");
  const dist = join(project, "node_modules", "campaign-workflow", "dist");
  await build({
    absWorkingDir: project,
    entryPoints: [join(project, "main.mjs")],
    outfile: join(out, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    plugins: [{ name: "wasm", setup: keepWasmBeside }],
  });
  for (const name of readdirSync(dist)) if (name.endsWith(".wasm")) cpSync(join(dist, name), join(out, name));
  return out;
}

/** @param {any} build esbuild's */
function keepWasmBeside({ onResolve }) {
  onResolve({ filter: /\.wasm$/ }, (/** @type {{ path: string }} */ { path }) => ({
    path: `./${path.split("/").at(-1)}`,
    external: true,
  }));
}

/** @type {import("../family.mjs").Family} */
export const miniflare = {
  name: "miniflare",
  title: "Cloudflare workerd, miniflare",
  tools: ["miniflare", "esbuild"],
  version: ({ tools }) => `${tools.version("miniflare")} (workerd ${tools.version("workerd")})`,
  cells: [
    { name: "import", title: "bundled by esbuild", quick: true, run: (stage) => useInMiniflare(stage, ways.import) },
    { name: "slim", title: "`/slim`", run: (stage) => useInMiniflare(stage, ways.slim) },
    { name: "client", title: "`/client`", quick: true, run: (stage) => useInMiniflare(stage, ways.client) },
    { name: "client/slim", title: "`/client/slim`", run: (stage) => useInMiniflare(stage, ways["client/slim"]) },
  ],
};

const offline = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  CI: "1",
};

/** @param {Stage} stage @param {Way} way */
async function useInWrangler({ project, tools, folder }, way) {
  const config = { name: "consumer", main: "main.mjs", compatibility_date: compatibilityDate };
  const cwd = await project({ ...filesOf(way), "wrangler.json": JSON.stringify(config) });
  const url = `http://127.0.0.1:${await freePort()}/`;
  const args = [
    "dev",
    "--ip",
    "127.0.0.1",
    "--port",
    new URL(url).port,
    "--inspector-port",
    "0",
    "--persist-to",
    folder(),
  ];
  const env = { ...offline, WRANGLER_LOG_PATH: folder(), XDG_CONFIG_HOME: folder() };
  const server = await startProgram(process.execPath, [tools.bin("wrangler"), ...args], {
    cwd,
    env,
    timeoutMs: 60_000,
    ready: (output) => output.includes("Ready on"),
  });
  try {
    await checkScenario(async (baseUrl) => reportIn(await fetch(`${url}?campaign=${baseUrl}`)), way.expected);
  } catch (error) {
    throw new Error(`${error}\n${server.output()}`, { cause: error });
  } finally {
    await server.stop();
  }
}

/** @type {import("../family.mjs").Family} */
export const wrangler = {
  name: "wrangler",
  title: "Cloudflare workerd, `wrangler dev`",
  tools: ["wrangler"],
  version: ({ tools }) => `${tools.version("wrangler")} (workerd ${tools.version("workerd")})`,
  cells: [
    { name: "import", title: "Worker", run: (stage) => useInWrangler(stage, ways.import) },
    { name: "slim", title: "`/slim`", run: (stage) => useInWrangler(stage, ways.slim) },
    { name: "client", title: "`/client`", run: (stage) => useInWrangler(stage, ways.client) },
    { name: "client/slim", title: "`/client/slim`", run: (stage) => useInWrangler(stage, ways["client/slim"]) },
  ],
};
