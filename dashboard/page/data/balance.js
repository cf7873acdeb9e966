/* The instruments' arithmetic: pure functions, tested without a page. */
import { number, percent } from "../lib/numbers.js";

/* Dark to light, even in lightness and told apart by color-blind eyes; stands out on white and on black. */
const SHADES = [[43, 38, 102], [52, 84, 148], [36, 131, 154], [60, 174, 133], [150, 205, 92], [246, 226, 90]];

/* A share in [0, 1] as [r, g, b]. */
export function shadeOf(share) {
  const at = Math.min(1, Math.max(0, share)) * (SHADES.length - 1);
  const i = Math.min(SHADES.length - 2, Math.floor(at));
  return SHADES[i].map((v, c) => Math.round(v + (SHADES[i + 1][c] - v) * (at - i)));
}

export const shade = (share) => `rgb(${shadeOf(share).join(", ")})`;

/* Where a positive value lies between two others on a logarithmic scale, in [0, 1]; null when it has no place. */
export function logShare(value, low, high) {
  if (!(value > 0) || !Number.isFinite(value)) return null;
  if (!(high > low)) return 0.5;
  return Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)));
}

/* Where a ratio stands on a scale from 1/most over 1 in the middle to most, in [0, 1]. */
export const needleAt = (ratio, most) =>
  logShare(Math.min(most, Math.max(1 / most, ratio)), 1 / most, most) ?? 0.5;

/* The scale that holds these ratios and their inverses: 10, or what is needed, at most 1000. */
export function needleMost(ratios) {
  const furthest = Math.max(
    1,
    ...ratios.filter((r) => r > 0 && Number.isFinite(r)).map((r) => Math.max(r, 1 / r)),
  );
  return [10, 100].find((most) => furthest <= most) ?? 1000;
}

/* A series of ratios around a step (the newest when null): geometric mean of the last `near` steps, and where
   the middle 80 % of the last `span` lie. Null before the first one. */
export function recent(bins, step, near = 20, span = 100) {
  if (!bins?.used) return null;
  const here = step === null ? bins.last() : bins.at(step);
  if (!here) return null;
  const end = step === null ? here.to : step;
  if (!Number.isFinite(here.mean)) return { step: end, mean: here.mean, low: here.mean, high: here.mean };
  const each = (steps) => {
    const found = [];
    const first = Math.max(0, Math.floor((end - steps + 1 - bins.origin) / bins.width));
    const last = Math.min(bins.used - 1, Math.floor((end - bins.origin) / bins.width));
    for (let i = first; i <= last; i++) if (bins.count[i]) found.push(i);
    return found;
  };
  const logs = each(near).map((i) => Math.log(bins.mean[i])).filter(Number.isFinite);
  const spread = each(span).flatMap((i) => [bins.low[i], bins.high[i]]).sort((a, b) => a - b);
  const mean = step === null && logs.length
    ? Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length)
    : here.mean;
  return { step: end, mean, low: quantile(spread, 0.1), high: quantile(spread, 0.9) };
}

/* Of ascending numbers. */
export function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const i = Math.floor(at);
  return sorted[i] + ((sorted[i + 1] ?? sorted[i]) - sorted[i]) * (at - i);
}

/* "audio 3.2× ahead", or "balanced" within a twentieth; who has lost their number leads nobody. */
export function lead(ratios) {
  const lost = ratios.find(({ ratio }) => !Number.isFinite(ratio));
  if (lost) return { name: "", words: `rho of ${lost.name} is ${number(lost.ratio)}` };
  const [first] = [...ratios].sort((a, b) => b.ratio - a.ratio);
  if (!first || !(first.ratio >= 1.05)) return { name: "", words: "balanced" };
  return { name: first.name, words: `${first.name} ${first.ratio.toFixed(first.ratio < 10 ? 1 : 0)}× ahead` };
}

/* Every pair of some names. */
export const pairs = (names) => names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b]));

/* The classes of one frame of the table `classes`: [{name, ratio, accuracy, a, b}], by how far the first modality of the
   pair is ahead of the second; those without examples are left out. */
export function leaning({ rows, columns }, frame, [one, other]) {
  const [a, b, right] = [`score.${one}`, `score.${other}`, "accuracy"].map((name) => columns.indexOf(name));
  return rows
    .map((name, i) => ({
      name,
      a: frame.values[i][a],
      b: frame.values[i][b],
      accuracy: frame.values[i][right],
    }))
    .filter((row) => Number.isFinite(row.a) && Number.isFinite(row.b))
    .map((row) => ({ ...row, ratio: Math.max(row.a, 1e-9) / Math.max(row.b, 1e-9) }))
    .sort((x, y) => y.ratio - x.ratio || x.name.localeCompare(y.name));
}

/* "visual: 61.2 %, alone 85.0 %: 23.8 points behind". */
export function gapWords(modality, branch, alone) {
  const now = `${modality}: ${percent(branch)}`;
  if (alone === null || alone === undefined || !Number.isFinite(alone)) return now;
  const points = 100 * (alone - branch);
  const size = Math.abs(points).toFixed(1);
  const gap = size === "0.0" ? "level" : `${size} points ${points > 0 ? "behind" : "ahead"}`;
  return `${now}, alone ${percent(alone)}: ${gap}`;
}
