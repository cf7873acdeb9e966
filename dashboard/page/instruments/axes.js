import { ticks } from "../charts/ticks.js";
import { el } from "../lib/element.js";
import { short, tick } from "../lib/numbers.js";

/** @import { Colors } from "../charts/colors.js" */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
/** @typedef {(value: number) => number} Pixels of a value */
/** @typedef {{ px: Pixels, py: Pixels }} Scales */
/** @typedef {{ x?: (value: number) => string, y?: (value: number) => string, ys?: number[] | null }} Ticks */

/**
 * Draw axes in a box.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Box} box
 * @param {number[]} range of x
 * @param {number[]} range of y
 * @param {Colors} colors
 * @param {Ticks} [ticks] their texts, and where those of y are
 * @returns {Scales}
 */
export function axes(ctx, box, [x0, x1], [y0, y1], colors, { x = short, y = tick, ys = null } = {}) {
  /** @type {Pixels} */
  const px = (v) => box.left + ((v - x0) / Math.max(x1 - x0, 1e-12)) * (box.right - box.left);
  /** @type {Pixels} */
  const py = (v) => box.bottom - ((v - y0) / Math.max(y1 - y0, 1e-12)) * (box.bottom - box.top);
  ctx.lineWidth = 1;
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  for (const v of ys ?? ticks(y0, y1, (box.bottom - box.top) / 36)) {
    const at = Math.round(py(v)) + 0.5;
    ctx.strokeStyle = colors.grid;
    ctx.beginPath();
    ctx.moveTo(box.left, at);
    ctx.lineTo(box.right, at);
    ctx.stroke();
    ctx.fillStyle = colors.axis;
    ctx.fillText(y(v), box.left - 8, at);
  }
  ctx.textBaseline = "top";
  ctx.textAlign = "center";
  const marks = ticks(x0, x1, (box.right - box.left) / 70);
  for (const v of marks) ctx.fillText(x(v), Math.min(box.right - 8, px(v)), box.bottom + 8);
  return { px, py };
}

/**
 * An item of a legend: a small square and its words.
 * @param {string} color
 * @param {string} text
 * @param {string} [kind] a class of the square
 */
export const swatch = (color, text, kind = "") =>
  el(
    "span",
    { class: "legend-item" },
    el("span", { class: `legend-swatch ${kind}`, style: `--color:${color}` }),
    el("span", {}, text),
  );
