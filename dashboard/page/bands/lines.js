/* Bands as lines to draw: smoothed, with their edges, their extent, and as a file. Pure functions. */
import { parsed } from "../lib/numbers.js";

const FLOOR = 1e-30; /* where a logarithmic axis puts what is not above 0: below every edge */

/* A band as {x, mean, solid, low, high}: numbers, null where a mean is NaN. Edges of a run alone are the least
   and greatest values of each stretch, those of a group its mean ∓ deviation. `tau` smooths, in units of x. */
export function bandLines(band, { alone, log, tau }) {
  const x = band.x?.length ? band.x : band.steps;
  const numbers = (column) => (column ?? []).map((v) => finite(parsed(v), log));
  const mean = numbers(band.mean);
  const apart = alone ? [] : band.deviation.map(parsed);
  const side = (sign) =>
    mean.map((
      m,
      i,
    ) => (m === null || !Number.isFinite(apart[i])
      ? null
      : log
      ? Math.max(m + sign * apart[i], m / 10)
      : m + sign * apart[i])
    );
  let [low, high] = alone ? [numbers(band.low), numbers(band.high)] : [side(-1), side(1)];
  const soft = (y) => (tau > 0 ? softened(x, y, tau, log) : y);
  if (!alone) [low, high] = [soft(low), soft(high)];
  return { x, mean, solid: soft(mean), low, high, odd: x.filter((_, i) => mean[i] === null) };
}

const finite = (value, log) => (Number.isFinite(value) ? (log && value <= 0 ? FLOOR : value) : null);

/* Values smoothed by exp(-distance / tau) to both sides; nulls stay and nothing is mixed across them. */
export function softened(x, y, tau, log) {
  const into = (v) => (log ? Math.log(v) : v);
  const n = y.length;
  const [sums, weights] = [new Float64Array(n), new Float64Array(n)];
  const out = new Array(n).fill(null);
  let sum = 0, weight = 0;
  for (let i = 0; i < n; i++) {
    if (y[i] === null) {
      [sum, weight] = [0, 0];
      continue;
    }
    const keep = i ? Math.exp((x[i - 1] - x[i]) / tau) : 0;
    [sum, weight] = [keep * sum + into(y[i]), keep * weight + 1];
    [sums[i], weights[i]] = [sum, weight];
  }
  [sum, weight] = [0, 0];
  for (let i = n - 1; i >= 0; i--) {
    if (y[i] === null) {
      [sum, weight] = [0, 0];
      continue;
    }
    const mean = (sums[i] + sum) / (weights[i] + weight);
    out[i] = log ? Math.exp(mean) : mean;
    const keep = i ? Math.exp((x[i - 1] - x[i]) / tau) : 0;
    [sum, weight] = [keep * (sum + into(y[i])), keep * (weight + 1)];
  }
  return out;
}

/* Least and greatest of what is drawn in [x0, x1], or null. */
export function bandExtent(all, x0, x1) {
  let [low, high] = [Infinity, -Infinity];
  for (const line of all) {
    for (const column of [line.mean, line.low, line.high]) {
      for (let i = 0; i < column.length; i++) {
        const value = column[i];
        if (value === null || value === FLOOR || line.x[i] < x0 || line.x[i] > x1) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return low <= high ? [low, high] : null;
}

/* The place of the value nearest to x in an ascending list, -1 in an empty one. */
export function nearest(list, x) {
  let [a, b] = [0, list.length - 1];
  while (a < b) {
    const middle = (a + b) >> 1;
    if (list[middle] < x) a = middle + 1;
    else b = middle;
  }
  return a > 0 && x - list[a - 1] <= list[a] - x ? a - 1 : list.length ? a : -1;
}
