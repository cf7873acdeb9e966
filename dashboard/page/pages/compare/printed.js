/* A comparison as a table to print: a row for each run or group, its results beside it. Pure. */

/** @import { Tabular } from "../../lib/tabular.js" */
/** @import { Cell, Row } from "./results.js" */

/** @typedef {{ label: string, alone: boolean, runs: string[] }} Printable */

const INTERVAL = /95 %: (\S+) … (\S+),/;
const DIFFERENCE = / difference$/;

/**
 * @param {Printable[]} columns
 * @param {Row[]} rows results and settings
 * @returns {Tabular}
 */
export function printed(columns, rows) {
  const alone = columns.every((column) => column.alone);
  const shown = rows.filter(({ key, same }) =>
    key !== "state" && !same && (alone || !key.startsWith("setting "))
  );
  return {
    caption: `Comparison of ${columns.length} ${alone ? "runs" : "groups of runs"}` +
      `${alone ? "" : ": mean ± standard deviation over runs"}.`,
    heads: [
      alone ? "Run" : "Group",
      ...(alone ? [] : ["Runs"]),
      ...shown.map(({ key, head }) => (DIFFERENCE.test(key) ? "Difference (points) [95 % interval]" : head)),
    ],
    rows: columns.map(({ label, runs }, i) => [
      label,
      ...(alone ? [] : [String(runs.length)]),
      ...shown.map(({ key, cells }) => cellOf(cells[i], DIFFERENCE.test(key))),
    ]),
  };
}

/**
 * @param {Cell} cell
 * @param {boolean} difference whether its note is an interval
 */
function cellOf({ text, note = "", strong = false }, difference) {
  if (!difference) return { text, strong };
  const [, low, high] = INTERVAL.exec(note) ?? [];
  return { text: text.replace(" points", "") + (low ? ` [${low}, ${high}]` : ""), strong };
}
