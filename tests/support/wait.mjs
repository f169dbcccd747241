// @ts-check
// Waiting in tests: for a time, or until a condition holds.

import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

/**
 * Waits until a condition holds, and fails when it does not within the time.
 * @param {string} what the condition, for the error
 * @param {() => unknown} condition
 * @param {number} [withinMs]
 */
export async function until(what, condition, withinMs = 30_000) {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(10);
  }
}
