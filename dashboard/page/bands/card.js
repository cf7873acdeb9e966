/* A card that draws one series of several groups of runs, or of single runs, on an axis that they share. */
import { bandFile } from "./file.js";
import { bandExtent, bandLines, nearest } from "./lines.js";
import { options } from "./options.js";
import { downloads } from "../charts/download.js";
import { explained } from "../charts/explained.js";
import { fresh } from "../charts/fresh.js";
import { yRange } from "../charts/grid.js";
import { everyOf, everyWords, isExact } from "../charts/lines.js";
import { el, icon, say } from "../lib/element.js";
import { menuButton } from "../lib/menu.js";
import { number, parsed } from "../lib/numbers.js";
import { svg } from "../lib/svg.js";

/** @import uPlot from "uplot" */
/** @import { Band, Series } from "../api/schema.d.ts" */
/** @import { BandBoard } from "./board.js" */
/** @import { ColoredEntry, Look } from "./entries.js" */
/** @import { BandLine } from "./lines.js" */
/** @typedef {{ entry: ColoredEntry, band: Band }} Shown one entry and its band of the card's series */
/** @typedef {Shown & { i: number, mean: number, far: number }} Reading at the cursor, `far` pixels from it */

const KEY = { d: "M0 5h20", stroke: "currentColor", "stroke-width": "2.500" };
const TOOLTIP = 10;
const RAW = 24; /* with more lines than this, unsmoothed ones are left out */

export class BandCard {
  /**
   * @param {Series} series
   * @param {string} modality
   * @param {BandBoard} board
   */
  constructor(series, modality, board) {
    this.series = series;
    this.board = board;
    /** @type {Shown[]} */
    this.found = [];
    /** @type {BandLine[]} */
    this.lines = [];
    /** @type {[number, number] | null} */
    this.held = null; /* range of the y axis, as it measures */
    this.log = series.scale === "log";
    this.raw = false; /* whether unsmoothed lines are drawn too */
    /** @type {uPlot | null} */
    this.u = null;
    this.given = false; /* whether it was shown anything */
    this.width = 0; /* of the plot, in CSS pixels */
    this.height = 0;
    this.begin = () => {}; /* of a uPlot that was never drawn */
    this.shape = ""; /* what needs another uPlot when it changes */
    const title = modality ? `${series.title}, ${modality}` : series.title;
    this.holder = el("div", { class: "plot", role: "img", "aria-label": title });
    this.tooltip = el("div", { class: "tooltip", hidden: true });
    this.waiting = el("div", { class: "plot-empty" }, "Nothing recorded yet");
    this.note = el("div", { class: "legend" });
    const menu = menuButton(
      { class: "icon-button card-menu", "aria-label": `More of ${title}`, title: "Axis and files" },
      [icon("more")],
      () => this._actions(),
    );
    const about = explained(`band-${series.name}`, title, [series]);
    this.title = title;
    this.element = el(
      "article",
      { class: "card chart-card", "data-chart": series.name, "aria-label": title },
      el(
        "header",
        { class: "chart-head" },
        el("h3", {}, series.title),
        el("span", { class: "unit" }, modality),
        el("span", { class: "spacer" }),
        about.button,
        menu,
      ),
      this.note,
      el("div", { class: "plot-frame" }, this.holder, this.waiting, this.tooltip),
      about.panel,
    );
    about.closes(this.element);
  }

  /** @param {Shown[]} found */
  show(found) {
    this.found = found;
    this.given = true;
    this.log = (this.series.scale === "log") !== this.board.flipped(this.series.name);
    const tau = this.series.sparse || isExact(this.series) ? 0 : this.board.tau;
    this.lines = found.map(({ entry: { alone, past }, band }) =>
      bandLines(band, { alone, log: this.log, tau, past })
    );
    this.raw = tau > 0 && found.length <= RAW;
    say(this.note, [meaning(found, this.lines), rhythm(this.series, found)].filter(Boolean).join(" · "));
    this.waiting.hidden = found.length > 0;
    this.draw();
  }

  /* The same lines on the board's present range. */
  draw() {
    const { range } = this.board;
    const { width, height } = this;
    if (!width || !height || !range) return;
    const [x0, x1] = range;
    const scale = this.log ? "log" : "linear";
    const held = yRange(bandExtent(this.lines, x0, x1), scale, this.series.reference ?? null, this.held);
    const [low, high] = this.log ? held.map((v) => 10 ** v) : held;
    this.held = held;
    const u = this._plot(width, height);
    u.batch(() => {
      this.begin();
      u.setData([[x0, x1], [null, null]], false);
      u.setScale("x", { min: x0, max: x1 });
      u.setScale("y", { min: low, max: high });
    });
  }

