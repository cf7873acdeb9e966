/* From bins to what uPlot draws: one shared x, at most two values per bin and line; cost does not grow with
   length. */
import { Bins } from "../data/bins.js";
import { Points } from "../data/points.js";

/** @import { Column } from "../data/columns.js" */
/** @import { Scale } from "./lines.js" */

/**
 * The x slots of a chart: `each` slots in each of `bins` bins of `w` steps, of which `first` is the first.
 * @typedef {{ w: number, first: number, bins: number, each: 1 | 2, x: Float64Array }} Grid
 */

/** @typedef {(number | null)[]} Values one per slot; null where there is none */
/** @typedef {[low: number, high: number]} Extent */

export const FLOOR = 1e-30; /* where a logarithmic axis puts values that are not positive: below every edge */

/** The axis without any value. @type {{ [scale in Scale]: Extent }} */
const EMPTY = { log: [0.5, 2], linear: [0, 1] };

/**
 * How many steps share a bin when [x0, x1] is drawn on `pixels`: a power of two, `widest` at least.
 * @param {number} x0
 * @param {number} x1
 * @param {number} pixels
 * @param {number} widest
 */
export function binWidth(x0, x1, pixels, widest) {
  let w = widest;
  while ((x1 - x0 + 1) / w > Math.max(64, pixels)) w *= 2;
  return w;
}

/**
 * Slots for steps [x0, x1] and a bin beyond each end: a slot for a bin's first and one for its second half.
 * @param {number} x0
 * @param {number} x1
 * @param {number} w
 * @returns {Grid}
 */
export function slots(x0, x1, w) {
  const first = Math.max(0, Math.floor(x0 / w) - 1);
  const bins = Math.floor(x1 / w) + 2 - first;
  const each = w === 1 ? 1 : 2;
  const x = new Float64Array(bins * each);
  for (let i = 0; i < x.length; i++) {
    x[i] = each === 1 ? first + i : (first + (i >> 1)) * w + ((i & 1) * w) / 2;
  }
  return { w, first, bins, each, x };
}

/**
 * Where a growing chart ends: a little beyond its last step, moved seldom, so that mostly the tail is drawn.
 * @param {number} last
 */
export function horizon(last) {
  const piece = 2 ** Math.ceil(Math.log2(Math.max(32, last) / 16));
  return (Math.floor(last / piece) + 1) * piece;
}

/**
 * A series' values on those slots.
 * @param {Column | undefined} column
 * @param {Grid} grid
 * @param {boolean} log
 * @returns {Values}
 */
export function fill(column, grid, log) {
  const extremes = new Extremes(grid, log);
  if (column instanceof Points) fillPoints(column, extremes);
  else if (column instanceof Bins) fillBins(column, grid, extremes);
  return extremes.y;
}

/**
 * @param {Points} points
 * @param {Extremes} extremes
 */
function fillPoints(points, extremes) {
  points.steps.forEach((step, i) => {
    const value = points.values[i];
    if (Number.isFinite(value)) extremes.take(step, value, value, step, step);
  });
  extremes.put();
}

/**
 * @param {Bins} column
 * @param {Grid} grid
 * @param {Extremes} extremes
 */
function fillBins(column, grid, extremes) {
  const { low, high, lowStep, highStep, count, width, origin } = column;
  const start = Math.max(0, Math.floor((grid.first * grid.w - origin) / width));
  const end = Math.min(column.used, Math.ceil(((grid.first + grid.bins) * grid.w - origin) / width));
  for (let i = start; i < end; i++) {
    if (count[i]) extremes.take(origin + i * width, low[i], high[i], lowStep[i], highStep[i]);
  }
  extremes.put();
}

/** Takes values by step, and puts the smallest and the largest of each drawn bin where they were. */
class Extremes {
  /**
   * @param {Grid} grid
   * @param {boolean} log
   */
  constructor(grid, log) {
    this.grid = grid;
    this.log = log;
    /** @type {Values} */
    this.y = new Array(grid.x.length).fill(null);
    this.bin = -1;
    this.low = 0;
    this.high = 0;
    this.lowStep = 0;
    this.highStep = 0;
  }

