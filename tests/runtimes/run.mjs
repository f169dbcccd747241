// @ts-check
// npm run test:all: tests the packed tarball in every runtime and tool of the matrix.
//
//   npm run test:all                             every cell; writes RESULTS.json and the README
//   npm run test:all -- --only deno              one cell, or all of a family; may be repeated. The results of other cells
//                                                stay
//   npm run test:all -- --tarball package.tgz    another tarball; writes nothing
//   npm run test:all -- --list                   their names

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../../scripts/build.mjs";
import { endWithNpm, Failure } from "../../scripts/lib/process.mjs";
import { setUp } from "../../scripts/lib/setup.mjs";
import { bold, columns, dim, duration, green, print, red, yellow } from "../../scripts/lib/terminal.mjs";
import { families } from "./families.mjs";
import { nameOf, runFamily } from "./family.mjs";
import { pack } from "../support/package.mjs";
import { keepResults } from "./results.mjs";

/** @typedef {import("./family.mjs").Result} Result */

const marks = { passed: green("✓"), failed: red("✗"), skipped: yellow("–") };

function readArguments() {
  const { values } = parseArgs({
    options: { only: { type: "string", multiple: true }, tarball: { type: "string" }, list: { type: "boolean" } },
  });
  const { only, tarball, list = false } = values;
  const all = families.flatMap((family) => family.cells.map((cell) => ({ family, cell, name: nameOf(family, cell) })));
  const fits = (/** @type {string} */ name, /** @type {string} */ selector) =>
    name === selector || name.startsWith(`${selector}/`);
  const unknown = only?.find((selector) => !all.some(({ name }) => fits(name, selector)));
  if (unknown !== undefined)
    throw new Failure(`There is no cell "${unknown}". \`npm run test:all -- --list\` names them.`);
  return {
    list,
    tarball,
    cells: all.map(({ name }) => name),
    chosen: only ? all.filter(({ name }) => only.some((selector) => fits(name, selector))) : all,
  };
}

async function main() {
  const { list, tarball, chosen, cells: all } = readArguments();
  if (list)
    return void print(
      columns(
        chosen.map(({ name, family, cell }) => [
          bold(name),
          [family.title, cell.title, cell.browser].filter(Boolean).join(", "),
        ]),
        { indent: 0 },
      ),
    );
  endWithNpm();
  await setUpAndBuild();
  const packed = tarball ? { tarball: resolve(tarball), remove: () => {} } : await pack();
  /** @type {Result[]} */
  const results = [];
  try {
    print(bold("\nRuntimes\n"));
    for (const family of families) {
      const cells = chosen.filter((each) => each.family === family).map(({ cell }) => cell);
      if (cells.length > 0)
        await runFamily(
          family,
          cells,
          packed.tarball,
          (result, error) => (results.push(result), printResult(result, error)),
        );
    }
    if (!tarball) await keepResults(results, all);
  } finally {
    packed.remove();
  }
  report(results);
}

/** Any tarball is tested with this folder's emulator. */
async function setUpAndBuild() {
  print(bold("\nSet-up\n"));
  await setUp("node", "npm", "rust", "tools");
  await build();
}

/** An error that all cells of a family share is printed once. @type {unknown} */
let lastError;

/** @param {Result} result @param {unknown} error */
function printResult({ cell, version, result, ms, reason }, error) {
  print(
    `  ${marks[result]} ${cell.padEnd(34)} ${dim(duration(ms).padStart(9))}  ${dim(version)}${result === "skipped" ? `  ${yellow(`skipped: ${reason}`)}` : ""}`,
  );
  if (result === "failed" && error !== lastError) print(`\n${error instanceof Error ? error.stack : error}\n`);
  lastError = error;
}

/** @param {readonly Result[]} results */
function report(results) {
  const those = (/** @type {Result["result"]} */ kind) => results.filter(({ result }) => result === kind);
  const [passed, failed, skipped] = [those("passed"), those("failed"), those("skipped")];
  print();
  for (const { cell, reason } of skipped) print(yellow(`  skipped  ${cell}: ${reason}`));
  for (const { cell, reason } of failed) print(red(`  failed   ${cell}: ${reason}`));
  print(
    `\n${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped, ${duration(performance.now())}`,
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
}

main().catch((error) => {
  print(
    `\n${error instanceof Failure ? `${error.output.trimEnd()}\n${red(error.message)}`.trim() : red(error?.stack ?? String(error))}`,
  );
  process.exit(1);
});
