/* One chart of a report as a uPlot: its axes, lines, reference and marks. */
import uPlot from "uplot";
import { FONT, stroke, write } from "../charts/strokes.js";
import { decades, stepWords } from "../charts/ticks.js";
import { tone } from "../charts/tones.js";
import { ALONE } from "../data/past.js";
import { number } from "../lib/numbers.js";
import { curveOf, marksOf, pastsIn, span } from "./data.js";

/** @import { Chart, Data, Line } from "./data.js" */

export const HEIGHT = 220;
const FAINT = 0.65;
const MARK_ROWS = 4;
const ODD_PX = 8;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 5e6];

/** @param {string} name of the palette */
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * One shared x of all lines, and each value where its step is; null when nothing was recorded.
 * @param {Data} data
 * @param {Chart} chart
 * @param {Line[]} lines
 */
export function columns(data, chart, lines) {
  const curves = lines.map((line) => curveOf(data, line) ?? { steps: [], values: [] });
  if (!curves.some((curve) => curve.steps.length)) return null;
  /** @param {number | null} value */
  const drawn = (value) => (chart.log && value !== null && value <= 0 ? null : value);
  const tables = curves.map((
    { steps, values },
  ) => /** @type {uPlot.AlignedData} */ ([steps, values.map(drawn)]));
  return uPlot.join(tables, tables.map(() => [0, 1]));
}

/**
 * What uPlot is given.
 * @param {Data} data
 * @param {Chart} chart
 * @param {Line[]} lines
 * @param {{ width: number, zoom: () => [number, number] | null, read: (u: uPlot) => void,
 *   select: (u: uPlot) => void }} view
 * @returns {uPlot.Options}
 */
export function options(data, chart, lines, { width, zoom, read, select }) {
  return {
    width,
    height: HEIGHT,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 5 },
      sync: { key: "report", setSeries: false, scales: ["x", null] },
    },
    scales: {
      x: { time: false, range: (_u, low, high) => zoom() ?? [low ?? 0, Math.max((low ?? 0) + 1, high ?? 1)] },
      y: { distr: chart.log ? 3 : 1, range: (_u, low, high) => span(chart, low, high) },
    },
    axes: axes(chart),
    series: [{}, ...seriesOf(data, lines)],
    hooks: {
      drawAxes: [(u) => reference(u, chart)],
      draw: [(u) => marks(u, data, lines), (u) => odd(u, data, lines)],
      setSelect: [select],
      setCursor: [read],
    },
  };
}

/**
 * @param {Chart} chart
 * @returns {uPlot.Axis[]}
 */
function axes(chart) {
  const axis = { stroke: color("chart-axis"), font: FONT, ticks: { show: false } };
  /** @type {uPlot.Axis} */
  const logarithmic = { splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at };
  return [
    {
      ...axis,
      size: 28,
      gap: 6,
      grid: { show: false },
      space: 70,
      incrs: STEPS,
      values: (_u, at) => stepWords(at),
    },
    {
      ...axis,
      size: 56,
      gap: 8,
      space: 32,
      grid: { stroke: color("chart-grid"), width: 1 },
      values: (_u, at) => at.map((value) => (value === null ? "" : number(value))),
      ...(chart.log ? logarithmic : {}),
    },
  ];
}

/**
 * Each line in its color; what it shares with others is drawn once, in gray.
 * @param {Data} data
 * @param {Line[]} lines
 * @returns {uPlot.Series[]}
 */
function seriesOf(data, lines) {
  const pasts = pastsIn(data, lines);
  return lines.map((line) => {
    const past = pasts.get(line.run) ?? ALONE;
    const toned = (/** @type {string} */ own, /** @type {string} */ gray) => (/** @type {uPlot} */ u) =>
      tone(u, past, color(own), color(gray), line.faint ? FAINT : 1, line.sparse);
    const pen = toned(line.color, "chart-axis");
    const dots = { show: true, size: 5, width: 1, fill: toned("surface", "surface"), stroke: pen };
    const points = line.sparse ? dots : { show: false };
    return { stroke: pen, dash: line.dash, width: 1.2, spanGaps: true, points };
  });
}

/**
 * @param {uPlot} u
 * @param {Chart} chart
 */
function reference(u, chart) {
  if (chart.reference === null) return;
  const y = Math.round(u.valToPos(chart.reference, "y", true)) + 0.5;
  const { left, top, width, height } = u.bbox;
  if (y < top || y > top + height) return;
  stroke(u.ctx, color("chart-reference"), [4, 4], [[left, y], [left + width, y]]);
}

/**
 * Where a step is, in pixels of the canvas; null outside the chart.
 * @param {uPlot} u
 * @param {number} step
 */
function place(u, step) {
  const x = Math.round(u.valToPos(step, "x", true)) + 0.5;
  return x >= u.bbox.left && x <= u.bbox.left + u.bbox.width ? x : null;
}

/**
 * Settings that were changed and the points where a run was forked, in words beside their lines.
 * @param {uPlot} u
 * @param {Data} data
 * @param {Line[]} lines
 */
function marks(u, data, lines) {
  const { left, top, width, height } = u.bbox;
  const rows = new Array(MARK_ROWS).fill(-Infinity);
  for (const { step, text } of marksOf(data, lines)) {
    const x = place(u, step);
    if (x === null) continue;
    stroke(u.ctx, color("chart-mark"), [2, 3], [[x, top], [x, top + height]]);
    write(u.ctx, text, color("chart-mark"), x, top, left + width, rows);
  }
}

/**
 * Values that are not finite, as notches at the upper edge.
 * @param {uPlot} u
 * @param {Data} data
 * @param {Line[]} lines
 */
function odd(u, data, lines) {
  u.ctx.fillStyle = color("chart-odd");
  for (const step of lines.flatMap((line) => curveOf(data, line)?.odd ?? [])) {
    const x = place(u, step);
    if (x !== null) u.ctx.fillRect(x - 1, u.bbox.top, 2, ODD_PX);
  }
}