  /**
   * @param {number} step
   * @param {number} low
   * @param {number} high
   * @param {number} lowStep
   * @param {number} highStep
   */
  take(step, low, high, lowStep, highStep) {
    const bin = Math.floor(step / this.grid.w) - this.grid.first;
    if (bin !== this.bin) {
      this.put();
      this.bin = bin;
      this.low = low;
      this.high = high;
      this.lowStep = lowStep;
      this.highStep = highStep;
      return;
    }
    if (low < this.low) {
      this.low = low;
      this.lowStep = lowStep;
    }
    if (high > this.high) {
      this.high = high;
      this.highStep = highStep;
    }
  }

  /** Write the present bin. */
  put() {
    const { grid, y, bin, lowStep, highStep } = this;
    if (bin < 0 || bin >= grid.bins) return;
    const [low, high] = [this._drawn(this.low), this._drawn(this.high)];
    if (grid.each === 1) y[bin] = high;
    else if (lowStep === highStep) y[2 * bin + (highStep % grid.w >= grid.w / 2 ? 1 : 0)] = high;
    else {
      y[2 * bin] = lowStep < highStep ? low : high;
      y[2 * bin + 1] = lowStep < highStep ? high : low;
    }
  }

  /** @param {number} value */
  _drawn(value) {
    return this.log && value <= 0 ? FLOOR : value;
  }
}

/**
 * The mean of each drawn bin that holds something, and its slot.
 * @param {Bins | undefined} bins
 * @param {Grid} grid
 */
export function gathered(bins, grid) {
  /** @type {number[]} */
  const at = [];
  /** @type {number[]} */
  const means = [];
  if (!bins) return { at, means };
  let held = 0;
  const start = Math.max(0, Math.floor((grid.first * grid.w - bins.origin) / bins.width));
  for (let i = start; i < bins.used; i++) {
    const n = bins.count[i];
    const slot = (Math.floor((bins.origin + i * bins.width) / grid.w) - grid.first) * grid.each;
    if (n === 0 || slot < 0 || slot >= grid.x.length) continue;
    if (at[at.length - 1] !== slot) {
      at.push(slot);
      means.push(0);
      held = 0;
    }
    held += n;
    const last = means.length - 1;
    means[last] += ((bins.mean[i] - means[last]) * n) / held;
  }
  return { at, means };
}

/**
 * The smallest and the largest drawn value in [x0, x1], or null.
 * @param {Values[]} ys
 * @param {Grid} grid
 * @param {number} x0
 * @param {number} x1
 * @returns {Extent | null}
 */
export function extent(ys, grid, x0, x1) {
  let low = Infinity, high = -Infinity;
  const last = grid.x.findLastIndex((x) => x <= x1);
  const before = grid.x.findLastIndex((x) => x < x0 - grid.w);
  for (const y of ys) {
    for (let i = before + 1; i <= last; i++) {
      const value = y[i];
      if (value === null || value === FLOOR) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : null;
}

/**
 * The y axis for an extent, in logarithms where it is logarithmic: a margin, and the reference line inside.
 * @param {Extent | null} values
 * @param {Scale} scale
 * @param {number | null} reference
 * @param {Extent | null} held the axis before, which stays while it still fits well
 * @returns {Extent}
 */
export function yRange(values, scale, reference, held) {
  const log = scale === "log";
  const range = withReference(values ?? EMPTY[scale], log, reference);
  const [low, high] = log ? range.map(Math.log10) : range;
  const size = Math.max(high - low, log ? 0.1 : Math.max(Math.abs(high), 1e-9) * 0.02);
  if (held && fits(held, low, high, size)) return held;
  const floor = !log && nearZero(low, high) ? Math.min(0, low) - 0.02 * size : low - 0.08 * size;
  return [floor, high + 0.08 * size];
}

/**
 * @param {Extent} extent
 * @param {boolean} log
 * @param {number | null} reference
 * @returns {Extent}
 */
function withReference([low, high], log, reference) {
  if (reference === null || (log && reference <= 0)) return [low, high];
  return [Math.min(low, reference), Math.max(high, reference)];
}

/**
 * @param {number} low
 * @param {number} high
 */
const nearZero = (low, high) => low >= 0 && low < 0.25 * high;

/**
 * @param {Extent} held
 * @param {number} low
 * @param {number} high
 * @param {number} size
 */
const fits = (held, low, high, size) =>
  low >= held[0] && high <= held[1] && size > 0.55 * (held[1] - held[0]);
