/* What benchmarks and tests read: how often the page draws, at what cost, and what it holds of each run. */

/**
 * Rows of a run, and how they arrived.
 * @typedef {object} RunStats
 * @property {number} rows
 * @property {number} duplicates
 * @property {number} missing
 * @property {number} gaps
 * @property {number} thinned
 * @property {number} last the newest step
 * @property {number} drawn the newest step on every visible chart
 */

/**
 * @typedef {object} Stats
 * @property {number} draws
 * @property {number} lastDrawMs
 * @property {number} drawMs
 * @property {number} reconnects
 * @property {boolean} connected
 * @property {{ [id: string]: RunStats }} runs
 * @property {((seen: number, drawn: number) => void) | null} onDrawn called once a drawing is on the
 * screen, with when that was and when it was drawn
 * @property {number} [zooms]
 * @property {number} [zoomMs]
 */

/** @type {Stats} */
export const stats = {
  draws: 0,
  lastDrawMs: 0,
  drawMs: 0,
  reconnects: 0,
  connected: false,
  runs: {},
  onDrawn: null,
};
