// @ts-check
// The soak of bench/, in short: thousands of calls with mixed faults leave nothing behind.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("thousands of calls leave no growth, and all that are in flight at once settle", async () => {
  const script = fileURLToPath(new URL("../../bench/soak.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, "--short"], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0, output);
  assert.match(output, /^22000 of 22000 calls ended as they should/m);
});
