/* A chart as a drawing: text of our own, real words in it, every line as it is on the screen. Pure. */
import { tick } from "../lib/numbers.js";
import { curves } from "./svg-curves.js";
import { escaped, fixed, rule, text } from "./svg-text.js";
import { decades, stepWords, ticks } from "./ticks.js";

/** @import { Mark } from "../data/marks.js" */
/** @import { Colors } from "./colors.js" */
/** @import { SvgLine } from "./svg-curves.js" */

/**
 * An entry of the legend.
 * @typedef {{ label: string, color: string, dash: number[], sparse?: boolean, filled?: boolean }} SvgKey
 */
/** @typedef {{ at: number, words: string }} SvgTick */

/**
 * A chart as it is on the screen.
 * @typedef {object} SvgDrawing
 * @property {ArrayLike<number>} [x] of the lines that have none of their own
 * @property {SvgLine[]} lines
 * @property {number} x0
 * @property {number} x1
 * @property {number} low
 * @property {number} high
 * @property {boolean} log
 * @property {Mark[]} marks
 * @property {number[]} odd where values are not finite
 * @property {SvgTick[]} [ticks] of an x axis that does not show steps
 */

/**
 * What is written and drawn around it.
 * @typedef {object} SvgFrame
 * @property {string} title
 * @property {string} unit
 * @property {string} subtitle
 * @property {SvgKey[]} keys
 * @property {number | null} reference
 * @property {Pick<Colors, "surface" | "joint" | "axis" | "grid" | "reference" | "mark" | "odd">} colors
 */

/** @typedef {SvgDrawing & SvgFrame} SvgPicture */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box of the plot */
/** @typedef {{ x: (step: number) => number, y: (value: number) => number }} Scales from values to places */
/** @typedef {SvgKey & { x: number, y: number }} PlacedKey */

const FAMILY = "Inter, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
const EDGE = { left: 64, right: 34, bottom: 34 };
const HEAD = 56; /* above the legend's first row */
const ROW = 18; /* of the legend */
const MARGIN = 16;
const LETTER = 6.4; /* the usual width of a letter */
const MOST = 60; /* legend entries; more are counted */
const FAR = 9e3; /* lines end this far outside the drawing */

/**
 * @param {SvgPicture} picture
 * @param {{ width?: number, height?: number }} [size]
 */
export function chartSvg(picture, { width = 960, height = 460 } = {}) {
  const { title, unit, subtitle, colors } = picture;
  const legend = laid(picture.keys, width);
  const top = HEAD + ROW * legend.rows;
  const box = {
    left: EDGE.left,
    top,
    right: width - EDGE.right,
    bottom: height + ROW * Math.max(0, legend.rows - 1) - EDGE.bottom,
  };
  const at = scales(picture, box);
  const total = box.bottom + EDGE.bottom;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" ` +
    `viewBox="0 0 ${width} ${total}" font-family="${FAMILY}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${total}" fill="${colors.surface}"/>`,
    text(MARGIN, 26, title, { fill: colors.joint, size: 15, weight: 600 }),
    text(MARGIN, 44, [unit, subtitle].filter(Boolean).join(" · "), { fill: colors.axis }),
    ...legend.items.map((item) => keyOf(item, colors.joint)),
    ...axesOf(picture, box, at),
    `<clipPath id="inside"><rect x="${box.left}" y="${top}" ` +
    `width="${box.right - box.left}" height="${box.bottom - top}"/></clipPath>`,
    `<g clip-path="url(#inside)" fill="none" stroke-linejoin="round">`,
    ...picture.lines.flatMap((line) => curves(line, picture, at)),
    "</g>",
    ...marksOf(picture, box, at),
    ...picture.odd.map((step) => oddOf(at.x(step), box.top, colors.odd)),
    "</svg>",
  ].join("\n");
}

/**
 * @param {SvgPicture} picture
 * @param {Box} box
 * @returns {Scales}
 */