  /**
   * The uPlot of the present scale, axis and colors.
   * @param {number} width
   * @param {number} height
   */
  _plot(width, height) {
    const shape = `${this.log} ${this.board.axis.name} ${this.board.colors.axis}`;
    if (this.u && shape === this.shape) return this.u;
    this.u?.destroy();
    this.shape = shape;
    const { u, begin } = fresh(options(this, width, height), this.holder);
    u.over.addEventListener("dblclick", () => this.board.whole());
    [this.u, this.begin] = [u, begin];
    return u;
  }

  /**
   * The list beside the cursor.
   * @param {uPlot} u
   */
  point(u) {
    const left = u.cursor.left ?? -1;
    this.tooltip.hidden = !(left >= 0 && u.over.matches(":hover"));
    if (this.tooltip.hidden) return;
    const x = u.posToVal(left, "x");
    const rows = this._readings(u, x).sort((a, b) => a.far - b.far);
    const near = rows.slice(0, TOOLTIP).sort((a, b) => b.mean - a.mean);
    const more = rows.length > near.length
      ? [el("div", { class: "muted" }, `and ${rows.length - near.length} more`)]
      : [];
    this.tooltip.replaceChildren(
      el("div", { class: "tooltip-step" }, this.board.axis.words(x)),
      ...near.map((row) => reading(row)),
      ...more,
    );
    const right = left > this.width / 2;
    this.tooltip.style.left = right ? "" : `${left + 70}px`;
    this.tooltip.style.right = right ? `${this.width - left - 40}px` : "";
  }

  /**
   * @param {uPlot} u
   * @param {number} x
   * @returns {Reading[]}
   */
  _readings(u, x) {
    const y = u.cursor.top ?? 0;
    return this.found.flatMap(({ entry, band }, n) => {
      const i = nearest(this.lines[n].x, x);
      if (i < 0) return [];
      const far = Math.abs(u.valToPos(this.lines[n].solid[i] ?? 0, "y") - y);
      return [{ entry, band, i, mean: parsed(band.mean[i]), far }];
    });
  }

  _actions() {
    return [
      { text: "Logarithmic axis", checked: this.log, act: () => this.board.flip(this.series.name) },
      { title: "Download what is shown" },
      ...downloads(() => bandFile(this)),
    ];
  }

  /** Read its size from the page, before anything is drawn: in between, each reading costs a layout. */
  measure() {
    ({ clientWidth: this.width, clientHeight: this.height } = this.holder);
  }

  /** Its size, as measured, may be another one. A card that waits for its first lines is drawn with them. */
  resize() {
    const { u, width, height } = this;
    if (!u && this.given) this.draw();
    if (u && width && (width !== u.width || height !== u.height)) u.setSize({ width, height });
  }

  destroy() {
    this.u?.destroy();
    this.element.remove();
  }
}

/**
 * What the lines and bands of a card mean.
 * @param {Shown[]} found
 * @param {BandLine[]} lines
 */
function meaning(found, lines) {
  if (!found.length) return "";
  if (!found.every(({ entry }) => entry.alone)) return "mean ± standard deviation over runs";
  const thinned = lines.some((line) => line.low.some((value, i) => value !== line.high[i]));
  return thinned ? "interval means; band from minimum to maximum" : "raw values";
}

/**
 * How often the runs of a card have a value, where that is not at every step.
 * @param {Series} series
 * @param {Shown[]} found
 */
const rhythm = (series, found) =>
  everyWords(
    found.flatMap(({ entry }) => entry.members ?? []).map((run) => ({ every: everyOf(series, run) })),
  );

/**
 * One line of the list beside the cursor.
 * @param {Reading} row
 */
function reading({ entry, band, i, mean }) {
  return el(
    "div",
    { class: "tooltip-row" },
    lineKey(entry),
    el("span", { class: "tooltip-name" }, entry.label),
    el("strong", {}, `${number(mean)}${spread(entry, band, i)}`),
  );
}

/**
 * The extremes of a single run's interval, or the deviation over a group.
 * @param {ColoredEntry} entry
 * @param {Band} band
 * @param {number} i
 */
function spread(entry, band, i) {
  if (!entry.alone) return band.runs[i] > 1 ? ` ± ${number(parsed(band.deviation[i]))}` : "";
  const [low, high] = [band.low[i], band.high[i]].map((value) => number(parsed(value)));
  return low === high ? "" : ` (${low} … ${high})`;
}

/**
 * A short piece of an entry's line, as legends show it.
 * @param {Look} look
 */
export const lineKey = ({ color, dash }) =>
  el(
    "span",
    { class: "key", style: `color:${color}` },
    svg(
      "svg",
      { width: 20, height: 10, "aria-hidden": "true" },
      svg("path", { ...KEY, "stroke-dasharray": dash.join(" ") }),
    ),
  );
