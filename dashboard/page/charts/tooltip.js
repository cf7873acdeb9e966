/* The list beside the cursor: what each line of a chart reads there. */
import { el } from "../lib/element.js";
import { whole } from "../lib/numbers.js";
import { lineKey, rangeWords, recordsOf } from "./legend.js";
import { everyWords } from "./lines.js";

/** @import { Reading } from "../data/bins.js" */
/** @import { Line } from "./lines.js" */

/** @typedef {{ line: Line, reading: Reading }} Row */

const MOST = 12; /* rows */

export class Tooltip {
  constructor() {
    this.element = el("div", { class: "tooltip", hidden: true });
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * @param {Line[]} lines
   * @param {number} step
   * @param {number} left the cursor's place, in pixels of the plot
   * @param {number} width the plot's
   */
  show(lines, step, left, width) {
    const several = recordsOf(lines).length > 1;
    const rows = lines.flatMap((line) => rowOf(line, step)).sort((a, b) => height(b) - height(a));
    const shown = rows.slice(0, MOST).map((row) => rowElement(row, several));
    if (rows.length > MOST) shown.push(el("div", { class: "muted" }, `and ${rows.length - MOST} more`));
    this.element.replaceChildren(el("div", { class: "tooltip-step" }, stepsTitle(rows, step)), ...shown);
    const right = left > width / 2;
    this.element.style.left = right ? "" : `${left + 70}px`;
    this.element.style.right = right ? `${width - left - 40}px` : "";
    this.element.hidden = false;
  }
}

/**
 * @param {Line} line
 * @param {number} step
 * @returns {Row[]} empty where the line has no value
 */
function rowOf(line, step) {
  const reading = line.record.best(line.name, step, step)?.at(Math.round(step));
  return reading ? [{ line, reading }] : [];
}

/**
 * @param {Row} row
 * @param {boolean} several whether rows are of several runs
 */
const rowElement = ({ line, reading }, several) =>
  el(
    "div",
    { class: "tooltip-row" },
    lineKey(line, line.color),
    el("span", { class: "tooltip-name" }, several ? `${line.record.label} · ${line.label}` : line.label),
    line.every > 1 ? el("span", { class: "muted" }, everyWords([line])) : null,
    el("strong", {}, rangeWords(reading)),
  );

/**
 * By what rows are sorted: values that are not finite come first.
 * @param {Row} row
 */
const height = ({ reading }) => (Number.isNaN(reading.high) ? Infinity : reading.high);

/**
 * The steps of the widest bin that is read.
 * @param {Row[]} rows
 * @param {number} step
 */
function stepsTitle(rows, step) {
  /** @param {Reading} reading */
  const size = ({ from, to }) => to - from;
  const dense = rows.filter(({ line }) => !line.sparse && line.every === 1).map(({ reading }) => reading);
  if (!dense.length) return `Step ${whole(step)}`;
  const widest = dense.reduce((wide, reading) => (size(reading) > size(wide) ? reading : wide));
  if (widest.from === widest.to) return `Step ${whole(widest.from)}`;
  return `Steps ${whole(widest.from)} – ${whole(widest.to)}`;
}