function scales({ x0, x1, low, high, log }, box) {
  const into = log ? Math.log10 : (/** @type {number} */ value) => value;
  const [a, b] = [into(low), into(high)];
  const share = (/** @type {number} */ value) => (into(value) - a) / (b - a || 1);
  return {
    x: (step) => box.left + ((step - x0) / (x1 - x0 || 1)) * (box.right - box.left),
    y: (value) => Math.max(-FAR, Math.min(FAR, box.bottom - share(value) * (box.bottom - box.top))),
  };
}

/**
 * Legend entries in rows, by their length in letters.
 * @param {SvgKey[]} keys
 * @param {number} width
 * @returns {{ items: PlacedKey[], rows: number }}
 */
function laid(keys, width) {
  const shown = keys.slice(0, MOST);
  if (keys.length > MOST) shown.push({ label: `and ${keys.length - MOST} more`, color: "none", dash: [] });
  let [x, row] = [MARGIN, 0];
  const items = shown.map((key) => {
    const wide = 34 + LETTER * key.label.length;
    if (x > MARGIN && x + wide > width - MARGIN) [x, row] = [MARGIN, row + 1];
    const item = { ...key, x, y: HEAD + 8 + ROW * row };
    x += wide + 8;
    return item;
  });
  return { items, rows: items.length ? row + 1 : 0 };
}

/**
 * @param {PlacedKey} key
 * @param {string} fill
 */
const keyOf = ({ x, y, label, color, dash }, fill) =>
  rule(`M${fixed(x)} ${y - 4}h20`, color, dash.join(" "), 2) + text(x + 26, y, label, { fill });

/**
 * @param {SvgPicture} picture
 * @param {Box} box
 * @param {Scales} at
 */
function axesOf(picture, box, at) {
  const { x0, x1, low, high, log, reference, colors } = picture;
  const across = (/** @type {number} */ y) => `M${box.left} ${fixed(y)}H${box.right}`;
  const inside = (/** @type {number} */ y) => y > box.top && y < box.bottom;
  const values = (log ? decades(low, high) : ticks(low, high, 6)).map((value) =>
    rule(across(at.y(value)), colors.grid) +
    text(box.left - 8, at.y(value) + 4, tick(value), { anchor: "end", fill: colors.axis })
  );
  const steps = (picture.ticks ?? stepTicks(x0, x1)).map((step) =>
    text(at.x(step.at), box.bottom + 18, step.words, { anchor: "middle", fill: colors.axis })
  );
  const shown = reference !== null && inside(at.y(reference));
  return [...values, ...steps, shown ? rule(across(at.y(reference)), colors.reference, "4 4") : ""];
}

/**
 * @param {number} x0
 * @param {number} x1
 * @returns {SvgTick[]}
 */
function stepTicks(x0, x1) {
  const at = ticks(x0, Math.max(x1, x0 + 1), 8).filter(Number.isInteger);
  return stepWords(at).map((words, i) => ({ at: at[i], words }));
}

/**
 * Marks, with their words where there is room.
 * @param {SvgPicture} picture
 * @param {Box} box
 * @param {Scales} at
 */
function marksOf({ marks, x0, x1, colors }, box, at) {
  let free = -Infinity; /* where the words of the last mark end */
  return marks.filter(({ step }) => step >= x0 && step <= x1).map(({ step, text: words }) => {
    const x = at.x(step);
    const line = rule(`M${fixed(x)} ${box.top}V${box.bottom}`, colors.mark, "2 3");
    if (x < free || x + 6 * words.length > box.right) return line;
    free = x + 6 * words.length + 10;
    return line + text(x + 5, box.top + 11, words, { fill: colors.mark, size: 10 });
  });
}

/**
 * A step whose value is not finite.
 * @param {number} x
 * @param {number} top
 * @param {string} fill
 */
const oddOf = (x, top, fill) => `<rect x="${fixed(x - 1)}" y="${top}" width="2" height="8" fill="${fill}"/>`;
