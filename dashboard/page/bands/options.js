/* The options of a card's uPlot, which draws axes and cursor. */
import { FONT } from "../charts/strokes.js";
import { decades } from "../charts/ticks.js";
import { tick } from "../lib/numbers.js";
import { paint } from "./painting.js";

/** @import uPlot from "uplot" */
/** @import { BandCard } from "./card.js" */

/** @type {uPlot.Scale.Range} */
const exactly = (_u, low, high) => [low, high];

/** @type {uPlot.Cursor} */
const CURSOR = {
  y: false,
  points: { show: false },
  drag: { x: true, y: false, setScale: false, dist: 5 },
  bind: { dblclick: () => null },
  sync: {
    key: "rhoscope-bands",
    setSeries: false,
    scales: ["x", null],
    filters: { pub: (type) => type.startsWith("mouse") && type !== "mousedown" && type !== "mouseup" },
  },
};

/**
 * @param {BandCard} card
 * @param {number} width
 * @param {number} height
 * @returns {uPlot.Options}
 */
export function options(card, width, height) {
  return {
    width,
    height,
    padding: [10, 20, 0, 0],
    legend: { show: false },
    cursor: CURSOR,
    scales: { x: { time: false, range: exactly }, y: { distr: card.log ? 3 : 1, range: exactly } },
    axes: [axisX(card), axisY(card)],
    series: [{}, { show: true, points: { show: false } }],
    hooks: {
      draw: [(u) => paint(u, card)],
      setCursor: [(u) => card.point(u)],
      setSelect: [(u) => select(u, card)],
    },
  };
}

/**
 * @param {BandCard} card
 * @returns {uPlot.Axis}
 */
const look = ({ board }) => ({ stroke: board.colors.axis, font: FONT, ticks: { show: false } });

/**
 * @param {BandCard} card
 * @returns {uPlot.Axis}
 */
function axisX(card) {
  const { axis } = card.board;
  return {
    ...look(card),
    size: 28,
    gap: 6,
    grid: { show: false },
    space: 70,
    incrs: axis.steps,
    values: (_u, at) => at.map((x) => axis.tick(x, card.board.range ?? [0, 1])),
  };
}

/**
 * @param {BandCard} card
 * @returns {uPlot.Axis}
 */
function axisY(card) {
  return {
    ...look(card),
    size: 54,
    gap: 8,
    space: 32,
    grid: { stroke: card.board.colors.grid, width: 1 },
    values: (_u, at) => at.map(tick),
    ...(card.log
      ? {
        splits: (
          /** @type {uPlot} */ _u,
          /** @type {number} */ _i,
          /** @type {number} */ low,
          /** @type {number} */ high,
        ) => decades(low, high),
        filter: (/** @type {uPlot} */ _u, /** @type {number[]} */ at) => at,
      }
      : {}),
  };
}

/**
 * Zoom to what was dragged over.
 * @param {uPlot} u
 * @param {BandCard} card
 */
function select(u, card) {
  const { left, width } = u.select;
  if (width < 5) return;
  const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  card.board.zoomTo(from, to);
}
