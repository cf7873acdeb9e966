/* The lines of a drawing, with their dots and shades. Pure. */
import { dashed, fixed } from "./svg-text.js";

/** @import { Values } from "./grid.js" */
/** @import { Line } from "./lines.js" */
/** @import { Scales, SvgPicture } from "./svg.js" */

/** @typedef {Pick<Line, "color" | "dash"> & Partial<Pick<Line, "faint" | "sparse" | "filled">>} LineLook */

/**
 * A line, and the shade between `low` and `high`.
 * @typedef {object} SvgLine
 * @property {LineLook} line
 * @property {ArrayLike<number>} [x] its own
 * @property {Values | null} raw drawn faint
 * @property {Values} solid
 * @property {Values} [low]
 * @property {Values} [high]
 * @property {boolean} [gaps] whether `raw` is outliers, not joined across others
 */

/** @typedef {(ys: Values, i: number) => string} Point the place of a value */

/**
 * @param {SvgLine} curve
 * @param {SvgPicture} picture
 * @param {Scales} at
 */
export function curves(curve, picture, at) {
  const { line, low, high } = curve;
  const x = curve.x ?? picture.x ?? [];
  const point = pointOf(x, picture, at);
  return [
    ...(low && high ? shades(low, high, point, line.color) : []),
    ...strokes(curve, point),
    ...(line.sparse ? dots(curve.solid, x, at, line, picture.colors.surface) : []),
  ];
}

/**
 * @param {ArrayLike<number>} x
 * @param {SvgPicture} picture
 * @param {Scales} at
 * @returns {Point}
 */
function pointOf(x, { low }, at) {
  const least = low > 0 ? low / 1e3 : -Infinity;
  return (ys, i) => `${fixed(at.x(x[i]))} ${fixed(at.y(Math.max(ys[i] ?? NaN, least)))}`;
}

/**
 * The raw line, if there is one, and the solid one. With a shade, missing values interrupt them.
 * @param {SvgLine} curve
 * @param {Point} point
 */
function strokes({ line, raw, solid, low, gaps = false }, point) {
  const shaded = low !== undefined;
  const paths = [drawn(path(solid, point, shaded), line, line.faint ? 0.65 : 1)];
  if (!raw) return paths;
  const faint = line.faint ? 0.12 : 0.24;
  return [drawn(path(raw, point, shaded || gaps), line, gaps ? 0.8 : faint), ...paths];
}

/**
 * @param {Values} ys
 * @param {Point} point
 * @param {boolean} broken whether a missing value interrupts the line
 */
function path(ys, point, broken) {
  let [d, pen] = ["", "M"];
  for (let i = 0; i < ys.length; i++) {
    if (ys[i] !== null) [d, pen] = [`${d}${pen}${point(ys, i)}`, "L"];
    else if (broken) pen = "M";
  }
  return d;
}

/**
 * @param {string} d
 * @param {LineLook} line
 * @param {number} opacity
 */
const drawn = (d, line, opacity) =>
  `<path d="${d}" stroke="${line.color}" stroke-width="1.2"` +
  `${opacity < 1 ? ` stroke-opacity="${opacity}"` : ""}${dashed(line.dash.join(" "))}/>`;

/**
 * @param {Values} ys
 * @param {ArrayLike<number>} x
 * @param {Scales} at
 * @param {LineLook} line
 * @param {string} surface the color behind it
 */
const dots = (ys, x, at, line, surface) =>
  ys.flatMap((y, i) =>
    y === null ? [] : [
      `<circle cx="${fixed(at.x(x[i]))}" cy="${fixed(at.y(y))}" r="2.500" ` +
      `fill="${line.filled ? line.color : surface}" stroke="${line.color}"/>`,
    ]
  );

/**
 * The intervals between two edges, each as a shape.
 * @param {Values} low
 * @param {Values} high
 * @param {Point} point
 * @param {string} color
 */
function shades(low, high, point, color) {
  const known = (/** @type {number} */ i) => (low[i] ?? null) !== null && (high[i] ?? null) !== null;
  const shapes = [];
  for (let a = 0; a < low.length; a++) {
    if (!known(a)) continue;
    let b = a;
    while (known(b + 1)) b++;
    const places = Array.from({ length: b - a + 1 }, (_, i) => a + i);
    const edge = [...places.map((i) => point(low, i)), ...places.reverse().map((i) => point(high, i))];
    shapes.push(`<path d="M${edge.join("L")}Z" fill="${color}" fill-opacity="0.13"/>`);
    a = b;
  }
  return shapes;
}
