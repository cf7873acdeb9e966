/* Entries: groups of runs, or runs alone, each with a line of its own in every card. */

/** @import { Band, Run } from "../api/schema.d.ts" */
/** @import { Colors } from "../charts/colors.js" */
/** @import { Past } from "../data/past.js" */
/**
 * @typedef {object} Entry
 * @property {string} key
 * @property {string} label
 * @property {boolean} [alone] whether it is a single run: its bands are the extremes, not a deviation
 * @property {boolean} [hidden]
 * @property {Past} [past] what of it other entries have as well, in steps
 * @property {Run[]} [members] its runs, as far as they are known
 * @property {Band[]} bands
 */
/** @typedef {{ color: string, dash: number[] }} Look */
/** @typedef {Entry & Look} ColoredEntry */

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3], [12, 4]];

/**
 * Entries with the color and dashes of their place: ten colors, then the same ones dashed.
 * @template {{ key: string }} T
 * @param {T[]} entries
 * @param {Colors} colors
 * @returns {(T & Look)[]}
 */
export function colored(entries, colors) {
  colors.runs = entries.map((entry) => entry.key);
  return entries.map((entry, i) => ({
    ...entry,
    color: colors.run(entry.key),
    dash: DASHES[Math.floor(i / 10) % DASHES.length],
  }));
}
