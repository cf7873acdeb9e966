/* One uPlot chart: lines, marks, zoom by dragging, the cursor it shares with the others. */
import { Bins } from "../data/bins.js";
import { curvesOf } from "./curves.js";
import { fresh } from "./fresh.js";
import { gestures } from "./gestures.js";
import { binWidth, extent, slots, yRange } from "./grid.js";
import { options } from "./options.js";
import { marksOf } from "./strokes.js";
import { paintTail } from "./tail.js";
import { pieces } from "./tones.js";

/** @import uPlot from "uplot" */
/** @import { Column } from "../data/columns.js" */
/** @import { View } from "./card.js" */
/** @import { Colors } from "./colors.js" */
/** @import { Curve, Smoothing } from "./curves.js" */
/** @import { Extent, Grid } from "./grid.js" */
/** @import { Chart, Line, Scale } from "./lines.js" */
/** @import { SvgDrawing } from "./svg.js" */

/**
 * What is drawn: steps [x0, x1] in bins of `w` steps, smoothed over `tau` steps.
 * @typedef {{ x0: number, x1: number, tau: number, w: number, columns: (Column | undefined)[] }} Drawn
 */

const REACH = 6; /* a value further away than 6 tau no longer counts */
const SPARING = 12; /* beside more lines than this only outliers are drawn unsmoothed */

