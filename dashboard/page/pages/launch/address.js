/* The form in its page's address; `dashboard/address.py` reads it back. */

const NUMBERS = /^[\d.-][\d.eE+\-–\s,;]*$/;
const RANGE = /(\d)(?:\s+-\s+|\s*(?:–|\.\.)\s*)(?=\d)/g;

/**
 * The value of the parameter `set`: alpha:0.3,seed:0_1.
 * @param {Record<string, string>} changed texts of the settings that differ from their defaults, by name
 */
export const addressOf = (changed) =>
  Object.entries(changed).map(([name, text]) => `${encodeURIComponent(name)}:${packed(text)}`).join(",");

/**
 * Several numbers as 0.1_0.8, anything else as it is: commas and colons separate settings.
 * @param {string} text
 */
function packed(text) {
  if (!NUMBERS.test(text)) return encodeURIComponent(text);
  return text.trim().replace(RANGE, "$1-").split(/[,;\s]+/).filter(Boolean).join("_");
}
