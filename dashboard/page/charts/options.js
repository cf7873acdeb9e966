/* The options of a chart's uPlot: axes, series, cursor, and what is drawn when. */
import { drawHighlight } from "./highlight.js";
import { drawMarks, drawReference } from "./overlay.js";
import { FONT } from "./strokes.js";
import { decades, stepWords } from "./ticks.js";
import { tone } from "./tones.js";
import { tick } from "../lib/numbers.js";

/** @import uPlot from "uplot" */
/** @import { Colors } from "./colors.js" */
/** @import { Line } from "./lines.js" */
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
 * @param {Plot} plot
 * @param {uPlot.Series[]} series
 * @returns {uPlot.Options}
 */
export function options(plot, series) {
  return {
    width: Math.max(120, plot.width),
    height: Math.max(80, plot.height),
    padding: [10, RIGHT, 0, 0],
    legend: { show: false },
    cursor: CURSOR,
    scales: { x: { time: false, range: exactly }, y: { distr: plot.log ? 3 : 1, range: exactly } },
    axes: [axisX(plot), axisY(plot)],
    series: [{}, ...series],
    hooks: {
      drawAxes: [(u) => drawHighlight(u, plot), (u) => drawReference(u, plot)],
      draw: [(u) => drawMarks(u, plot), () => plot.redrawn()],
      setSelect: [(u) => select(u, plot)],
      setCursor: [(u) => plot.view.hover(cursorStep(u), plot)],
    },
  };
}

/**
 * @param {Plot} plot
 * @returns {uPlot.Axis}
 */
const look = ({ palette }) => ({ stroke: palette.axis, font: FONT, ticks: { show: false } });

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
    grid: { stroke: plot.palette.grid, width: 1 },
    values: (_u, at) => at.map(tick),
  };
  if (!plot.log) return axis;
  return { ...axis, splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at };
}

/**
 * A line at full strength; what it shares with others of the chart is gray.
 * @param {Line} line
 * @param {Pick<Colors, "axis" | "surface">} palette
 * @returns {uPlot.Series}
 */
export function solidSeries(line, { axis: gray, surface }) {
  const toned = (/** @type {string} */ color, /** @type {string} */ before) => (/** @type {uPlot} */ u) =>
    tone(u, line.record.past, color, before, 1, true);
  return {
    label: line.label,
    stroke: (u) => tone(u, line.record.past, line.color, gray, line.faint ? 0.65 : 1, line.sparse),
    dash: line.sparse && line.record.many ? [] : line.dash,
    width: 1,
    spanGaps: true,
    points: line.sparse
      ? {
        show: true,
        size: 5,
        width: 1,
        fill: line.filled ? toned(line.color, gray) : toned(surface, surface),
        stroke: toned(line.color, gray),
      }
      : { show: false },
  };
}

/**
 * A smoothed line as it was.
 * @param {Line} line
 * @param {boolean} sparing whether it is outliers alone
 * @param {Pick<Colors, "axis">} palette
 * @returns {uPlot.Series}
 */
export function faintSeries(line, sparing, { axis: gray }) {
  const companion = line.faint ? 0.12 : 0.24;
  return {
    label: line.label,
    stroke: (u) => tone(u, line.record.past, line.color, gray, sparing ? 0.8 : companion),
    width: 1,
    spanGaps: !sparing,
    points: { show: false },
  };
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
