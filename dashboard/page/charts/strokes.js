/* What a chart draws besides its curves: marks and their words, and where a logarithmic axis has its ticks. */
import { decades, stepWords, ticks } from "./ticks.js";

const FAMILY = "Inter, ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const FONT = `11px ${FAMILY}`;

function stroke(ctx, color, dash, [[x0, y0], [x1, y1]]) {
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

/* What happened to the runs of some lines, each thing once, in order. */
function marksOf(lines) {
  const found = new Map();
  for (const record of new Set(lines.map((line) => line.record))) {
    for (const mark of record.marks) found.set(`${mark.step} ${mark.text}`, mark);
  }
  return [...found.values()].sort((a, b) => a.step - b.step);
}

/* A mark's words beside its line, on the side and in the row where there is room; where there is none, not. */
function write(ctx, text, color, x, top, right, rows) {
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

/* "#rrggbb" with an opacity. */
const fade = (color, share) => `${color}${Math.round(255 * share).toString(16).padStart(2, "0")}`;

export const strokes = { FAMILY, FONT, stroke, write, marksOf, fade };
