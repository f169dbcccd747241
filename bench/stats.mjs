// @ts-check
// What many measurements come to: the median, and how far they lie apart.

/** @typedef {{ median: number, low: number, high: number }} Spread from the tenth to the ninetieth of a hundred */

/** @param {readonly number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}

/**
 * Ratios round by round, since what slows the machine down slows both: the machine's mood goes out of the quotient.
 * @param {readonly number[]} values @param {readonly number[]} base of the same rounds
 */
export const ratios = (values, base) => spread(values.map((value, round) => value / (base[round] ?? NaN)));

/** Whether the difference is wider than what the rounds differ among themselves. @param {Spread} ratio */
export const differs = ({ low, high }) => low > 1 || high < 1;
