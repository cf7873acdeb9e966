/* A stretch of steps that is shown on one chart: the evidence of a sentence. */
import { fade } from "./strokes.js";

/** @import uPlot from "uplot" */
/** @import { Plot } from "./plot.js" */
/** @typedef {{ chart: string, start: number, end: number }} Stretch */

const LEAST_PX = 3;
const OPACITY = 0.16;

/** What is shown at the moment. @type {Stretch | null} */
let shown = null;

/** @param {Stretch | null} stretch null: none */
export const highlight = (stretch) => {
  shown = stretch;
};

/**
 * Draw the stretch behind the curves of its chart.
 * @param {uPlot} u
 * @param {Plot} plot
 */
export function drawHighlight(u, { chart, palette }) {
  if (!shown || shown.chart !== chart.name) return;
  const { left, top, width, height } = u.bbox;
  const inside = (/** @type {number} */ x) => Math.min(left + width, Math.max(left, x));
  const [from, to] = [shown.start, shown.end].map((step) => inside(u.valToPos(step, "x", true)));
  u.ctx.fillStyle = fade(palette.mark, OPACITY);
  u.ctx.fillRect(from, top, Math.max(LEAST_PX, to - from), height);
}
