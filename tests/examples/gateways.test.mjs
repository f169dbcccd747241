// @ts-check
// The gateway for Node, installed and compiled as `npm install && npm start` does it. Those for Deno and Bun, and Node's without a
// build, run in `npm run test:all`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";
import { npm, run } from "../../scripts/lib/process.mjs";
import { callExample } from "./gateway.mjs";
import { copyExample, manifestOf } from "./project.mjs";

/** @type {Awaited<ReturnType<typeof copyExample>>} */
let project;
before(async () => (project = await copyExample("node")), { timeout: 300_000 });
after(() => project?.remove());

test("Node's gateway refuses a wrong secret, passes commands on, and starts with all of its secrets only", async () => {
  const { start } = manifestOf("node").scripts;
  assert.equal(start, "npm run build && node build/gateway.js");
  await run(...npm("run", "build"), { cwd: project.folder });
  await callExample(process.execPath, ["build/gateway.js"], project.folder);
});

test("every gateway compares its secret in constant time", () => {
  for (const name of ["node", "deno", "bun"]) {
    const source = readFileSync(join(root, "examples", name, "gateway.ts"), "utf8");
    assert.match(source, /authorize: \(request\) => timingSafeEqual\(digest\(.+\), expected\),/, name);
    assert.doesNotMatch(source, /[!=]==?/, name);
  }
});

test("Node's example has the versions that the other tests have", () => {
  const { dependencies, devDependencies, engines } = manifestOf("node");
  const main = manifestOf("..");
  for (const name of ["@hono/node-server", "@types/node", "typescript"])
    assert.equal({ ...dependencies, ...devDependencies }[name], main.devDependencies[name]);
  assert.deepEqual(engines, main.engines);
});
