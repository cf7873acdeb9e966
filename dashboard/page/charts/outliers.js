/* Where there is no room for a curve and its smoothed one: what of the former no reader may miss. */

/** @import { Values } from "./grid.js" */

const FAR = 4; /* a value this many mean distances from the smooth curve is an outlier */

/**
 * The values far from the smooth curve, with their neighbors: no spike is lost.
 * @param {Values} raw
 * @param {Values} soft
 * @param {boolean} log
 * @returns {Values}
 */
export function outliers(raw, soft, log) {
  const off = distances(raw, soft, log);
  const far = limit(raw, off);
  /** @type {Values} */
  const out = new Array(raw.length).fill(null);
  let last = -1;
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === null) continue;
    if (last < 0 ? off[i] > far : Math.max(off[i], off[last]) > far) {
      out[i] = raw[i];
      if (last >= 0) out[last] = raw[last];
    }
    last = i;
  }
  return out;
}

/**
 * @param {Values} raw
 * @param {Float64Array} off
 */
function limit(raw, off) {
  let sum = 0, known = 0;
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === null) continue;
    sum += off[i];
    known++;
  }
  return (FAR * sum) / Math.max(1, known);
}

/**
 * How far each value is from the smooth curve. A bin's second slot is compared with its mean too, which is in
 * the first.
 * @param {Values} raw
 * @param {Values} soft
 * @param {boolean} log
 */
function distances(raw, soft, log) {
  const off = new Float64Array(raw.length);
  /** @type {number | null} */
  let mean = null;
  for (let i = 0; i < raw.length; i++) {
    const value = raw[i];
    mean = soft[i] ?? mean;
    if (value !== null && mean !== null) off[i] = Math.abs(log ? Math.log(value / mean) : value - mean);
  }
  return off;
}
