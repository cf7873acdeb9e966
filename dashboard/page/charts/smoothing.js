/* How much curves are smoothed: one number for all charts, as the slider has it. */

const SHARE = 0.1; /* of what is seen, at the strongest */

/** @type {{ readonly percent: number }} */
export let smoothing = { percent: 25 };

/**
 * The only way to change it.
 * @param {number} percent 0: not at all
 * @returns {number} what it was before
 */
export function setSmoothing(percent) {
  const before = smoothing.percent;
  smoothing = { percent };
  return before;
}

/**
 * How far values reach into a smoothed curve, in steps, where [x0, x1] is seen.
 * @param {number} percent
 * @param {number} x0
 * @param {number} x1
 */
export const reach = (percent, x0, x1) => (percent / 100) ** 2 * (x1 - x0) * SHARE;
