// @ts-check
// The bound is wide, because tests share their machine; `bench/gateway-latency.mjs` prints what it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { measureLatency } from "../../bench/gateway-latency.mjs";

test("the gateway adds little to a call in workerd", async () => {
  const { direct, through, addedP50 } = await measureLatency(200);
  assert.ok(direct.p50 > 0 && through.p50 > 0);
  assert.ok(addedP50 < 5, `${addedP50} ms`);
});
