// @ts-check
// The cells of the matrix that `npm test` has the time for. `npm run test:all` runs the others.

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
        // What can't run here has failed: its tools are the project's own.
        await runFamily(family, [cell], packed.tarball, ({ result }, error) => {
          if (result !== "passed") throw error;
        });
      });
    }
  }
});
