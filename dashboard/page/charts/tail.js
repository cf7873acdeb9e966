/* The newest steps of a chart, painted over what is there: axes and all before stay as they are. */
import { drawHighlight } from "./highlight.js";
import { RIGHT } from "./options.js";
import { drawMarks, drawReference } from "./overlay.js";
import { paintCurves } from "./painting.js";

/** @import uPlot from "uplot" */
/** @import { Plot } from "./plot.js" */

/**
 * @param {uPlot} u
 * @param {Plot} plot whose `shown` is the tail
 * @param {number} start its first step
 */
export function paintTail(u, plot, start) {
  const { ctx, bbox } = u;
  const left = Math.floor(u.valToPos(start, "x", true));
  const width = bbox.left + bbox.width + RIGHT * devicePixelRatio - left;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, 0, width, bbox.top + bbox.height + 2);
  ctx.clip();
  ctx.clearRect(left, 0, width, bbox.top + bbox.height + 2);
  drawRows(u, plot);
  drawHighlight(u, plot);
  drawReference(u, plot);
  paintCurves(u, plot);
  drawMarks(u, plot);
  ctx.restore();
}

/**
 * The lines across the plot, where uPlot has them.
 * @param {uPlot} u
 * @param {Plot} plot
 */
function drawRows(u, { rows, palette }) {
  const { ctx, bbox } = u;
  const shift = (devicePixelRatio % 2) / 2;
  ctx.strokeStyle = palette.grid;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const row of rows) {
    const y = Math.round(u.valToPos(row, "y", true)) + shift;
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
  }
  ctx.stroke();
}
