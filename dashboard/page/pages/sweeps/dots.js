/* Final numbers against a setting: a dot for each run, a bar for mean ± deviation. */
import { fade } from "../../charts/strokes.js";
import { ticks } from "../../charts/ticks.js";
import { el } from "../../lib/element.js";
import { parsed, percent } from "../../lib/numbers.js";
import { hint, shape, text } from "../../lib/shapes.js";
import { plain } from "../../lib/values.js";
import { heading } from "../../runs/facts.js";

/** @import { Colors } from "../../charts/colors.js" */
/** @import { SweepEntry } from "./results.js" */
/** @typedef {(value: number) => number} Place of a value in the drawing */
/** @typedef {{ x: Place, y: Place, at: number[], low: number, high: number }} Scales `at`: of the setting */

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [460, 260, 52, 40, 14, 18];
const TICKS = 5;
const MARGIN = 0.01; /* of accuracy beyond the dots, at least */
const APART_PX = [22, 200]; /* between entries at the same place, and all of them together, at most */
const [CAP_PX, DOT_PX] = [7, 3.5];

/** @param {string} metric */
const words = (metric) => (metric === "best" ? "Best validation accuracy" : "Test accuracy");

/**
 * @param {SweepEntry[]} entries
 * @param {string} axis a setting whose values are numbers
 * @param {string} metric
 * @param {Colors} colors
 */
export function dots(entries, axis, metric, colors) {
  const known = entries.filter((entry) => entry.final[metric]);
  const scales = scalesOf(known, axis, metric);
  const svg = shape("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": `${words(metric)} against ${axis}`,
    class: "dots",
  });
  svg.append(...ground(scales, heading(axis), colors));
  for (const value of scales.at) {
    const here = known.filter((entry) => entry.values[axis] === value);
    const apart = Math.min(APART_PX[0], APART_PX[1] / scales.at.length / here.length);
    here.forEach((entry, i) => {
      const x = scales.x(value) + (i - (here.length - 1) / 2) * apart;
      svg.append(...marks(entry, metric, x, scales.y));
    });
  }
  const note = scales.at.length > 1 ? " Settings are in order, not to scale." : "";
  return el(
    "figure",
    {},
    el("figcaption", {}, el("h3", {}, `${words(metric)} against ${heading(axis)}`)),
    svg,
    el("p", { class: "form-note" }, `Each dot is one run; bars are mean ± standard deviation.${note}`),
  );
}

/**
 * @param {SweepEntry[]} entries
 * @param {string} axis
 * @param {string} metric
 * @returns {Scales}
 */
function scalesOf(entries, axis, metric) {
  const at = [...new Set(entries.map((entry) => Number(entry.values[axis])))].sort((a, b) => a - b);
  const all = entries.flatMap((entry) => finite(entry, metric));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const margin = Math.max(MARGIN, 0.15 * (most - least));
  const [low, high] = [Math.max(0, least - margin), Math.min(1, most + margin)];
  return {
    at,
    low,
    high,
    x: (value) => LEFT + ((at.indexOf(value) + 0.5) / at.length) * (WIDTH - LEFT - RIGHT),
    y: (value) => TOP + (1 - (value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM),
  };
}

/**
 * @param {SweepEntry} entry
 * @param {string} metric
 */
const finite = (entry, metric) =>
  Object.values(entry.final[metric].values).map(parsed).filter(Number.isFinite);

/**
 * The axes and their words.
 * @param {Scales} scales
 * @param {string} title of the horizontal axis
 * @param {Colors} colors
 */
function ground({ x, y, at, low, high }, title, colors) {
  const values = high > low ? ticks(low, high, TICKS) : []; /* none where no run has a finite number */
  const lines = values.flatMap((value) => [
    shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), stroke: colors.grid }),
    text(LEFT - 8, y(value) + 4, percent(value), "end", colors.axis),
  ]);
  const settings = at.map((value) =>
    text(x(value), HEIGHT - BOTTOM + 18, plain(value), "middle", colors.axis)
  );
  return [...lines, ...settings, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 5, title, "middle", colors.axis)];
}

/**
 * The bar and the dots of an entry.
 * @param {SweepEntry} entry
 * @param {string} metric
 * @param {number} x
 * @param {Place} y
 */
function marks(entry, metric, x, y) {
  const { mean, deviation } = entry.final[metric];
  const [middle, apart] = [mean, deviation].map(parsed);
  if (!Number.isFinite(middle)) return [];
  const line = { stroke: entry.color, "stroke-width": 2 };
  const fill = fade(entry.color, 0.55);
  const drawn = [
    shape("line", { x1: x, x2: x, y1: y(middle - apart), y2: y(middle + apart), ...line }),
    shape("line", { x1: x - CAP_PX, x2: x + CAP_PX, y1: y(middle), y2: y(middle), ...line }),
    ...finite(entry, metric).map((value) => shape("circle", { cx: x, cy: y(value), r: DOT_PX, fill })),
  ];
  drawn.at(-1)?.append(hint(`${entry.label}: ${percent(middle)}`));
  return drawn;
}
