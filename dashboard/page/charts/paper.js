/* A chart as a figure for a column of a paper: as wide as one, words of 8 points, labeled axes, no title, on
   white. Shapes that paper-svg.js and paper-pdf.js write. Pure. */
import { tick } from "../lib/numbers.js";
import { decades, stepWords, ticks } from "./ticks.js";

/** @import { SvgDrawing, SvgKey, SvgTick } from "./svg.js" */
/** @import { Values } from "./grid.js" */

/** @typedef {[x: number, y: number]} Place in points, from the upper left corner */
/**
 * @typedef {{ kind: "line", places: Place[][], color: string, width: number, dash: number[] }} LineShape
 * @typedef {{ kind: "area", places: Place[], color: string }} AreaShape shaded
 * @typedef {{ kind: "dot", at: Place, color: string, filled: boolean }} DotShape
 * @typedef {"start" | "middle" | "end"} Anchor
 * @typedef {{ kind: "text", at: Place, text: string, anchor: Anchor, turned: boolean }} TextShape
 */
/** @typedef {LineShape | AreaShape | DotShape | TextShape} Shape */
/** @typedef {{ width: number, height: number, shapes: Shape[] }} Figure */

/**
 * A drawing, and the words around it.
 * @typedef {Pick<SvgDrawing, "x" | "lines" | "x0" | "x1" | "low" | "high" | "log" | "ticks"> &
 *   { keys: SvgKey[], reference: number | null, across: string, up: string }} PaperPicture
 */

export const SIZE = 8; /* of words, in points */
export const SHADE = 0.18;
const WIDTH = 243; /* a column of two, in points */
const HEIGHT = 165;
const EDGE = { left: 40, right: 10, bottom: 30, top: 6 };
const KEY = { line: 14, gap: 4, letter: 4.2, row: 10, most: 12 };
const INK = "#000000";
const GRAY = "#8a8a8a";
const CONTRAST = 3; /* of a line to white, at least */

/**
 * @param {PaperPicture} picture
 * @returns {Figure}
 */
export function paperFigure(picture) {
  const legend = keyShapes(picture.keys);
  const box = {
    left: EDGE.left,
    right: WIDTH - EDGE.right,
    top: EDGE.top + legend.height,
    bottom: HEIGHT + legend.height - EDGE.bottom,
  };
  const at = placing(picture, box);
  return {
    width: WIDTH,
    height: HEIGHT + legend.height,
    shapes: [
      ...referenceShape(picture, box, at),
      ...picture.lines.flatMap((line) => curveShapes(line, picture, at)),
      ...axisShapes(picture, box, at),
      ...legend.shapes,
    ],
  };
}

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Box */
/** @typedef {{ x: (value: number) => number, y: (value: number) => number }} Placing */

/**
 * @param {PaperPicture} picture
 * @param {Box} box
 * @returns {Placing}
 */
function placing({ x0, x1, low, high, log }, box) {
  const into = log ? Math.log10 : (/** @type {number} */ value) => value;
  const [a, b] = [into(low), into(high)];
  const clamp = (/** @type {number} */ y) => Math.max(box.top, Math.min(box.bottom, y));
  return {
    x: (value) => box.left + ((value - x0) / (x1 - x0 || 1)) * (box.right - box.left),
    y: (value) => {
      const share = (into(log ? Math.max(value, low) : value) - a) / (b - a || 1);
      return clamp(box.bottom - share * (box.bottom - box.top));
    },
  };
}

/**
 * A curve: its band, its line, and dots where it is sparse.
 * @param {PaperPicture["lines"][number]} curve
 * @param {PaperPicture} picture
 * @param {Placing} at
 * @returns {Shape[]}
 */
function curveShapes({ line, x, solid, low, high }, picture, at) {
  const own = x ?? picture.x ?? [];
  const color = onWhite(line.color);
  const stretches = joined(own, solid, picture, at, Boolean(low));
  return [
    ...(low && high ? bandShapes(own, low, high, picture, at, color) : []),
    { kind: "line", places: stretches, color, width: 1, dash: line.dash },
    ...(line.sparse ? stretches.flat() : []).map((place) => ({
      kind: /** @type {const} */ ("dot"),
      at: place,
      color,
      filled: Boolean(line.filled),
    })),
  ];
}

/**
 * The places of values in view, in stretches where missing ones interrupt.
 * @param {ArrayLike<number>} x
 * @param {Values} values
 * @param {PaperPicture} picture
 * @param {Placing} at
 * @param {boolean} broken
 */
function joined(x, values, { x0, x1 }, at, broken) {
  /** @type {Place[][]} */
  const stretches = [[]];
  values.forEach((value, i) => {
    if (value === null && broken) stretches.push([]);
    if (value !== null && x[i] >= x0 && x[i] <= x1) stretches.at(-1)?.push([at.x(x[i]), at.y(value)]);
  });
  return stretches.filter((stretch) => stretch.length);
}

