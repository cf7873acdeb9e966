/* Numbers as text, and numbers as the API writes them. */

/**
 * Four significant digits, or "NaN", "∞" as they are.
 * @param {number | null | undefined} value
 */
export function number(value) {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return finite(value);
}

/** @param {number} value */
function finite(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${digits}e${Number(power)}`.replaceAll("-", "−");
  }
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

/**
 * Four significant digits, always: a number that changes keeps its width.
 * @param {number} value
 */
export function even(value) {
  const text = number(value);
  if (!Number.isFinite(value) || text.includes("e")) return text;
  const size = Math.abs(value);
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  return value.toFixed(Math.max(0, Math.min(5, size < 0.1 ? 5 : 4) - whole)).replace("-", "−");
}

/**
 * A value as an axis shows it: 1e−4 and not 1.00e−4.
 * @param {number} value
 */
export const tick = (value) => number(value).replace(/\.?0+e/, "e");

/**
 * A step as an axis shows it: 12.5k.
 * @param {number} value
 */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 1e12) return `${Number((value / 1e12).toPrecision(4))}T`;
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(4))}G`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
  return String(value);
}

/**
 * A whole number with its thousands apart: 12,345. Written here, since a page has thousands of them and the
 * browser's own way is slow.
 * @param {number} value
 */
export function whole(value) {
  const rounded = Math.round(value);
  if (!(Math.abs(rounded) < 1e21)) return rounded.toLocaleString("en-US");
  return String(rounded).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

/**
 * A difference of shares in points, with its sign.
 * @param {number} share
 */
export const points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;

/** @type {{ [text: string]: number }} */
const ODD = { NaN, Infinity, "-Infinity": -Infinity };

/**
 * A value from the API, which writes non-finite numbers as "NaN", "Infinity", "-Infinity".
 * @template T
 * @param {T} value
 * @returns {T | number}
 */
export const parsed = (value) => (typeof value === "string" && value in ODD ? ODD[value] : value);

/**
 * Bytes as 1.2 MB.
 * @param {number} bytes
 */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
