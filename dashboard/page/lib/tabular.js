/* A table as text: LaTeX with booktabs for a paper, Markdown, and CSV for a spreadsheet. Pure. */
import { quoted } from "./csv.js";

/** @typedef {string | { text: string, strong: boolean }} Cell a strong one is printed bold */
/**
 * Rows are as long as `heads`.
 * @typedef {{ caption: string, heads: string[], rows: Cell[][] }} Tabular
 */

const UNIT = / %$/;
const NUMBER = /^[+−-]?(\d[\d,]*(\.\d+)?|NaN|∞)/;
const MINUS = /−/g;

/** @type {[RegExp, string][]} signs that LaTeX reads as commands, or lacks */
const SIGNS = [
  [/\\/g, "\\textbackslash "],
  [/([&%$#_{}])/g, "\\$1"],
  [/~/g, "\\textasciitilde{}"],
  [/\^/g, "\\textasciicircum{}"],
  [/ ± /g, " $\\pm$ "],
  [/−/g, "$-$"],
  [/×/g, "$\\times$"],
  [/→/g, "$\\to$"],
  [/…/g, "\\dots{}"],
  [/ρ/g, "$\\rho$"],
  [/∞/g, "$\\infty$"],
  [/–/g, "--"],
];

/** @param {Cell} cell */
const textOf = (cell) => (typeof cell === "string" ? cell : cell.text);
/** @param {Cell} cell */
const isStrong = (cell) => typeof cell !== "string" && cell.strong;

/** @param {string} text */
export function escapedLatex(text) {
  const [first, ...others] = SIGNS;
  /* The backslash comes first, and its own braces are not escaped again. */
  return text.split(/(\\)/).map((part) =>
    part === "\\"
      ? part.replace(...first)
      : others.reduce((now, [sign, code]) => now.replace(sign, code), part)
  ).join("");
}

/**
 * Columns whose cells are all per cent say so in their heads.
 * @param {Tabular} table
 * @returns {Tabular}
 */
function withUnits({ caption, heads, rows }) {
  const shared = heads.map((_, i) => {
    const texts = rows.map((row) => textOf(row[i])).filter((text) => text && text !== "–");
    return texts.length > 0 && texts.every((text) => UNIT.test(text));
  });
  const bare = (/** @type {Cell} */ cell, /** @type {number} */ i) =>
    shared[i] ? { text: textOf(cell).replace(UNIT, ""), strong: isStrong(cell) } : cell;
  return {
    caption,
    heads: heads.map((head, i) => (shared[i] ? `${head} (%)` : head)),
    rows: rows.map((row) => row.map(bare)),
  };
}

/**
 * Whether a column holds numbers alone, which are aligned to the right.
 * @param {Tabular} table
 * @param {number} i
 */
const isNumeric = ({ rows }, i) =>
  rows.every((row) => textOf(row[i]) === "–" || NUMBER.test(textOf(row[i]))) &&
  rows.some((row) => NUMBER.test(textOf(row[i])));

/** @param {Tabular} given */
export function latex(given) {
  const table = withUnits(given);
  const cell = (/** @type {Cell} */ one) => {
    const text = escapedLatex(textOf(one));
    return isStrong(one) ? `\\textbf{${text}}` : text;
  };
  const columns = table.heads.map((_, i) => (isNumeric(table, i) ? "r" : "l")).join("");
  const line = (/** @type {Cell[]} */ cells) => `    ${cells.map(cell).join(" & ")} \\\\`;
  return [
    "% \\usepackage{booktabs}",
    "\\begin{table}[t]",
    "  \\centering",
    `  \\caption{${escapedLatex(table.caption)}}`,
    `  \\begin{tabular}{${columns}}`,
    "    \\toprule",
    line(table.heads),
    "    \\midrule",
    ...table.rows.map(line),
    "    \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}

/** @param {Tabular} given */
export function markdown(given) {
  const table = withUnits(given);
  const plain = (/** @type {Cell} */ one) => textOf(one).replaceAll("|", "\\|").replaceAll("\n", " ");
  const cell = (/** @type {Cell} */ one) => (isStrong(one) ? `**${plain(one)}**` : plain(one));
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const rule = table.heads.map((_, i) => (isNumeric(table, i) ? "---:" : "---"));
  return [
    line(table.heads.map(cell)),
    line(rule),
    ...table.rows.map((row) => line(row.map(cell))),
    "",
  ].join("\n");
}

/**
 * Numbers as a spreadsheet reads them: with a minus, without a unit.
 * @param {Tabular} given
 */
export function csv(given) {
  const table = withUnits(given);
  const cell = (/** @type {Cell} */ one) => {
    const text = textOf(one).replace(MINUS, "-");
    return /^-?[\d.]+(e-?\d+)?$/.test(text) ? text : quoted(text);
  };
  return [table.heads, ...table.rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}
