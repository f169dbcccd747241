// @ts-check
// The README tells what the last whole run of the matrix found, of the matrix as it is now.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { families } from "./families.mjs";
import { nameOf } from "./family.mjs";
import { blockIn, blockOf, file, readme } from "./results.mjs";

const kept = JSON.parse(readFileSync(file, "utf8"));
const remedy = "`npm run test:all` writes it anew";

test("the README's tables are those of RESULTS.json", () => {
  assert.equal(blockIn(readFileSync(readme, "utf8")), blockOf(kept), remedy);
});

test("RESULTS.json has every cell of the matrix", () => {
  const cells = families.flatMap((family) => family.cells.map((cell) => nameOf(family, cell)));
  assert.deepEqual(kept.results.map((/** @type {{ cell: string }} */ { cell }) => cell).sort(), cells.sort(), remedy);
});
