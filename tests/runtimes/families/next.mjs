// @ts-check
// Next.js: an edge route, a node route and a client component, built and served as in production.

import { contentSecurityPolicy } from "../../../scripts/lib/static.mjs";
import { behind, inBrowsers } from "../page.mjs";
import { freePort } from "../ports.mjs";
import { answers, runProgram, startProgram } from "../program.mjs";
import { witness } from "../witness.mjs";

/** @typedef {import("../family.mjs").Stage} Stage */

/** @param {string} runtime */
const route = (runtime) => `
import { use } from "../../use.mjs";
export const runtime = "${runtime}";
export const dynamic = "force-dynamic";
export async function GET(request) {
  return Response.json(await use(new URL(request.url).searchParams.get("campaign")));
}
`;

const files = {
  // next itself is in a node_modules above.
  "next.config.mjs": `import { dirname } from "node:path";\nexport default { turbopack: { root: dirname(import.meta.dirname) } };\n`,
  "app/edge/route.js": route("edge"),
  "app/node/route.js": route("nodejs"),
  "app/layout.js": `export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n`,
  "app/client/page.js": `"use client";
import { useEffect } from "react";
import { use } from "../../use.mjs";
import { tell } from "../../tell.mjs";
export default function Page() {
  useEffect(() => tell(use(location.origin + "/campaign")), []);
  return <p>Consumer</p>;
}
`,
};

const env = { NEXT_TELEMETRY_DISABLED: "1" };

/** @param {Stage} stage @returns {Promise<string>} where it is served */
async function prepare({ project, tools, atEnd }) {
  const cwd = await project(files, { nested: true });
  await runProgram(process.execPath, [tools.bin("next"), "build"], { cwd, env, timeoutMs: 300_000 });
  const origin = `http://127.0.0.1:${await freePort()}`;
  const args = [tools.bin("next"), "start", "--hostname", "127.0.0.1", "--port", new URL(origin).port];
  const server = await startProgram(process.execPath, args, { cwd, env, ready: answers(`${origin}/client`) });
  atEnd(server.stop);
  return origin;
}

/** @param {string} path @param {import("../witness.mjs").Peculiar} [peculiar] @returns {import("../family.mjs").Cell["run"]} */
const byRoute = (path, peculiar) => (_, origin) =>
  witness(async (baseUrl) => {
    const response = await fetch(`${origin}/${path}?campaign=${baseUrl}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`The route answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }, peculiar);

// Next's pages hold scripts and styles of their own in the page.
const policy = contentSecurityPolicy.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

/** @type {import("../family.mjs").Family} */
export const next = {
  name: "next",
  title: "Next.js",
  tools: ["next", "react", "react-dom"],
  version: ({ tools }) => tools.version("next"),
  prepare,
  cells: [
    { name: "edge", title: "edge route", run: byRoute("edge", { awaits: true }) },
    { name: "node", title: "node route", run: byRoute("node") },
    ...inBrowsers({ name: "client", title: "client component", path: "/client", policy, site: (_, origin) => behind(origin) }),
  ],
};
