// @ts-check
// The variables of wrangler.jsonc, with what holds where one is left out. Times are milliseconds.

const hour = 3_600_000;

/** How long a key is known after its command was settled. */
export const keyLifetimeMs = 24 * hour;

/** The longest that a message may wait in a queue. */
export const longestDelayMs = 12 * hour;

/** @param {Env} env */
export function settingsOf(env) {
  return {
    /** How long a command waits for a pending one of the same workflow. */
    waitMs: env.WHEN_BUSY === "refuse" ? 0 : Number(env.WAIT_MS ?? 8000),
    /** For the whole answer to a command, its wait for the turn included. A client gives a gateway 30 seconds. */
    timeoutMs: Number(env.TIMEOUT_MS ?? 25_000),
    /** For one request to Campaign. */
    attemptTimeoutMs: Number(env.ATTEMPT_TIMEOUT_MS ?? 10_000),
    /** How often a queued command is tried while it is certain that it was not executed. */
    maxTries: Number(env.MAX_TRIES ?? 6),
    /** The wait before the second try of a queued command; it doubles with each. */
    retryMs: Number(env.RETRY_MS ?? 5000),
    /** When a message that nothing was heard of is put into the queue again. */
    repostMs: Number(env.REPOST_MS ?? 15 * 60_000),
    clockOffsetMs: Number(env.CLOCK_OFFSET_MS ?? 0),
  };
}

/** @typedef {ReturnType<typeof settingsOf>} Settings */
