/* Bands as lines to draw: smoothed, with their edges and their extent. Pure functions. */
import { FLOOR } from "../charts/grid.js";
import { softened } from "../charts/smoothing.js";
import { ALONE } from "../data/past.js";
import { parsed } from "../lib/numbers.js";

/** @import { Band } from "../api/schema.d.ts" */
/** @import { Past } from "../data/past.js" */
/** @typedef {(number | null)[]} Column null where there is nothing to draw */
/**
 * @typedef {object} BandLine
 * @property {number[]} x
 * @property {Column} mean
 * @property {Column} solid the mean, smoothed
 * @property {Column} low the lower edge
 * @property {Column} high
 * @property {number[]} odd where the mean is not a finite number
 * @property {Past} past what of it other lines have as well, on its x
 */

/**
 * A band as a line. Edges of a single run are the extremes of each interval, those of a group its
 * mean ∓ deviation.
 * @param {Pick<Band, "steps" | "x" | "mean" | "deviation" | "low" | "high">} band
 * @param {{ alone?: boolean, log: boolean, tau: number, past?: Past }} options `tau` is the smoothing, in
 * units of x; `past` is in steps
 * @returns {BandLine}
 */
export function bandLines(band, { alone, log, tau, past = ALONE }) {
  const x = band.x?.length ? band.x : band.steps;
  const mean = numbers(band.mean, log);
  const [low, high] = alone ? [numbers(band.low, log), numbers(band.high, log)] : edges(band, mean, log);
  const soft = (/** @type {Column} */ y) => (tau > 0 ? softened(x, y, tau, log) : y);
  return {
    x,
    mean,
    solid: soft(mean),
    low: alone ? low : soft(low),
    high: alone ? high : soft(high),
    odd: x.filter((_, i) => mean[i] === null),
    past: { begin: along(band, past.begin), own: along(band, past.own) },
  };
}

/**
 * A step's place on the axis of a band, 0 where it begins.
 * @param {Pick<Band, "steps" | "x">} band
 * @param {number} step
 */
function along({ steps, x }, step) {
  if (!x?.length || step <= 0) return step;
  const place = steps.findIndex((one) => one >= step);
  return x[place < 0 ? x.length - 1 : place] ?? 0;
}

/**
 * @param {number[] | undefined} column as the API writes it
 * @param {boolean} log
 * @returns {Column}
 */
const numbers = (column, log) => (column ?? []).map((value) => finite(parsed(value), log));

/**
 * @param {number} value
 * @param {boolean} log
 */
const finite = (value, log) => (Number.isFinite(value) ? (log && value <= 0 ? FLOOR : value) : null);

/**
 * The mean ∓ deviation, as far as any run was: a share never leaves [0, 1]. On a logarithmic axis never
 * below a tenth of the mean.
 * @param {Pick<Band, "deviation" | "low" | "high">} band
 * @param {Column} mean
 * @param {boolean} log
 * @returns {[Column, Column]}
 */
function edges(band, mean, log) {
  const [deviation, least, most] = [band.deviation, band.low, band.high].map((column) => column.map(parsed));
  const edge = (/** @type {number} */ sign) =>
    mean.map((m, i) => {
      if (m === null || !Number.isFinite(deviation[i])) return null;
      const value = Math.min(most[i], Math.max(least[i], m + sign * deviation[i]));
      return log ? Math.max(value, m / 10) : value;
    });
  return [edge(-1), edge(1)];
}

/**
 * The least and the greatest of what is drawn in [x0, x1], or null.
 * @param {BandLine[]} lines
 * @param {number} x0
 * @param {number} x1
 * @returns {[number, number] | null}
 */
export function bandExtent(lines, x0, x1) {
  /** @type {[number, number]} */
  const range = [Infinity, -Infinity];
  for (const { x, mean, low, high } of lines) {
    for (const column of [mean, low, high]) widen(range, x, column, x0, x1);
  }
  return range[0] <= range[1] ? range : null;
}

/**
 * Let a range hold a column's values in [x0, x1].
 * @param {[number, number]} range changed by this function
 * @param {number[]} x
 * @param {Column} column
 * @param {number} x0
 * @param {number} x1
 */
function widen(range, x, column, x0, x1) {
  for (let i = 0; i < x.length; i++) {
    const value = column[i];
    if (x[i] < x0 || x[i] > x1 || !drawn(value)) continue;
    range[0] = Math.min(range[0], value);
    range[1] = Math.max(range[1], value);
  }
}

/**
 * @param {number | null | undefined} value
 * @returns {value is number}
 */
const drawn = (value) => value !== null && value !== undefined && value !== FLOOR;

/**
 * The place of the value nearest to x in an ascending list, -1 in an empty one.
 * @param {number[]} list
 * @param {number} x
 */
export function nearest(list, x) {
  let [a, b] = [0, list.length - 1];
  while (a < b) {
    const middle = (a + b) >> 1;
    if (list[middle] < x) a = middle + 1;
    else b = middle;
  }
  return a > 0 && x - list[a - 1] <= list[a] - x ? a - 1 : list.length ? a : -1;
}
