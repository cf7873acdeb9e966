/* The form in its page's address; `dashboard/address.py` reads it back. */

const ONE = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+-\d+)$/;
const SPACED_RANGE = /(?<![\d.])(\d+)\s+-\s+(\d+)(?![\d.])/g;
const BETWEEN = /\s*[,;]\s+|\s+|(?<=\.\d+),(?=\d*\.\d)/; /* not 0,1, which may be one number */

/**
 * The value of the parameter `set`: alpha:0.3,seed:0_1.
 * @param {Record<string, string>} changed texts of the settings that differ from their defaults, by name
 */
export const addressOf = (changed) =>
  Object.entries(changed).map(([name, text]) => `${encodeURIComponent(name)}:${packed(text)}`).join(",");

/**
 * Several numbers as 0.1_0.8, anything else as it was typed: commas and colons separate settings.
 * @param {string} text
 */
function packed(text) {
  const parts = text.trim().replace(SPACED_RANGE, "$1-$2").split(BETWEEN);
  if (parts.every((part) => ONE.test(part))) return parts.join("_");
  return encodeURIComponent(text).replaceAll("_", "%5F");
}
