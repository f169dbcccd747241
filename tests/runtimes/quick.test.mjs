// @ts-check
// The quick cells of the matrix. `npm run test:all` runs all of them.

import { after, before, describe, test } from "node:test";
import { quickFamilies } from "./families.mjs";
import { nameOf, runFamily } from "./family.mjs";
import { pack } from "../support/package.mjs";

describe("the packed tarball works in", { timeout: 600_000 }, () => {
  /** @type {Awaited<ReturnType<typeof pack>>} */
  let packed;
  before(async () => (packed = await pack()));
  after(() => packed?.remove());

  for (const family of quickFamilies) {
    for (const cell of family.cells.filter(({ quick }) => quick)) {
      test(`${nameOf(family, cell)}: ${family.title}, ${cell.title}`, async () => {
        // A cell that can't run has failed: the project has its tools.
        await runFamily(family, [cell], packed.tarball, ({ result }, error) => {
          if (result !== "passed") throw error;
        });
      });
    }
  }
});
