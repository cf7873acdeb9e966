/* What a chart draws over its curves: the reference, marks, and steps whose values are not finite. */
import { marksOf, stroke, write } from "./strokes.js";

/** @import uPlot from "uplot" */
/** @import { Plot } from "./plot.js" */

const ODD_PX = 8;

/**
 * @param {uPlot} u
 * @param {Plot} plot
 */
export function drawReference(u, { chart, palette }) {
  const { reference } = chart;
  if (reference === null) return;
  const y = Math.round(u.valToPos(reference, "y", true)) + 0.5;
  const { left, top, width, height } = u.bbox;
  if (y < top || y > top + height) return;
  stroke(u.ctx, palette.reference, [4, 4], [[left, y], [left + width, y]]);
}

/**
 * @param {uPlot} u
 * @param {Plot} plot
 */
export function drawMarks(u, plot) {
  const { palette } = plot;
  const { left, top, width, height } = u.bbox;
  const rows = [0, 0, 0]; /* how far right the words of each row reach */
  for (const mark of marksOf(plot.lines)) {
    const x = placeOf(u, mark.step);
    if (x === null) continue;
    stroke(u.ctx, palette.mark, [2, 3], [[x, top], [x, top + height]]);
    write(u.ctx, mark.text, palette.mark, x, top, left + width, rows);
  }
  for (const { step } of plot.odd()) {
    const x = placeOf(u, step);
    if (x === null) continue;
    u.ctx.fillStyle = palette.odd;
    u.ctx.fillRect(x - 1, top, 2, ODD_PX);
  }
}

/**
 * A step's place in pixels of the canvas, or null outside the plot.
 * @param {uPlot} u
 * @param {number} step
 */
function placeOf(u, step) {
  const { left, width } = u.bbox;
  const x = Math.round(u.valToPos(step, "x", true)) + 0.5;
  return x >= left && x <= left + width ? x : null;
}
