/* The instruments' arithmetic: pure functions, tested without a page. */
import { Bins } from "./bins.js";
import { number, percent } from "../lib/numbers.js";

/** @import { Reading } from "./bins.js" */
/** @import { Column } from "./columns.js" */
/** @import { Frame, Table } from "./tables.js" */

/** @typedef {[red: number, green: number, blue: number]} Rgb */
/** @typedef {[one: string, other: string]} Pair two modalities */

/**
 * A ratio around a step: the mean of the last steps, and the range most of them were in.
 * @typedef {{ step: number, mean: number, low: number, high: number }} Recent
 */

/**
 * A class, and how far the first modality of a pair is ahead of the second.
 * @typedef {object} Leaning
 * @property {string} name
 * @property {number} ratio
 * @property {number} accuracy
 * @property {number} a the first modality's score
 * @property {number} b the second one's
 */

/**
 * Dark to light, even in lightness and distinguishable with color blindness; clear on white and on black.
 * @type {Rgb[]}
 */
const SHADES = [[43, 38, 102], [52, 84, 148], [36, 131, 154], [60, 174, 133], [150, 205, 92], [246, 226, 90]];

const AHEAD = 1.05; /* a smaller ratio is balanced */
const NEAR = 20; /* steps in a recent mean */
const SPAN = 100; /* steps in a recent range */

/**
 * The color of a share in [0, 1].
 * @param {number} share
 */
export function shadeOf(share) {
  const at = Math.min(1, Math.max(0, share)) * (SHADES.length - 1);
  const i = Math.min(SHADES.length - 2, Math.floor(at));
  return SHADES[i].map((v, c) => Math.round(v + (SHADES[i + 1][c] - v) * (at - i)));
}

/** @param {number} share */
export const shade = (share) => `rgb(${shadeOf(share).join(", ")})`;

/**
 * The place of a positive value between two others on a logarithmic scale, in [0, 1]; null for other values.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function logShare(value, low, high) {
  if (!(value > 0) || !Number.isFinite(value)) return null;
  if (!(high > low)) return 0.5;
  return Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)));
}

/**
 * The place of a ratio on a scale from 1/most over 1 in the middle to most, in [0, 1].
 * @param {number} ratio
 * @param {number} most
 */
export const needleAt = (ratio, most) =>
  logShare(Math.min(most, Math.max(1 / most, ratio)), 1 / most, most) ?? 0.5;

/**
 * The end of the scale that holds these ratios and their inverses: 10, 100 or 1000.
 * @param {number[]} ratios
 */
export function needleMost(ratios) {
  const furthest = Math.max(
    1,
    ...ratios.filter((r) => r > 0 && Number.isFinite(r)).map((r) => Math.max(r, 1 / r)),
  );
  return [10, 100].find((most) => furthest <= most) ?? 1000;
}

/**
 * A series of ratios around a step: the geometric mean of the last `NEAR` steps, or a past step's own value,
 * and the range of the middle 80 % of the last `SPAN`.
 * @param {Column | undefined} column
 * @param {number | null} step null: the newest
 * @returns {Recent | null} null before the first value
 */
export function recent(column, step) {
  if (!(column instanceof Bins) || !column.used) return null;
  const here = step === null ? column.last() : column.at(step);
  if (!here) return null;
  const { mean } = here;
  const end = step ?? here.to;
  if (!Number.isFinite(mean)) return { step: end, mean, low: mean, high: mean };
  return {
    step: end,
    mean: step === null ? geometricMean(column, here, filled(column, end, NEAR)) : mean,
    ...middle(column, filled(column, end, SPAN)),
  };
}

/**
 * The geometric mean of a series of ratios over the last `NEAR` steps; null before the first value.
 * @param {Column | undefined} column
 */
export function meanNow(column) {
  const newest = column instanceof Bins ? column.last() : null;
  if (!(column instanceof Bins) || !newest) return null;
  if (!Number.isFinite(newest.mean)) return newest.mean;
  return geometricMean(column, newest, filled(column, newest.to, NEAR));
}

/**
 * The range of the middle 80 %.
 * @param {Bins} bins
 * @param {number[]} places
 */
function middle(bins, places) {
  const sorted = new Float64Array(2 * places.length);
  places.forEach((place, i) => {
    sorted[2 * i] = bins.low[place];
    sorted[2 * i + 1] = bins.high[place];
  });
  sorted.sort();
  return { low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}

/**
 * The bins that hold something of the last `steps` steps.
 * @param {Bins} bins
 * @param {number} end
 * @param {number} steps
 */
function filled(bins, end, steps) {
  const first = Math.max(0, Math.floor((end - steps + 1 - bins.origin) / bins.width));
  const last = Math.min(bins.used - 1, Math.floor((end - bins.origin) / bins.width));
  const places = [];
  for (let i = first; i <= last; i++) if (bins.count[i]) places.push(i);
  return places;
}

/**
 * @param {Bins} bins
 * @param {Reading} newest
 * @param {number[]} places
 */
function geometricMean(bins, newest, places) {
  const logs = places.map((i) => Math.log(bins.mean[i])).filter(Number.isFinite);
  return logs.length ? Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length) : newest.mean;
}

/**
 * @param {ArrayLike<number>} sorted ascending
 * @param {number} share
 */
export function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const i = Math.floor(at);
  return sorted[i] + ((sorted[i + 1] ?? sorted[i]) - sorted[i]) * (at - i);
}

/**
 * "audio 3.2× ahead", or "balanced" within a twentieth; a ratio that is not finite leads nobody.
 * @param {{ name: string, ratio: number }[]} ratios
 */
export function lead(ratios) {
  const lost = ratios.find(({ ratio }) => !Number.isFinite(ratio));
  if (lost) return { name: "", words: `rho of ${lost.name} is ${number(lost.ratio)}` };
  const [first] = [...ratios].sort((a, b) => b.ratio - a.ratio);
  if (!first || !(first.ratio >= AHEAD)) return { name: "", words: "balanced" };
  const times = first.ratio.toFixed(first.ratio < 10 ? 1 : 0);
  return { name: first.name, words: `${first.name} ${times}× ahead` };
}

/**
 * Every pair of some names.
 * @param {string[]} names
 * @returns {Pair[]}
 */
export const pairs = (names) =>
  names.flatMap((a, i) => names.slice(i + 1).map((b) => /** @type {Pair} */ ([a, b])));

/**
 * The classes of one frame of the table `classes`, by how far the first modality of the pair is ahead of the
 * second; those without examples are left out.
 * @param {Pick<Table, "rows" | "columns">} table
 * @param {Pick<Frame, "values">} frame
 * @param {Pair} pair
 * @returns {Leaning[]}
 */
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

/**
 * "visual: 61.2 %, alone 85.0 %: 23.8 points behind".
 * @param {string} modality
 * @param {number} branch the accuracy of its branch
 * @param {number | null | undefined} alone the accuracy of a run with this modality alone
 */
export function gapWords(modality, branch, alone) {
  const now = `${modality}: ${percent(branch)}`;
  if (alone === null || alone === undefined || !Number.isFinite(alone)) return now;
  const points = 100 * (alone - branch);
  const size = Math.abs(points).toFixed(1);
  const gap = size === "0.0" ? "level" : `${size} points ${points > 0 ? "behind" : "ahead"}`;
  return `${now}, alone ${percent(alone)}: ${gap}`;
}
