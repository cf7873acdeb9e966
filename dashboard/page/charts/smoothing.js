/* How curves are smoothed: the strength that all charts share, and the smoothing itself. */
import { FLOOR, gathered } from "./grid.js";

const SHARE = 0.1; /* of what is seen, at the strongest */

export const USUAL = 25; /* percent */

/** @type {{ readonly percent: number }} */
export let smoothing = { percent: USUAL };

/**
 * The only way to change it.
 * @param {number} percent 0: not at all
 */
export function setSmoothing(percent) {
  smoothing = { percent };
}

/**
 * How far values reach into a smoothed curve, in steps, where [x0, x1] is seen.
 * @param {number} percent
 * @param {number} x0
 * @param {number} x1
 */
export const reach = (percent, x0, x1) => (percent / 100) ** 2 * (x1 - x0) * SHARE;

/** @import { Bins } from "../data/bins.js" */
/** @import { Grid, Values } from "./grid.js" */

/**
 * The means of a series' bins on the slots of a chart, smoothed.
 * @param {Bins | undefined} bins
 * @param {Grid} grid
 * @param {number} tau in steps
 * @param {boolean} log whether in logarithms
 * @param {number[]} breaks steps across which nothing is mixed: where a setting changed, the curve may jump
 * @returns {Values}
 */
export function smooth(bins, grid, tau, log, breaks) {
  const { at, means } = gathered(bins, grid);
  const soft = softened(at.map((slot) => grid.x[slot]), means, tau, log, breaks);
  /** @type {Values} */
  const out = new Array(grid.x.length).fill(null);
  at.forEach((slot, i) => (out[slot] = soft[i]));
  return out;
}

/**
 * Values smoothed. Nulls stay; nothing is mixed across them nor across a break.
 * @param {number[]} x
 * @param {Values} y
 * @param {number} tau in units of x
 * @param {boolean} log whether in logarithms
 * @param {number[]} [breaks] places on x
 * @returns {Values}
 */
export function softened(x, y, tau, log, breaks = []) {
  const values = y.map((value) => (log && value !== null ? Math.log(Math.max(value, FLOOR)) : value));
  const links = x.map((_, i) => {
    const apart = i === 0 || y[i] === null || y[i - 1] === null ||
      breaks.some((place) => place > x[i - 1] && place <= x[i]);
    return apart ? 0 : Math.exp((x[i - 1] - x[i]) / tau);
  });
  const { sums, weights } = before(values, links);
  /** @type {Values} */
  const out = new Array(y.length).fill(null);
  let sum = 0, weight = 0; /* of the values behind, from here on */
  for (let i = y.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value === null) continue;
    const mean = (sums[i] + sum) / (weights[i] + weight);
    out[i] = log ? Math.exp(mean) : mean;
    [sum, weight] = [links[i] * (sum + value), links[i] * (weight + 1)];
  }
  return out;
}

/**
 * Weighted sums of each value and those before it.
 * @param {Values} values
 * @param {number[]} links the weight of the value before each, 0 where it does not count
 */
function before(values, links) {
  const [sums, weights] = [new Float64Array(values.length), new Float64Array(values.length)];
  let sum = 0, weight = 0;
  for (let i = 0; i < values.length; i++) {
    [sum, weight] = [links[i] * sum + (values[i] ?? 0), links[i] * weight + 1];
    [sums[i], weights[i]] = [sum, weight];
  }
  return { sums, weights };
}
