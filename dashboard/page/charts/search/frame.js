/* The ground of a drawing with two axes: grid, ticks, and what each axis is. */
import { shape, text } from "../../lib/shapes.js";

/** @import { Scale } from "./axis.js" */
/** @typedef {{ svg: SVGSVGElement, x: (at: number) => number, y: (at: number) => number }} Frame */

const [LEFT, RIGHT, TOP, BOTTOM] = [58, 14, 28, 38];
const WORDS = "var(--chart-axis)";

/**
 * An empty drawing; `x` and `y` turn a place from 0 to 1 into pixels.
 * @param {string} label what it shows
 * @param {number} width
 * @param {number} height
 * @param {Scale} across
 * @param {Scale} up
 * @returns {Frame}
 */
export function frame(label, width, height, across, up) {
  const svg = drawing(label, width, height);
  const x = (/** @type {number} */ at) => LEFT + at * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ at) => TOP + (1 - at) * (height - TOP - BOTTOM);
  for (const { at, words } of up.ticks) {
    svg.append(
      shape("line", { x1: LEFT, x2: width - RIGHT, y1: y(at), y2: y(at), stroke: "var(--chart-grid)" }),
    );
    svg.append(text(LEFT - 8, y(at) + 4, cut(words), "end", WORDS));
  }
  for (const { at, words } of across.ticks) {
    const anchor = at === 0 ? "start" : at === 1 ? "end" : "middle";
    svg.append(text(x(at), height - BOTTOM + 16, cut(words), anchor, WORDS));
  }
  svg.append(text(8, 12, up.name.replaceAll("_", " "), "start", WORDS));
  svg.append(text((LEFT + width - RIGHT) / 2, height - 5, across.name.replaceAll("_", " "), "middle", WORDS));
  return { svg, x, y };
}

/**
 * @param {string} label
 * @param {number} width
 * @param {number} height
 */
export const drawing = (label, width, height) =>
  shape("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": label,
    class: "trial-drawing",
  });

/** @param {string} words */
export const cut = (words) => (words.length > 10 ? `${words.slice(0, 9)}…` : words);
