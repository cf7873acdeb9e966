import { gathered } from "./grid.js";

/* The bins' means on the same slots, smoothed by exp(-distance / tau) to both sides: it does not lag behind.
   Nothing is mixed across a step in `breaks`: where a setting was changed, the curve may jump. */
export function smooth(bins, grid, tau, log, breaks) {
  const { at, means } = gathered(bins, grid, log);
  const kept = (i) => {
    const [from, to] = [grid.x[at[i - 1]], grid.x[at[i]]];
    return breaks.some((step) => step > from && step <= to) ? 0 : Math.exp((from - to) / tau);
  };
  const out = new Array(grid.x.length).fill(null);
  const n = at.length;
  const sums = new Float64Array(n);
  const weights = new Float64Array(n);
  let sum = 0, weight = 0;
  for (let i = 0; i < n; i++) {
    const keep = i ? kept(i) : 0;
    [sum, weight] = [keep * sum + means[i], keep * weight + 1];
    [sums[i], weights[i]] = [sum, weight];
  }
  [sum, weight] = [0, 0];
  for (let i = n - 1; i >= 0; i--) {
    const mean = (sums[i] + sum) / (weights[i] + weight);
    out[at[i]] = log ? Math.exp(mean) : mean;
    const keep = i ? kept(i) : 0;
    [sum, weight] = [keep * (sum + means[i]), keep * (weight + 1)];
  }
  return out;
}
