// @ts-check
// Summarises measurements: the median, and the spread.

/** @typedef {{ median: number, low: number, high: number }} Spread low and high: the 10th and the 90th percentile */

/** @param {readonly number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}

/**
 * Ratios round by round: other work on the machine slows both, and cancels out.
 * @param {readonly number[]} values @param {readonly number[]} base of the same rounds
 */
export const ratios = (values, base) => spread(values.map((value, round) => value / (base[round] ?? NaN)));

/** Whether the difference is larger than the variation of the rounds. @param {Spread} ratio */
export const differs = ({ low, high }) => low > 1 || high < 1;
