/* The steps that are seen when nothing is zoomed. Pure. */
import { horizon } from "./grid.js";

/** @import { Record } from "../data/record.js" */

/**
 * Where some runs begin: at step 0, or where all their values are far behind it.
 * @param {Pick<Record, "series">[]} records
 */
export function beginning(records) {
  const first = Math.min(...records.map(({ series }) => series.origin));
  return Number.isFinite(first) ? first : 0;
}

/**
 * From where runs begin to their last step, or a little beyond it while they grow.
 * @param {Pick<Record, "series">[]} records
 * @param {number} last
 * @param {boolean} grows
 * @returns {[number, number]}
 */
export function extent(records, last, grows) {
  const first = beginning(records);
  return [first, grows ? first + horizon(last - first) : last];
}
