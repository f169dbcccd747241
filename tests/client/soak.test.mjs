// @ts-check
// The soaks of `npm run bench -- --soak`, in short: many calls leave nothing behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { attempt } from "../../scripts/lib/process.mjs";

/** @param {string} name of the program */
const soak = (name) =>
  attempt(process.execPath, [fileURLToPath(new URL(`../support/soak/${name}.mjs`, import.meta.url))]);

test("22,000 calls with mixed faults all end as they should, and leave no growth", async () => {
  const { code, output } = await soak("calls");
  assert.equal(code, 0, output);
  assert.match(output, /^22000 of 22000 calls ended as they should/m);
});

test("20,000 commands of sendAll keep each workflow's order, and leave no growth", async () => {
  const { code, output } = await soak("send-all");
  assert.equal(code, 0, output);
  assert.match(output, /accepted \| 20,000 of 20,000/);
});