/**
 * @param {ArrayLike<number>} x
 * @param {Values} low
 * @param {Values} high
 * @param {PaperPicture} picture
 * @param {Placing} at
 * @param {string} color
 * @returns {Shape[]}
 */
function bandShapes(x, low, high, picture, at, color) {
  const lower = joined(x, low, picture, at, true);
  const upper = joined(x, high, picture, at, true);
  return lower.map((stretch, i) => ({
    kind: "area",
    places: [...(upper[i] ?? []), ...stretch.toReversed()],
    color,
  }));
}

/**
 * @param {PaperPicture} picture
 * @param {Box} box
 * @param {Placing} at
 * @returns {Shape[]}
 */
function axisShapes({ x0, x1, low, high, log, ticks: own, across, up }, box, at) {
  const values = log ? decades(low, high) : ticks(low, high, 4);
  const steps = own ?? stepTicks(x0, x1);
  const rule = (/** @type {Place[][]} */ places) => line(places, INK, 0.6);
  return [
    rule([[[box.left, box.top], [box.left, box.bottom], [box.right, box.bottom]]]),
    rule(values.map((value) => [[box.left - 2, at.y(value)], [box.left, at.y(value)]])),
    rule(steps.map((step) => [[at.x(step.at), box.bottom], [at.x(step.at), box.bottom + 2]])),
    ...values.map((value) => words([box.left - 4, at.y(value) + 2.8], tick(value), "end")),
    ...steps.map((step) => words([at.x(step.at), box.bottom + 10], step.words, "middle")),
    words([(box.left + box.right) / 2, box.bottom + 22], across, "middle"),
    { ...words([9, (box.top + box.bottom) / 2], up, "middle"), turned: true },
  ];
}

/**
 * @param {number} x0
 * @param {number} x1
 * @returns {SvgTick[]}
 */
function stepTicks(x0, x1) {
  const at = ticks(x0, Math.max(x1, x0 + 1), 5).filter(Number.isInteger);
  return stepWords(at).map((text, i) => ({ at: at[i], words: text }));
}

/**
 * @param {PaperPicture} picture
 * @param {Box} box
 * @param {Placing} at
 * @returns {Shape[]}
 */
function referenceShape({ reference, low, high }, box, at) {
  if (reference === null || reference < low || reference > high) return [];
  return [{
    ...line([[[box.left, at.y(reference)], [box.right, at.y(reference)]]], GRAY, 0.6),
    dash: [3, 2],
  }];
}

/**
 * The legend above the plot, in rows.
 * @param {SvgKey[]} keys
 * @returns {{ shapes: Shape[], height: number }}
 */
function keyShapes(keys) {
  let [x, row] = [EDGE.left, 0];
  const shapes = keys.slice(0, KEY.most).flatMap(({ label, color, dash, sparse, filled = false }) => {
    const wide = KEY.line + KEY.gap + KEY.letter * label.length + 8;
    if (x > EDGE.left && x + wide > WIDTH) [x, row] = [EDGE.left, row + 1];
    const y = EDGE.top + 4 + KEY.row * row;
    const key = { ...line([[[x, y], [x + KEY.line, y]]], onWhite(color), 1), dash };
    const text = words([x + KEY.line + KEY.gap, y + 2.8], label, "start");
    /** @type {Place} */
    const middle = [x + KEY.line / 2, y];
    x += wide;
    const dot = { kind: /** @type {const} */ ("dot"), at: middle, color: onWhite(color), filled };
    return sparse ? [key, dot, text] : [key, text];
  });
  return { shapes, height: keys.length ? KEY.row * (row + 1) + 2 : 0 };
}

/**
 * @param {Place[][]} places
 * @param {string} color
 * @param {number} width
 * @returns {LineShape}
 */
const line = (places, color, width) => ({ kind: "line", places, color, width, dash: [] });

/**
 * @param {Place} at
 * @param {string} text
 * @param {TextShape["anchor"]} anchor
 * @returns {TextShape}
 */
const words = (at, text, anchor) => ({ kind: "text", at, text, anchor, turned: false });

/**
 * A color of either scheme, as dark as a line on paper has to be.
 * @param {string} color "#rrggbb"
 */
export function onWhite(color) {
  let parts = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  while (1.05 / (luminance(parts) + 0.05) < CONTRAST) parts = parts.map((part) => Math.floor(part * 0.92));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** @param {number[]} parts from 0 to 255 */
function luminance(parts) {
  const [r, g, b] = parts.map((part) => part / 255).map((c) =>
    c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
