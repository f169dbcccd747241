// @ts-check
// Next.js: an edge route, a node route and a client component, built and served as in production.

import { contentSecurityPolicy } from "../../../scripts/lib/page-headers.mjs";
import { once } from "../family.mjs";
import { behind, inBrowsers } from "../browser-cells.mjs";
import { freePort } from "../../support/free-port.mjs";
import { responds, runProgram, startProgram } from "../../support/program.mjs";
import { checkScenario } from "../check-report.mjs";

/** @typedef {import("../family.mjs").Stage} Stage */

/** @param {string} runtime @param {string} use */
const route = (runtime, use) => `
import { use } from "${use}";
export const runtime = "${runtime}";
export const dynamic = "force-dynamic";
export async function GET(request) {
  return Response.json(await use(new URL(request.url).searchParams.get("campaign")));
}
`;

/** @param {string} use @param {string} tell */
const component = (use, tell) => `"use client";
import { useEffect } from "react";
import { use } from "${use}";
import { sendReport } from "${tell}";
export default function Page() {
  useEffect(() => sendReport(use(location.origin + "/campaign")), []);
  return <p>Consumer</p>;
}
`;

const files = {
  // next itself is in a node_modules above.
  "next.config.mjs": `import { dirname } from "node:path";\nexport default { turbopack: { root: dirname(import.meta.dirname) } };\n`,
  "app/edge/route.js": route("edge", "../../use.mjs"),
  "app/node/route.js": route("nodejs", "../../use.mjs"),
  "app/component/page.js": component("../../use.mjs", "../../tell.mjs"),
  "app/client/edge/route.js": route("edge", "../../../use-client.mjs"),
  "app/client/node/route.js": route("nodejs", "../../../use-client.mjs"),
  "app/client/component/page.js": component("../../../use-client.mjs", "../../../tell.mjs"),
  "app/layout.js": `export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n`,
};

const env = { NEXT_TELEMETRY_DISABLED: "1" };

/** @param {Stage} stage @returns {Promise<string>} the folder that it was built in */
async function prepare({ project, tools }) {
  const cwd = await project(files, { nested: true });
  await runProgram(process.execPath, [tools.bin("next"), "build"], { cwd, env, timeoutMs: 300_000 });
  return cwd;
}

/** @param {Stage} stage @param {string} cwd @returns {Promise<string>} where it is served */
async function serve({ tools, atEnd }, cwd) {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const args = [tools.bin("next"), "start", "--hostname", "127.0.0.1", "--port", new URL(origin).port];
  const server = await startProgram(process.execPath, args, { cwd, env, ready: responds(`${origin}/component`) });
  atEnd(server.stop);
  return origin;
}

// The routes of one server share the modules that they import, also the one that sees what an import does. So the client has a
// server of its own.
const [main, client] = [once(serve), once(serve)];

/** @param {typeof main} origin @param {string} path @param {import("../check-report.mjs").Expected} [expected] @returns {import("../family.mjs").Cell["run"]} */
const byRoute = (origin, path, expected) => (stage, cwd) =>
  checkScenario(async (baseUrl) => {
    const response = await fetch(`${await origin(stage, cwd)}/${path}?campaign=${baseUrl}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`The route answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }, expected);

/** @param {typeof main} origin @returns {(stage: Stage, cwd: string) => Promise<import("../browser-cells.mjs").Site>} */
const pageOf = (origin) => async (stage, cwd) => behind(await origin(stage, cwd));

// Next's pages hold scripts and styles of their own in the page.
const policy = contentSecurityPolicy
  .replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")
  .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

/** @type {import("../family.mjs").Family} */
export const next = {
  name: "next",
  title: "Next.js",
  tools: ["next", "react", "react-dom"],
  version: ({ tools }) => tools.version("next"),
  prepare,
  cells: [
    { name: "edge", title: "edge route", run: byRoute(main, "edge", { awaits: true }) },
    { name: "node", title: "node route", run: byRoute(main, "node") },
    ...inBrowsers({ name: "component", title: "client component", path: "/component", policy, site: pageOf(main) }),
    {
      name: "client/edge",
      title: "`/client` in an edge route",
      run: byRoute(client, "client/edge", { client: true, awaits: true }),
    },
    { name: "client/node", title: "`/client` in a node route", run: byRoute(client, "client/node", { client: true }) },
    ...inBrowsers({
      name: "client/component",
      title: "`/client` in a client component",
      path: "/client/component",
      policy,
      expected: { client: true },
      site: pageOf(client),
    }),
  ],
};
