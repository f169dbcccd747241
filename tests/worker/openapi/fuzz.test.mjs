// @ts-check
// schemathesis, an independent fuzzer, calls the Worker by its OpenAPI description. CAMPAIGN_SEED=<seed> repeats a run.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { invariants } from "./invariants.mjs";
import { seed } from "../../support/random.mjs";
import { fuzz } from "./fuzz-run.mjs";

describe(`the Worker against its description, seed ${seed}`, () => {
  /** @type {import("./invariants.mjs").Run} */
  let run;
  before(async () => {
    run = await fuzz({ seed, examples: 40 });
    console.log(
      `seed ${seed}: ${run.exchanges.length} requests, ${[...run.executions.values()].reduce((sum, count) => sum + count, 0)} commands executed`,
    );
  });

  for (const [what, violations] of invariants) {
    test(what, () => {
      const broken = violations(run);
      assert.equal(broken.length, 0, `CAMPAIGN_SEED=${seed}\n${broken.slice(0, 5).join("\n")}`);
    });
  }
});
