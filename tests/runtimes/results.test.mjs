// @ts-check
// The README shows the stored results, and the stored results cover the current matrix.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { families } from "./families.mjs";
import { nameOf } from "./family.mjs";
import { blockIn, blockOf, readKept, readme } from "./results.mjs";

const kept = readKept();
const remedy = "`npm run test:all` writes it; with `-- --only <cell>`, only those cells";

test("the README's tables are those of RESULTS.json", () => {
  assert.equal(blockIn(readFileSync(readme, "utf8")), blockOf(kept), remedy);
});

test("RESULTS.json has every cell of the matrix", () => {
  const cells = families.flatMap((family) => family.cells.map((cell) => nameOf(family, cell)));
  assert.deepEqual(kept.results.map(({ cell }) => cell).sort(), cells.sort(), remedy);
});
