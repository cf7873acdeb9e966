/* Comma-separated values. */

/** @typedef {{ steps: number[], values: (number | string)[] }} CsvColumn NaN and the like are words */

/**
 * Columns as lines of text, joined at their steps; a missing value is empty, NaN is NaN.
 * @param {CsvColumn[]} columns
 */
export function csvRows(columns) {
  const steps = [...new Set(columns.flatMap((column) => column.steps))].sort((a, b) => a - b);
  const at = columns.map(() => 0);
  const cell = (/** @type {number} */ step, /** @type {number} */ c) =>
    columns[c].steps[at[c]] === step ? String(columns[c].values[at[c]++]) : "";
  return steps.map((step) => `${[step, ...columns.map((_, c) => cell(step, c))].join(",")}\n`).join("");
}

/**
 * A text as a cell; one that a spreadsheet would take for a formula begins with an apostrophe.
 * @param {string} text
 */
export function quoted(text) {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
