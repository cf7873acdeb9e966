/* Pieces of a drawing: words and straight lines. Pure. */

/**
 * @typedef {object} TextLook
 * @property {"start" | "middle" | "end"} [anchor]
 * @property {string} fill
 * @property {number} [size]
 * @property {number} [weight]
 */

/** @param {string} text */
export const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** @param {number} value */
export const fixed = (value) => String(Number(value.toFixed(2)));

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {TextLook} look
 */
export const text = (x, y, words, { anchor = "start", fill, size = 11, weight = 400 }) =>
  `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" fill="${fill}" ` +
  `font-size="${size}" font-weight="${weight}">${escaped(words)}</text>`;

/**
 * @param {string} path
 * @param {string} stroke
 * @param {string} [dash]
 * @param {number} [width]
 */
export const rule = (path, stroke, dash = "", width = 1) =>
  `<path d="${path}" stroke="${stroke}"${width === 1 ? "" : ` stroke-width="${width}"`}${dashed(dash)}/>`;

/** @param {string} dash */
export const dashed = (dash) => (dash ? ` stroke-dasharray="${dash}"` : "");
