/* A curve in two tones: gray where others have the same past, which is drawn once, then its own color. */
import { fade } from "./strokes.js";

/** @import uPlot from "uplot" */
/** @import { Past } from "../data/past.js" */
/** @import { Values } from "./grid.js" */

const CLEAR = "#00000000";
const DOT = 4; /* pixels: a dot where the past ends is of the past */

/**
 * A color for uPlot to draw with, of the plot's present range.
 * @param {uPlot} u
 * @param {Past} past on the plot's x axis
 * @param {string} color
 * @param {string} gray
 * @param {number} [share] its opacity
 * @param {boolean} [dots] whether dots are drawn
 */
export function tone(u, { begin, own }, color, gray, share = 1, dots = false) {
  const strong = (/** @type {string} */ hex) => fade(hex, share);
  const at = shareOf(u, dots ? DOT * devicePixelRatio : 0);
  if (at(own) <= 0 || own <= 0) return strong(color);
  const { left, width } = u.bbox;
  const gradient = u.ctx.createLinearGradient(left, 0, left + width, 0);
  const from = at(begin);
  const clear = /** @type {[number, string][]} */ (begin > 0 ? [[0, CLEAR], [from, CLEAR]] : []);
  const before = strong(gray);
  for (const [place, hex] of clear) gradient.addColorStop(place, hex);
  gradient.addColorStop(from, before);
  gradient.addColorStop(at(own), before);
  gradient.addColorStop(at(own), strong(color));
  gradient.addColorStop(1, strong(color));
  return gradient;
}

/**
 * Where a value of x is, as a share of the plot's width.
 * @param {uPlot} u
 * @param {number} shift pixels to the right
 */
function shareOf({ bbox: { width }, scales: { x } }, shift) {
  const [min, max] = [x.min ?? 0, x.max ?? 1];
  return (/** @type {number} */ value) =>
    Math.max(0, Math.min(1, (value - min) / (max - min || 1) + shift / (width || 1)));
}

/**
 * A curve of a file as the pieces that are drawn of it: what it shares, in gray, and its own.
 * @template {{ line: { color: string }, raw: Values | null, solid: Values, low?: Values, high?: Values }} T
 * @param {T} curve
 * @param {ArrayLike<number>} x
 * @param {Past} past on the same axis
 * @param {string} gray
 * @returns {T[]}
 */
export function pieces(curve, x, { begin, own }, gray) {
  if (own <= 0) return [curve];
  const last = Array.from(x).findLastIndex((at) => at <= own);
  const before = (/** @type {number} */ i) => i <= last && x[i] >= begin;
  const after = (/** @type {number} */ i) => i >= last;
  const kept = (/** @type {(i: number) => boolean} */ where) =>
  (
    /** @type {Values} */ values,
  ) => /** @type {Values} */ (Array.from(values, (value, i) => (where(i) ? value : null)));
  const cut = (/** @type {ReturnType<typeof kept>} */ keep, /** @type {string} */ color) => ({
    ...curve,
    line: { ...curve.line, color },
    raw: curve.raw && keep(curve.raw),
    solid: keep(curve.solid),
    ...(curve.low && curve.high ? { low: keep(curve.low), high: keep(curve.high) } : {}),
  });
  return [
    ...(begin < own ? [cut(kept(before), gray)] : []),
    cut(kept(after), curve.line.color),
  ];
}
