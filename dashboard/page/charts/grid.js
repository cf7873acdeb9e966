/* From bins to what uPlot draws: one shared x, at most two values a bin and line; cost does not grow with length. */
import { Points } from "../data/points.js";

const FAR = 4; /* so many mean distances off the smooth curve a value is an outlier */
const FLOOR = 1e-30; /* where a logarithmic axis puts 0: below every edge */

/* How many steps share a bin when [x0, x1] is drawn on `pixels`: a power of two, `widest` at least. */
export function binWidth(x0, x1, pixels, widest) {
  let w = widest;
  while ((x1 - x0 + 1) / w > Math.max(64, pixels)) w *= 2;
  return w;
}

/* x slots for steps [x0, x1] and a bin beyond each end: a slot for a bin's first and one for its second half. */
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

/* Where a growing chart ends: a little beyond its last step, moved seldom, so that mostly the tail is drawn. */
export function horizon(last) {
  const piece = 2 ** Math.ceil(Math.log2(Math.max(32, last) / 16));
  return (Math.floor(last / piece) + 1) * piece;
}

/* A series' values on those slots; null where there is none. */
export function fill(column, grid, log) {
  const y = new Array(grid.x.length).fill(null);
  if (column instanceof Points) fillPoints(column, grid, y, log);
  else if (column) fillBins(column, grid, y, log);
  return y;
}

function fillPoints(points, grid, y, log) {
  const drawn = extremes(grid, y, log);
  points.steps.forEach((step, i) => {
    const value = points.values[i];
    if (Number.isFinite(value)) drawn.take(step, value, value, step, step);
  });
  drawn.put();
}

function fillBins(column, grid, y, log) {
  const { low, high, lowStep, highStep, count, width, origin } = column;
  const start = Math.max(0, Math.floor((grid.first * grid.w - origin) / width));
  const end = Math.min(column.used, Math.ceil(((grid.first + grid.bins) * grid.w - origin) / width));
  const drawn = extremes(grid, y, log);
  for (let i = start; i < end; i++) {
    if (count[i]) drawn.take(origin + i * width, low[i], high[i], lowStep[i], highStep[i]);
  }
  drawn.put();
}

/* Takes values in the order of their steps, and puts the least and the greatest of each drawn bin where they stood. */
function extremes(grid, y, log) {
  const floor = (value) => (log && value <= 0 ? FLOOR : value);
  let bin = -1, least = 0, most = 0, leastStep = 0, mostStep = 0;
  const put = () => {
    if (bin < 0 || bin >= grid.bins) return;
    if (grid.each === 1) y[bin] = floor(most);
    else if (leastStep === mostStep) y[2 * bin + (mostStep % grid.w >= grid.w / 2 ? 1 : 0)] = floor(most);
    else {
      y[2 * bin] = floor(leastStep < mostStep ? least : most);
      y[2 * bin + 1] = floor(leastStep < mostStep ? most : least);
    }
  };
  const take = (step, low, high, lowStep, highStep) => {
    const to = Math.floor(step / grid.w) - grid.first;
    if (to !== bin) {
      put();
      [bin, least, most, leastStep, mostStep] = [to, low, high, lowStep, highStep];
      return;
    }
    if (low < least) [least, leastStep] = [low, lowStep];
    if (high > most) [most, mostStep] = [high, highStep];
  };
  return { take, put };
}

/* Of the curve as it is only what stands far off the smooth one, with its neighbours: no spike goes lost where there
   is no room for all of both. */
export function outliers(raw, soft, log) {
  let before = null; /* a bin's second slot is held against its mean too, which stands in the first */
  const near = soft.map((value) => (before = value ?? before));
  const off = (i) => (near[i] === null ? 0 : Math.abs(log ? Math.log(raw[i] / near[i]) : raw[i] - near[i]));
  let sum = 0, n = 0;
  for (let i = 0; i < raw.length; i++) if (raw[i] !== null) [sum, n] = [sum + off(i), n + 1];
  const far = (FAR * sum) / Math.max(1, n);
  const out = new Array(raw.length).fill(null);
  for (let i = 0, last = -1; i < raw.length; i++) {
    if (raw[i] === null) continue;
    if (off(i) > far || (last >= 0 && off(last) > far)) {
      out[i] = raw[i];
      if (last >= 0) out[last] = raw[last];
    }
    last = i;
  }
  return out;
}

/* The mean of each drawn bin that holds something, and its slot. */
export function gathered(bins, grid, log) {
  const at = [];
  const means = [];
  let held = 0;
  const start = bins ? Math.max(0, Math.floor((grid.first * grid.w - bins.origin) / bins.width)) : 0;
  for (let i = start; bins && i < bins.used; i++) {
    const n = bins.count[i];
    const slot = (Math.floor((bins.origin + i * bins.width) / grid.w) - grid.first) * grid.each;
    if (n === 0 || slot < 0 || slot >= grid.x.length) continue;
    if (at.at(-1) !== slot) {
      at.push(slot);
      means.push(0);
      held = 0;
    }
    held += n;
    means[means.length - 1] += ((bins.mean[i] - means.at(-1)) * n) / held;
  }
  return { at, means: log ? means.map((mean) => Math.log(Math.max(mean, FLOOR))) : means };
}

/* Smallest and largest drawn value inside [x0, x1], or null. */
export function extent(ys, grid, x0, x1) {
  let low = Infinity, high = -Infinity;
  for (const y of ys) {
    for (let i = 0; i < y.length; i++) {
      const value = y[i];
      if (value === null || value === FLOOR || grid.x[i] < x0 - grid.w || grid.x[i] > x1) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/* The y axis for an extent: a margin, the reference line inside; `held` stays while it still fits well. */
export function yRange(found, scale, reference, held) {
  const log = scale === "log";
  const into = (v) => (log ? Math.log10(v) : v);
  let [low, high] = found ?? (log ? [0.5, 2] : [0, 1]);
  if (reference !== null && !(log && reference <= 0)) {
    [low, high] = [Math.min(low, reference), Math.max(high, reference)];
  }
  [low, high] = [into(low), into(high)];
  const size = Math.max(high - low, log ? 0.1 : Math.max(Math.abs(high), 1e-9) * 0.02);
  if (held) {
    const inside = low >= held[0] && high <= held[1];
    if (inside && size > 0.55 * (held[1] - held[0])) return held;
  }
  const nearZero = !log && low >= 0 && low < 0.25 * high;
  return [nearZero ? Math.min(0, low) - 0.02 * size : low - 0.08 * size, high + 0.08 * size];
}
