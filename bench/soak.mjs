// @ts-check
// The long soaks, each in its own process: a million calls with mixed faults, and a million commands of sendAll.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "../scripts/lib/process.mjs";
import { step } from "../scripts/lib/terminal.mjs";

const soaks = [
  { title: "A million calls", program: "calls.mjs", report: "SOAK.md" },
  { title: "A million commands of sendAll", program: "send-all.mjs", report: "SEND-ALL.md" },
];

/** Runs them and writes their reports. A soak that finds a growth or a wrong result rejects. */
export async function runSoaks() {
  for (const { title, program, report } of soaks) {
    await step(title, async (task) => {
      const file = fileURLToPath(new URL(`../tests/support/soak/${program}`, import.meta.url));
      const markdown = await run(process.execPath, [file, "--long"], { onLine: task.status });
      writeFileSync(new URL(report, import.meta.url), markdown);
      task.note(`bench/${report}`);
    });
  }
}
