// @ts-check
// The build itself: another one, of a copy of the project in another folder, with cargo's own in another one too and nothing
// built yet, gives the same bytes.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { isUpToDate } from "../../../scripts/build.mjs";
import { cargoHome, putCargoInPath, root, toolsTarget } from "../../../scripts/lib/paths.mjs";
import { runProgram } from "../../support/program.mjs";

const notCopied = ["target", "node_modules", "dist", ".git"];

/** @param {import("../family.mjs").Stage} stage */
async function buildElsewhere({ project, folder }) {
  const copy = join(folder(), "a folder of another name");
  cpSync(root, copy, { recursive: true, filter: (path) => !notCopied.includes(relative(root, path)) });
  // What builds is not what is built.
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, "target"));
  symlinkSync(toolsTarget, join(copy, "target", "tools"));
  const home = join(folder(), "cargo");
  mkdirSync(home);
  for (const name of readdirSync(cargoHome())) symlinkSync(join(cargoHome(), name), join(home, name));
  assert.ok(isUpToDate(), "the sources are those that dist/ was built from: they were changed while this ran");
  await runProgram(process.execPath, [join(copy, "scripts", "build.mjs")], {
    cwd: copy,
    env: { CARGO_HOME: home },
    timeoutMs: 900_000,
  });

  const packed = join(await project({}), "node_modules", "campaign-workflow", "dist");
  const built = join(copy, "dist");
  assert.deepEqual(readdirSync(built).sort(), readdirSync(packed).sort());
  for (const name of readdirSync(built)) {
    assert.ok(readFileSync(join(built, name)).equals(readFileSync(join(packed, name))), `dist/${name} differs`);
  }
}

/** @type {import("../family.mjs").Family} */
export const build = {
  name: "build",
  title: "The build",
  version: async () => {
    putCargoInPath();
    return `rustc ${(await runProgram("rustc", ["--version"], { cwd: root })).split(" ")[1]}`;
  },
  cells: [{ name: "reproducible", title: "the same bytes in another folder", run: buildElsewhere }],
};
