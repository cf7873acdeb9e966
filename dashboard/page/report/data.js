/* The data that a report carries, as rhoscope/report/page.py writes them. */
import { pastsOf } from "../data/past.js";

/** @import { Ancestor, Past } from "../data/past.js" */

/**
 * Steps and values of one series; a value that is not finite is null, and its step is in `odd`.
 * @typedef {{ steps: number[], values: (number | null)[], odd: number[] }} Curve
 */

/**
 * One line of a chart; `color` is a name of the palette.
 * @typedef {{ run: string, name: string, label: string, color: string, dash: number[], faint: boolean,
 *   sparse: boolean, every: number }} Line
 */

/**
 * A chart, with its lines by view: "" shows all of them, a modality its own.
 * @typedef {{ name: string, title: string, unit: string, log: boolean, reference: number | null,
 *   about: { title: string, formula: string, help: string }[], views: { [view: string]: Line[] } }} Chart
 */

/** @typedef {{ step: number, text: string }} Mark */

/**
 * @typedef {{ views: string[], names: { [run: string]: string }, charts: Chart[],
 *   curves: { [run: string]: { [series: string]: Curve } }, marks: { [run: string]: Mark[] },
 *   search?: import("./search.js").SearchResults | null, ancestors: { [run: string]: Ancestor[] } }} Data
 */

/**
 * @param {Data} data
 * @param {Line} line
 * @returns {Curve | undefined}
 */
export const curveOf = (data, line) => data.curves[line.run]?.[line.name];

/**
 * The newest value at or before a step; of all values where the step is null.
 * @param {Curve | undefined} curve
 * @param {number | null} step
 */
export function valueAt(curve, step) {
  if (!curve) return null;
  if (step === null) return curve.values.at(-1) ?? null;
  let [low, high] = [0, curve.steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (curve.steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low ? curve.values[low - 1] : null;
}

/**
 * The marks of the runs of some lines, each once.
 * @param {Data} data
 * @param {Line[]} lines
 */
export function marksOf(data, lines) {
  /** @type {Map<string, Mark>} */
  const marks = new Map();
  for (const run of new Set(lines.map((line) => line.run))) {
    for (const mark of data.marks[run]) marks.set(`${mark.step} ${mark.text}`, mark);
  }
  return [...marks.values()].sort((a, b) => a.step - b.step);
}

/**
 * What of each run of some lines others among them have as well.
 * @param {Data} data
 * @param {Line[]} lines
 * @returns {Map<string, Past>}
 */
export function pastsIn(data, lines) {
  const runs = [...new Set(lines.map((line) => line.run))];
  const pasts = pastsOf(runs.map((run) => [[{ run, until: Infinity }, ...data.ancestors[run]]]));
  return new Map(runs.map((run, i) => [run, pasts[i]]));
}

/**
 * The range of the y axis that holds `low` to `high`, null without a value, and the chart's reference.
 * @param {Chart} chart
 * @param {number | null} low
 * @param {number | null} high
 * @returns {[number, number]}
 */
export function span({ log, reference }, low, high) {
  const empty = log ? [0.5, 2] : [0, 1];
  let [a, b] = low === null || high === null ? empty : [low, high];
  if (shown(reference, log)) [a, b] = [Math.min(a, reference), Math.max(b, reference)];
  return log ? [a / 1.15, b * 1.15] : padded(a, b);
}

/**
 * Whether a reference can be on the axis.
 * @param {number | null} reference
 * @param {boolean} log
 * @returns {reference is number}
 */
const shown = (reference, log) => reference !== null && !(log && reference <= 0);

/**
 * A linear range with room at its ends; one that begins near zero begins at zero.
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function padded(low, high) {
  const size = Math.max(high - low, Math.abs(high) * 0.02, 1e-9);
  const fromZero = low >= 0 && low < 0.25 * high;
  return [low - (fromZero ? 0.02 : 0.08) * size, high + 0.08 * size];
}
