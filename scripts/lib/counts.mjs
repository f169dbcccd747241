// @ts-check
// Reads the numbers of tests from the output of the test runners.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * cargo test and wasm-bindgen-test: "test result: ok. 12 passed; 0 failed; 1 ignored; …", once per test program.
 * @param {string} output @returns {Counts}
 */
export function cargoCounts(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  return counts;
}

/**
 * node --test, with any reporter: "# pass 3" or "ℹ pass 3". A cancelled test did not pass.
 * @param {string} output @returns {Counts}
 */
export function nodeCounts(output) {
  const count = (/** @type {string} */ word) => {
    const all = [...output.matchAll(new RegExp(`^[#ℹ] ${word} (\\d+)$`, "gm"))];
    return Number(all.at(-1)?.[1] ?? 0);
  };
  return {
    passed: count("pass"),
    failed: count("fail") + count("cancelled"),
    skipped: count("skipped") + count("todo"),
  };
}
