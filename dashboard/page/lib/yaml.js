/* JSON values as YAML. */

/** Texts that YAML reads as other values. */
const KEYWORD = /^(true|false|yes|no|on|off|null|y|n)$/i;

/** @param {string} text */
const bare = (text) => /^[A-Za-z][A-Za-z0-9 _./+-]*$/.test(text) && !KEYWORD.test(text) && !/\s$/.test(text);

/**
 * Many readers of YAML take 1e-7 for a text, and 1.0e-7 for the number.
 * @param {unknown} value
 */
function scalar(value) {
  if (typeof value === "string" && bare(value)) return value;
  return JSON.stringify(value).replace(/^(-?\d+)e/, "$1.0e");
}

/**
 * A JSON value as YAML; scalars that could be misread are quoted as in JSON, which is YAML too.
 * @param {unknown} value
 * @param {string} [indent]
 * @returns {string}
 */
export function yaml(value, indent = "") {
  if (!nested(value)) return `${indent}${scalar(value)}\n`;
  /** @type {[string, unknown][]} */
  const entries = Array.isArray(value)
    ? value.map((item) => ["-", item])
    : Object.entries(value).map(([key, item]) => [`${scalar(key)}:`, item]);
  return entries
    .map(([key, item]) =>
      nested(item) ? `${indent}${key}\n${yaml(item, `${indent}  `)}` : `${indent}${key} ${scalar(item)}\n`
    )
    .join("");
}

/**
 * @param {unknown} value
 * @returns {value is object}
 */
const nested = (value) => value !== null && typeof value === "object" && Object.keys(value).length > 0;
