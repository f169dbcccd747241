// @ts-check
// Deadlines: timers that are made where they are waited for, and the time that is left.

/** Something that did not end in time. */
export const LATE = Symbol("late");

/**
 * What a function promises, or LATE.
 *
 * @template T @param {number} ms @param {() => T | Promise<T>} begin @returns {Promise<T | typeof LATE>}
 */
export async function inTime(ms, begin) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms, LATE)));
  try {
    return await /** @type {Promise<any>} */ (Promise.race([begin(), late]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Counts down from now, by a clock that nobody sets: in whole milliseconds, to 0.
 *
 * @param {number} ms
 */
export function countdown(ms) {
  const end = performance.now() + ms;
  return () => Math.max(0, Math.floor(end - performance.now()));
}
