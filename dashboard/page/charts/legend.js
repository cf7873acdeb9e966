/* A chart's legend: its lines, and their values at the cursor where one run is shown. */
import { el, say } from "../lib/element.js";
import { number } from "../lib/numbers.js";

/** @import { Reading } from "../data/bins.js" */
/** @import { Colors } from "./colors.js" */
/** @import { Line } from "./lines.js" */

const MOST = 10; /* with more lines than this, values are read from the tooltip alone */

export class Legend {
  constructor() {
    this.element = el("div", { class: "legend" });
    this.valued = false; /* whether values are beside the names */
    /** @type {Line[]} */
    this.lines = [];
    /** @type {HTMLElement[]} */
    this.items = [];
    /** @type {HTMLElement[]} */
    this.values = [];
  }

  /**
   * Other lines. Of several runs, each kind of line has one entry.
   * @param {Line[]} lines
   * @param {Colors} colors
   */
  shape(lines, colors) {
    const several = recordsOf(lines).length > 1;
    const named = several ? unique(lines) : lines;
    this.lines = lines;
    this.valued = !several && lines.length <= MOST;
    this.values = named.map(() => el("span", { class: "legend-value" }));
    this.items = named.map((line, i) =>
      el(
        "span",
        { class: "legend-item" },
        lineKey(line, several ? colors.joint : line.color),
        el("span", {}, line.label),
        this.valued ? this.values[i] : null,
      )
    );
    this.element.replaceChildren(...this.items);
    this.element.hidden = several && named.length < 2;
  }

  /** A line without any value has no entry. */
  trim() {
    if (!this.valued) return;
    this.lines.forEach(({ record, name, sparse }, i) => {
      const none = sparse && !record.series.get(name)?.last();
      if (this.items[i].hidden !== none) this.items[i].hidden = none;
    });
  }

  /** @param {number | null} step values at it, or the newest ones */
  read(step) {
    if (this.valued) this.lines.forEach((line, i) => say(this.values[i], valueOf(line, step)));
  }
}

/** @param {Pick<Line, "record">[]} lines */
export const recordsOf = (lines) => [...new Set(lines.map((line) => line.record))];

/**
 * @param {Line} line
 * @param {number | null} step
 */
function valueOf({ record, name }, step) {
  const reading = step === null
    ? record.series.get(name)?.last()
    : record.best(name, step, step)?.at(Math.round(step));
  return reading ? rangeWords(reading) : "–";
}

/**
 * One value, or the range of those that share a bin.
 * @param {Reading} reading
 */
export function rangeWords(reading) {
  const [low, high] = [number(reading.low), number(reading.high)];
  return low === high ? high : `${low} … ${high}`;
}

/**
 * A short piece of the line.
 * @param {Pick<Line, "dash" | "sparse" | "faint">} line
 * @param {string} color
 */
export function lineKey(line, color) {
  const dash = line.dash.length ? ` stroke-dasharray="${line.dash.join(" ")}"` : "";
  const dot = line.sparse ? '<circle cx="10" cy="5" r="2.500" fill="currentColor"/>' : "";
  const key = el("span", { class: "key", style: `color:${color};opacity:${line.faint ? 0.7 : 1}` });
  key.innerHTML = '<svg width="20" height="10" aria-hidden="true">' +
    `<path d="M0 5h20" stroke="currentColor" stroke-width="2"${dash}/>${dot}</svg>`;
  return key;
}

/** @param {Line[]} lines */
const unique = (lines) =>
  lines.filter((line, i) => lines.findIndex((other) => other.label === line.label) === i);
