/* The options of a chart's uPlot: axes, cursor, and what is drawn when. */
import { drawHighlight } from "./highlight.js";
import { drawMarks, drawReference } from "./overlay.js";
import { paintCurves } from "./painting.js";
import { FONT } from "./strokes.js";
import { decades, stepWords } from "./ticks.js";
import { tick } from "../lib/numbers.js";

/** @import uPlot from "uplot" */
/** @import { Plot } from "./plot.js" */

export const RIGHT = 24; /* pixels for the half of the last step's word */
const LEAST_DRAG = 5; /* pixels */
const DECADES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
const STEPS = [...DECADES.flatMap((d) => [d, 2 * d, 5 * d]), 1e7];

/** @type {uPlot.Scale.Range} */
const exactly = (_u, low, high) => [low, high];

/** @type {uPlot.Cursor} */
const CURSOR = {
  y: false,
  points: { show: false },
  drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG },
  bind: {
    dblclick: () => null,
    mousedown: (_u, _over, take) => (event) => (event.shiftKey ? null : take(event)),
  },
  sync: {
    key: "rhoscope",
    setSeries: false,
    scales: ["x", null],
    filters: { pub: (type) => type.startsWith("mouse") && type !== "mousedown" && type !== "mouseup" },
  },
};

/**
 * Of uPlot are axes and cursor. Its only series is empty: curves are painted.
 * @param {Plot} plot
 * @returns {uPlot.Options}
 */
export function options(plot) {
  return {
    width: Math.max(120, plot.width),
    height: Math.max(80, plot.height),
    padding: [10, RIGHT, 0, 0],
    legend: { show: false },
    cursor: CURSOR,
    scales: { x: { time: false, range: exactly }, y: { distr: plot.log ? 3 : 1, range: exactly } },
    axes: [axisX(plot), axisY(plot)],
    series: [{}, { points: { show: false }, paths: () => null }],
    hooks: {
      drawAxes: [(u) => drawHighlight(u, plot), (u) => drawReference(u, plot)],
      draw: [(u) => paintCurves(u, plot), (u) => drawMarks(u, plot), () => plot.redrawn()],
      setSelect: [(u) => select(u, plot)],
      setCursor: [(u) => plot.view.hover(cursorStep(u), plot)],
    },
  };
}

/**
 * @param {Plot} plot
 * @returns {uPlot.Axis}
 */
const look = (plot) => ({ stroke: () => plot.palette.axis, font: FONT, ticks: { show: false } });

/**
 * @param {Plot} plot
 * @returns {uPlot.Axis}
 */
const axisX = (plot) => ({
  ...look(plot),
  size: 28,
  gap: 6,
  grid: { show: false },
  space: 70,
  incrs: STEPS,
  values: (_u, at) => stepWords(at),
});

/**
 * @param {Plot} plot
 * @returns {uPlot.Axis}
 */
function axisY(plot) {
  /** @type {uPlot.Axis} */
  const axis = {
    ...look(plot),
    size: 54,
    gap: 8,
    space: 32,
    grid: { stroke: () => plot.palette.grid, width: 1 },
    values: (_u, at) => {
      plot.rows = at;
      return at.map(tick);
    },
  };
  if (!plot.log) return axis;
  return { ...axis, splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at };
}

/** @param {uPlot} u */
function cursorStep(u) {
  const { left = -1 } = u.cursor;
  return left >= 0 ? u.posToVal(left, "x") : null;
}

/**
 * Zoom to what was dragged over.
 * @param {uPlot} u
 * @param {Plot} plot
 */
function select(u, { view }) {
  const { left, width } = u.select;
  if (width < LEAST_DRAG) return;
  const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (to - from >= 1) view.zoomTo(Math.max(0, Math.floor(from)), Math.ceil(to));
}
