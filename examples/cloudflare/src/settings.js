// @ts-check
// The variables of wrangler.jsonc that the door needs, with what holds where one is left out. Times are milliseconds.

/** The longest that a command may be put off: a week. */
export const longestDelayMs = 7 * 24 * 3_600_000;

/**
 * One that is wrong counts as left out here: the workflow's object refuses to send, and says what is wrong.
 * @param {Env} env
 */
export function settingsOf(env) {
  return {
    /** For the whole answer to a command, its wait for the turn included. A client gives a gateway 30 seconds. */
    timeoutMs: milliseconds(env.TIMEOUT_MS, 25_000),
    /** For one request to Campaign. */
    attemptTimeoutMs: milliseconds(env.ATTEMPT_TIMEOUT_MS, 10_000),
  };
}

/** @param {unknown} given @param {number} fallback */
function milliseconds(given, fallback) {
  const number = Number(given);
  return Number.isInteger(number) && number > 0 && number < 2 ** 31 ? number : fallback;
}
