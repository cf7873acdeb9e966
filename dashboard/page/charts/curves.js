/* The values that a chart's lines draw on a grid, computed again only where something changed. */
import { Bins } from "../data/bins.js";
import { fill } from "./grid.js";
import { outliers } from "./outliers.js";
import { smooth } from "./smoothing.js";

/** @import { Column } from "../data/columns.js" */
/** @import { Grid, Values } from "./grid.js" */
/** @import { Line } from "./lines.js" */

/**
 * @typedef {object} Curve
 * @property {string} key what the values depend on besides the column
 * @property {boolean} soft whether `solid` is smoothed
 * @property {Values} raw
 * @property {Values} solid
 * @property {Values} faint drawn behind a smoothed line: `raw`, or its outliers alone
 */

/**
 * @typedef {object} Smoothing
 * @property {boolean} smoothed
 * @property {number} tau in steps
 * @property {boolean} log whether in logarithms
 * @property {boolean} sparing whether outliers alone are drawn unsmoothed
 */

/**
 * @param {Line[]} lines
 * @param {(Column | undefined)[]} columns of each line
 * @param {Grid} grid
 * @param {Smoothing} smoothing
 * @param {WeakMap<Column, Curve>} [kept] curves computed before, used where they still hold; new ones take
 * their place
 * @returns {Curve[]}
 */
export function curvesOf(lines, columns, grid, smoothing, kept) {
  return lines.map((line, i) => {
    const [column, key] = [columns[i], keyOf(line, columns[i], grid, smoothing)];
    const before = column && kept?.get(column);
    if (before?.key === key) return before;
    const curve = curveOf(line, column, grid, smoothing, key);
    if (column) kept?.set(column, curve);
    return curve;
  });
}

/**
 * @param {Line} line
 * @param {Column | undefined} column
 * @param {Grid} grid
 * @param {Smoothing} smoothing
 */
function keyOf(line, column, grid, { smoothed, tau, log, sparing }) {
  const soft = smoothed && !line.sparse && !line.exact
    ? `${tau} ${sparing} ${line.record.breaks.length}`
    : "";
  return `${grid.first} ${grid.bins} ${grid.w} ${log} ${column?.version} ${soft}`;
}

/**
 * @param {Line} line
 * @param {Column | undefined} column
 * @param {Grid} grid
 * @param {Smoothing} smoothing
 * @param {string} key
 * @returns {Curve}
 */
function curveOf({ sparse, exact, record }, column, grid, { smoothed, tau, log, sparing }, key) {
  const raw = fill(column, grid, log);
  if (!smoothed || sparse || exact) return { key, soft: false, raw, solid: raw, faint: raw };
  const bins = column instanceof Bins ? column : undefined;
  const solid = smooth(bins, grid, tau, log, record.breaks);
  return { key, soft: true, raw, solid, faint: sparing ? outliers(raw, solid, log) : raw };
}