export class Plot {
  /**
   * @param {HTMLElement} holder
   * @param {Chart} chart
   * @param {View} view
   */
  constructor(holder, chart, view) {
    this.holder = holder;
    this.chart = chart;
    this.view = view;
    /** @type {uPlot | null} */
    this.u = null;
    /** Known from the first shape on. @type {Colors | null} */
    this.colors = null;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Scale} */
    this.scale = chart.scale;
    this.smoothed = false;
    this.sparing = false;
    this.made = ""; /* the scale for which there is a uPlot */
    this.begin = () => {}; /* of a uPlot that was never drawn */
    this.showing = false;
    this.empty = false;
    /** The run whose lines stand out. @type {string | null} */
    this.lit = null;
    /** The y axis, in logarithms where it is logarithmic. @type {Extent} */
    this.held = [0, 1];
    this.ranged = false; /* whether `held` holds for the scale */
    /** What the canvas shows; null: nothing that still holds. @type {Drawn | null} */
    this.drawn = null;
    /** What is painted: all of it, or the tail alone. @type {{ grid: Grid, curves: Curve[] } | null} */
    this.shown = null;
    /** Curves computed before, by the column whose values they are. @type {WeakMap<Column, Curve>} */
    this.curves = new WeakMap();
    /** Values of y that have a line across the plot. @type {number[]} */
    this.rows = [];
    this.width = 0; /* of the holder, in CSS pixels */
    this.height = 0;
  }

  /** While what is drawn holds, so does its size: reading it would cost a layout for each drawing. */
  measure() {
    if (this.drawn) return;
    ({ clientWidth: this.width, clientHeight: this.height } = this.holder);
  }

  get log() {
    return this.scale === "log";
  }

  get palette() {
    return this.colors ?? this.view.colors;
  }

  /**
   * Other lines, colors or number of curves per line, from the next drawing on.
   * @param {Line[]} lines
   * @param {boolean} smoothed
   * @param {Colors} colors
   * @param {Scale} scale
   */
  shape(lines, smoothed, colors, scale) {
    if (scale !== this.scale) this.ranged = false;
    this.lines = lines;
    this.smoothed = smoothed;
    this.sparing = lines.length > SPARING;
    this.colors = colors;
    this.scale = scale;
    this.drawn = null;
  }

  /** The present uPlot; another scale has another one. */
  _made() {
    return this.u && this.made === this.scale ? this.u : this._make();
  }

  _make() {
    this.u?.destroy();
    const { u, begin } = fresh(options(this), this.holder);
    u.over.addEventListener("dblclick", () => this.view.follow());
    gestures(u, this.view);
    [this.u, this.begin, this.made] = [u, begin, this.scale];
    return u;
  }

  /** @param {string | null} id the run whose lines alone are at full strength; null: all are */
  light(id) {
    this.lit = id;
    this.drawn = null;
  }

  /** The steps whose values are not finite. */
  odd() {
    const { x0, x1 } = this.drawn ?? { x0: 0, x1: Infinity };
    return this.lines.flatMap((line) => line.record.best(line.name, x0, x1)?.odd ?? []);
  }

  /**
   * Draw steps [x0, x1], smoothed over `tau` steps; only from step `from` on where the rest is already drawn.
   * @param {number} x0
   * @param {number} x1
   * @param {number} tau
   * @param {number} from
   */
  draw(x0, x1, tau, from) {
    const columns = this.lines.map((line) => line.record.best(line.name, x0, x1));
    const w = binWidth(x0, x1, this.width, Math.max(1, ...columns.map(widthOf)));
    const next = { x0, x1, tau, w, columns };
    const holds = this._holds(next);
    if (holds && from === Infinity) return;
    const blur = (this.smoothed ? REACH * tau : 0) + 2 * w;
    const short = holds && from - 2 * blur > (x0 + x1) / 2;
    if (!short || !this._tail(next, from - blur, blur)) this._whole(next);
  }

  /**
   * Whether what is drawn differs from `next` by its last steps alone.
   * @param {Drawn} next
   */
  _holds(next) {
    const { u, width, height } = this;
    return this.made === this.scale && u?.width === width && u.height === height && alike(this.drawn, next);
  }

  /** uPlot drew by itself, as when the window moves to a finer screen; it may hold no more than the tail. */
  redrawn() {
    if (this.showing) return;
    this.drawn = null;
    this.view.loop.ask();
  }

  /** @param {Drawn} next */
  _whole(next) {
    const grid = slots(next.x0, next.x1, next.w);
    const curves = this._curves(next, grid, this.curves);
    const range = extent(curves.map((curve) => curve.raw), grid, next.x0, next.x1);
    this.empty = range === null && !next.columns.some((column) => column?.odd.length);
    this.held = yRange(range, this.scale, this.chart.reference, this.ranged ? this.held : null);
    this.ranged = true;
    this.drawn = next;
    this.shown = { grid, curves };
    this._show(this._made(), next);
  }

  /**
   * The last piece alone, over what is there.
   * @param {Drawn} next
   * @param {number} start
   * @param {number} blur
   * @returns {boolean} false if the piece does not fit on the y axis
   */
  _tail(next, start, blur) {
    const grid = slots(Math.max(next.x0, start - blur), next.x1, next.w);
    const curves = this._curves(next, grid);
    const range = extent(curves.map((curve) => curve.raw), grid, start, next.x1);
    const [low, high] = this._edges();
    if (!this.u || this.empty || (range && (range[0] < low || range[1] > high))) return false;
    this.shown = { grid, curves };
    paintTail(this.u, this, start);
    return true;
  }

  /**
   * @param {Drawn} drawn
   * @param {Grid} grid
   * @param {WeakMap<Column, Curve>} [kept]
   */
  _curves({ columns, tau }, grid, kept) {
    /** @type {Smoothing} */
    const smoothing = { smoothed: this.smoothed, tau, log: this.log, sparing: this.sparing };
    return curvesOf(this.lines, columns, grid, smoothing, kept);
  }

  /** @returns {SvgDrawing | null} null while nothing is drawn */
  picture() {
    if (!this.drawn) return null;
    const { x0, x1, w, columns } = this.drawn;
    const grid = slots(x0, x1, w);
    const lines = this._curves(this.drawn, grid, this.curves).flatMap(({ soft, faint, solid }, i) => {
      const curve = { line: this.lines[i], raw: soft ? faint : null, solid, gaps: this.sparing };
      return pieces(curve, grid.x, this.lines[i].record.past, this.palette.axis);
    });
    const [low, high] = this._edges();
    const odd = columns.flatMap((column) => (column?.odd ?? []).map((o) => o.step));
    return {
      x: grid.x,
      lines,
      x0,
      x1,
      low,
      high,
      log: this.log,
      marks: marksOf(this.lines),
      odd: odd.filter((step) => step >= x0 && step <= x1),
    };
  }

  /** The y axis in values. */
  _edges() {
    const [low, high] = this.held;
    return this.log ? [10 ** low, 10 ** high] : [low, high];
  }

  /**
   * @param {uPlot} u
   * @param {Drawn} drawn
   */
  _show(u, { x0, x1 }) {
    const [min, max] = this._edges();
    const { width, height } = this;
    const range = { min: x0, max: Math.max(x1, x0 + 1) };
    this.showing = true;
    u.batch(() => {
      this.begin();
      if (width && height && (width !== u.width || height !== u.height)) u.setSize({ width, height });
      u.setData([[range.min, range.max], [null, null]], false);
      u.setScale("x", range);
      u.setScale("y", { min, max });
    });
    this.showing = false;
  }

  /** Its size may be another one: only then it is drawn again. */
  resize() {
    const { clientWidth, clientHeight } = this.holder;
    if (clientWidth !== this.width || clientHeight !== this.height) this.drawn = null;
  }

  /** The next drawing draws everything. */
  forget() {
    this.drawn = null;
  }

  destroy() {
    this.u?.destroy();
    this.u = null;
  }
}

/** @param {Column | undefined} column */
const widthOf = (column) => (column instanceof Bins ? column.width : 1);

/**
 * @param {Drawn | null} a
 * @param {Drawn} b
 */
const alike = (a, b) =>
  a !== null && a.x0 === b.x0 && a.x1 === b.x1 && a.tau === b.tau && a.w === b.w &&
  a.columns.every((column, i) => column === b.columns[i]);
