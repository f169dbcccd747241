// @ts-check
// npm run fuzz:api: a longer run of the fuzzer.
//
//   npm run fuzz:api                          300 examples for each operation
//   npm run fuzz:api -- --examples 2000
//   npm run fuzz:api -- --record <file>       writes every exchange with the Worker, and Campaign's log, to a file
//   CAMPAIGN_SEED=5 npm run fuzz:api          repeats a run

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { setUp } from "../../../scripts/lib/setup.mjs";
import { print } from "../../../scripts/lib/terminal.mjs";
import { invariants } from "./invariants.mjs";
import { seed } from "../../support/random.mjs";
import { fuzz } from "./fuzz-run.mjs";

const { values } = parseArgs({ options: { examples: { type: "string", default: "300" }, record: { type: "string" } } });
await setUp("schemathesis");
print(`CAMPAIGN_SEED=${seed}`);
const run = await fuzz({ seed, examples: Number(values.examples), onLine: print });
print(
  `${run.exchanges.length} requests, ${[...run.executions.values()].reduce((sum, count) => sum + count, 0)} commands executed`,
);
if (values.record)
  writeFileSync(values.record, JSON.stringify({ exchanges: run.exchanges, campaign: run.log }, null, 1));
for (const [what, violations] of invariants) {
  const broken = violations(run);
  print(`${broken.length === 0 ? "✓" : "✗"} ${what}`);
  for (const one of broken.slice(0, 20)) print(`    ${one}`);
  if (broken.length > 0) process.exitCode = 1;
}
