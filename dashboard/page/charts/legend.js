/* A chart's legend: its lines, each of which a click hides and Alt-click shows alone, and their values at the
   cursor where one run is shown. Its size does not depend on the values. */
import { el, say } from "../lib/element.js";
import { even, number } from "../lib/numbers.js";
import { everyWords } from "./lines.js";

/** @import { Reading } from "../data/bins.js" */
/** @import { Record } from "../data/record.js" */
/** @import { Colors } from "./colors.js" */
/** @import { Line } from "./lines.js" */

const MOST = 10; /* with more lines than this, values are read from the tooltip alone */
const SILENT = 40; /* recorded steps without a value after which a line has ended */
const HINT = "Click hides or shows this line; Alt-click shows it alone";

export class Legend {
  /** @param {(label: string, alone: boolean) => void} toggle hides or shows the lines of a label */
  constructor(toggle) {
    this.toggle = toggle;
    this.element = el("div", { class: "legend" });
    this.valued = false; /* whether values are beside the names */
    /** @type {Line[]} */
    this.lines = [];
    /** @type {HTMLElement[]} */
    this.values = [];
  }

  /**
   * Other lines. Of several runs, each kind of line has one entry.
   * @param {Line[]} lines
   * @param {Colors} colors
   * @param {ReadonlySet<string>} off labels of hidden lines
   */
  shape(lines, colors, off) {
    const several = recordsOf(lines).length > 1;
    const named = several ? unique(lines) : lines;
    this.lines = lines;
    this.valued = !several && lines.length <= MOST;
    this.values = named.map(() => el("span", { class: "legend-value" }));
    const focused = [...this.element.children].findIndex((item) => item === document.activeElement);
    const items = named.map((line, i) => {
      const rhythm = everyWords(lines.filter(({ label }) => label === line.label));
      return el(
        "button",
        {
          type: "button",
          class: "legend-item",
          "aria-pressed": String(!off.has(line.label)),
          title: HINT,
          onclick: (/** @type {MouseEvent} */ { altKey }) => this.toggle(line.label, altKey),
        },
        lineKey(line, several ? colors.joint : line.color),
        el("span", {}, line.label),
        rhythm ? el("span", { class: "muted" }, rhythm) : null,
        this.valued ? this.values[i] : null,
      );
    });
    this.element.replaceChildren(...items);
    items[focused]?.focus({ preventScroll: true });
    this.element.hidden = several && named.length < 2;
  }

  /** @param {number | null} step values at it, or the newest ones */
  read(step) {
    if (this.valued) this.lines.forEach((line, i) => say(this.values[i], valueOf(line, step)));
  }
}

/** @param {Pick<Line, "record">[]} lines */
export const recordsOf = (lines) => [...new Set(lines.map((line) => line.record))];

/**
 * @param {Pick<Line, "record" | "name" | "sparse"> & Partial<Pick<Line, "every">>} line
 * @param {number | null} step
 */
export function valueOf({ record, name, sparse, every = 1 }, step) {
  const reading = step === null
    ? newest(record, name, sparse, every)
    : record.best(name, step, step)?.at(Math.round(step));
  return reading ? even(reading.mean) : "–";
}

/**
 * The newest value; none of a dense series that ended before the run did, as noise does when the strategy
 * changes to one without.
 * @param {Pick<Record, "series" | "last">} record
 * @param {string} name
 * @param {boolean} sparse
 * @param {number} every steps from one value to the next
 */
function newest(record, name, sparse, every) {
  const reading = record.series.get(name)?.last();
  if (!reading || sparse) return reading;
  const width = Math.max(every, reading.to - reading.from + 1);
  return record.last - reading.to > SILENT * width ? null : reading;
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
 * @param {Pick<Line, "dash" | "sparse" | "faint" | "filled">} line
 * @param {string} color
 */
export function lineKey(line, color) {
  const dash = line.dash.length ? ` stroke-dasharray="${line.dash.join(" ")}"` : "";
  const fill = line.filled ? "currentColor" : "var(--surface)";
  const dot = line.sparse ? `<circle cx="10" cy="5" r="3" fill="${fill}" stroke="currentColor"/>` : "";
  const key = el("span", { class: "key", style: `color:${color};opacity:${line.faint ? 0.7 : 1}` });
  key.innerHTML = '<svg width="20" height="10" aria-hidden="true">' +
    `<path d="M0 5h20" stroke="currentColor" stroke-width="2"${dash}/>${dot}</svg>`;
  return key;
}

/** @param {Line[]} lines */
const unique = (lines) =>
  lines.filter((line, i) => lines.findIndex((other) => other.label === line.label) === i);
