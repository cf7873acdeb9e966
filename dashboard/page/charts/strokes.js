/* What a chart draws besides its curves: straight lines, marks and their words. */

/** @import { Mark } from "../data/marks.js" */
/** @import { Record } from "../data/record.js" */

/** @typedef {[x: number, y: number]} Place in pixels of the canvas */

export const FAMILY = "Inter, ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
export const FONT = `11px ${FAMILY}`;

/**
 * A thin straight line.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} color
 * @param {number[]} dash
 * @param {[from: Place, to: Place]} ends
 */
export function stroke(ctx, color, dash, [[x0, y0], [x1, y1]]) {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
  ctx.restore();
}

/**
 * What happened to the runs of some lines, each thing once, by step.
 * @param {{ record: Pick<Record, "marks"> }[]} lines
 */
export function marksOf(lines) {
  /** @type {Map<string, Mark>} */
  const marks = new Map();
  for (const record of new Set(lines.map((line) => line.record))) {
    for (const mark of record.marks) marks.set(`${mark.step} ${mark.text}`, mark);
  }
  return [...marks.values()].sort((a, b) => a.step - b.step);
}

/**
 * A mark's words beside its line, on the side and in the row where there is room, or not at all.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {string} color
 * @param {number} x
 * @param {number} top
 * @param {number} right where the plot ends
 * @param {number[]} rows how far right the words of each row reach; changed by this function
 */
export function write(ctx, text, color, x, top, right, rows) {
  ctx.save();
  ctx.font = FONT.replace("11px", `${10 * devicePixelRatio}px`);
  ctx.fillStyle = color;
  ctx.textAlign = "left";
  const width = ctx.measureText(text).width + 5;
  const start = x + width < right ? x + 5 : x - width;
  const row = rows.findIndex((end) => end < start);
  if (row >= 0) {
    rows[row] = start + width;
    ctx.fillText(text, start, top + (10 + 13 * row) * devicePixelRatio);
  }
  ctx.restore();
}

/**
 * "#rrggbb" with an opacity.
 * @param {string} color
 * @param {number} share
 */
export const fade = (color, share) =>
  share < 1 ? `${color}${Math.round(255 * share).toString(16).padStart(2, "0")}` : color;
