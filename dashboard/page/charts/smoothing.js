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
  const x = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) x[i] = grid.x[at[i]];
  const soft = softened(x, means, tau, log, breaks);
  /** @type {Values} */
  const out = new Array(grid.x.length).fill(null);
  for (let i = 0; i < at.length; i++) out[at[i]] = soft[i];
  return out;
}

/**
 * Values smoothed. Nulls stay; nothing is mixed across them nor across a break.
 * @param {ArrayLike<number>} x
 * @param {Values} y
 * @param {number} tau in units of x
 * @param {boolean} log whether in logarithms
 * @param {number[]} [breaks] places on x
 * @returns {Values}
 */
export function softened(x, y, tau, log, breaks = []) {
  const values = measured(y, log);
  const links = linksOf(x, y, tau, breaks);
  const { sums, weights } = before(values, links);
  /** @type {Values} */
  const out = new Array(y.length).fill(null);
  let sum = 0, weight = 0; /* of the values behind, from here on */
  for (let i = y.length - 1; i >= 0; i--) {
    if (y[i] === null) continue;
    const mean = (sums[i] + sum) / (weights[i] + weight);
    out[i] = log ? Math.exp(mean) : mean;
    sum = links[i] * (sum + values[i]);
    weight = links[i] * (weight + 1);
  }
  return out;
}

/**
 * Values as they are mixed; 0 in the place of each null.
 * @param {Values} y
 * @param {boolean} log
 */
function measured(y, log) {
  const values = new Float64Array(y.length);
  for (let i = 0; i < y.length; i++) {
    const value = y[i];
    if (value !== null) values[i] = log ? Math.log(Math.max(value, FLOOR)) : value;
  }
  return values;
}

/**
 * The weight of the value before each, 0 where it does not count.
 * @param {ArrayLike<number>} x
 * @param {Values} y
 * @param {number} tau
 * @param {number[]} breaks
 */
function linksOf(x, y, tau, breaks) {
  const links = new Float64Array(y.length);
  let gap = 0, weight = 1; /* the last one: most are alike, and an exponential is dear */
  for (let i = 1; i < y.length; i++) {
    if (y[i] === null || y[i - 1] === null || crossed(breaks, x[i - 1], x[i])) continue;
    if (x[i] - x[i - 1] !== gap) {
      gap = x[i] - x[i - 1];
      weight = Math.exp(-gap / tau);
    }
    links[i] = weight;
  }
  return links;
}

/**
 * @param {number[]} breaks
 * @param {number} from
 * @param {number} to
 */
const crossed = (breaks, from, to) =>
  breaks.length > 0 && breaks.some((place) => place > from && place <= to);

/**
 * Weighted sums of each value and those before it.
 * @param {Float64Array} values
 * @param {Float64Array} links
 */
function before(values, links) {
  const [sums, weights] = [new Float64Array(values.length), new Float64Array(values.length)];
  let sum = 0, weight = 0;
  for (let i = 0; i < values.length; i++) {
    sum = links[i] * sum + values[i];
    weight = links[i] * weight + 1;
    sums[i] = sum;
    weights[i] = weight;
  }
  return { sums, weights };
}
