/* One uPlot chart: lines, marks, zoom by dragging, the cursor it shares with the others. */
import uPlot from "uplot";
import { Bins } from "../data/bins.js";
import { curvesOf } from "./curves.js";
import { gestures } from "./gestures.js";
import { binWidth, extent, slots, yRange } from "./grid.js";
import { faintSeries, options, RIGHT, solidSeries } from "./options.js";
import { marksOf } from "./strokes.js";
import { pieces } from "./tones.js";

/** @import { Column } from "../data/record.js" */
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
const SPARING = 24; /* beside more lines than this only outliers are drawn unsmoothed */
const FADED = 2.5; /* strength of all other lines together while one run is pointed at */

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
    /** The line of each of uPlot's series. @type {Line[]} */
    this.order = [];
    /** @type {Scale} */
    this.scale = chart.scale;
    this.smoothed = false;
    this.sparing = false;
    this.unmade = true; /* uPlot is made anew with the next drawing */
    this.showing = false;
    this.empty = false;
    /** The run whose lines stand out. @type {string | null} */
    this.lit = null;
    /** The y axis, in logarithms where it is logarithmic. @type {Extent} */
    this.held = [0, 1];
    this.ranged = false; /* whether `held` holds for the scale */
    /** What the canvas shows; null: nothing that still holds. @type {Drawn | null} */
    this.drawn = null;
    /** @type {Curve[]} */
    this.curves = [];
    this.width = 0; /* of the holder, in CSS pixels */
    this.height = 0;
  }

  measure() {
    ({ clientWidth: this.width, clientHeight: this.height } = this.holder);
  }

  get log() {
    return this.scale === "log";
  }

  get palette() {
    return this.colors ?? this.view.colors;
  }

  /**
   * Other lines, colors or number of curves per line: uPlot is made anew, with the next drawing.
   * @param {Line[]} lines
   * @param {boolean} smoothed
   * @param {Colors} colors
   * @param {Scale} scale
   */
  shape(lines, smoothed, colors, scale) {
    if (scale !== this.scale) this.ranged = false;
    this.lines = lines;
    this.smoothed = smoothed;
    this.colors = colors;
    this.scale = scale;
    this.drawn = null;
    this.unmade = true;
    this.curves = [];
  }

  /** The present uPlot, made anew where lines or colors changed. */
  _made() {
    return this.unmade || !this.u ? this._make() : this.u;
  }

  _make() {
    const { lines, smoothed } = this;
    const cursor = cursorOf(this.u);
    this.u?.destroy();
    this.sparing = lines.length > SPARING;
    const faint = smoothed ? lines.filter((line) => !line.sparse && !line.exact) : [];
    this.order = [...faint, ...lines];
    const series = [
      ...faint.map((line) => faintSeries(line, this.sparing, this.palette)),
      ...lines.map((line) => solidSeries(line, this.palette)),
    ];
    const u = new uPlot(options(this, series), [[0], ...series.map(() => [null])], this.holder);
    u.over.addEventListener("dblclick", () => this.view.follow());
    gestures(u, this.view);
    this.u = u;
    this.unmade = false;
    if (this.lit) this.light(this.lit);
    if (cursor) u.setCursor(cursor);
    return u;
  }

  /** @param {string | null} id the run whose lines alone are at full strength; null: all are */
  light(id) {
    this.lit = id;
    const { u } = this;
    if (!u || this.unmade) return;
    const dim = Math.min(0.2, FADED / this.order.length);
    this.order.forEach((line, i) => {
      const series = u.series[i + 1];
      series.alpha = id === null || line.record.id === id ? 1 : dim;
      series.width = line.record.id === id ? 2 : 1;
    });
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
    const u = this._made();
    const columns = this.lines.map((line) => line.record.best(line.name, x0, x1));
    const w = binWidth(x0, x1, this.width, Math.max(1, ...columns.map(widthOf)));
    const next = { x0, x1, tau, w, columns };
    const holds = alike(this.drawn, next);
    if (holds && from === Infinity) return;
    const blur = (this.smoothed ? REACH * tau : 0) + 2 * w;
    const short = holds && from - 2 * blur > (x0 + x1) / 2;
    if (!short || !this._tail(u, next, from - blur, blur)) this._whole(u, next);
  }

  /** uPlot drew by itself, as when the window moves to a finer screen; it may hold no more than the tail. */
  redrawn() {
    if (this.showing) return;
    this.drawn = null;
    this.view.loop.ask();
  }

  /**
   * @param {uPlot} u
   * @param {Drawn} next
   */
  _whole(u, next) {
    const grid = slots(next.x0, next.x1, next.w);
    const curves = this._curves(next, grid, this.curves);
    const range = extent(curves.map((curve) => curve.raw), grid, next.x0, next.x1);
    this.empty = range === null && !next.columns.some((column) => column?.odd.length);
    this.held = yRange(range, this.scale, this.chart.reference, this.ranged ? this.held : null);
    this.ranged = true;
    this.drawn = next;
    this._show(u, grid, curves, next);
  }

  /**
   * The last piece alone: the canvas is clipped, so that uPlot clears and draws no more than that.
   * @param {uPlot} u
   * @param {Drawn} next
   * @param {number} start
   * @param {number} blur
   * @returns {boolean} false if the piece does not fit on the y axis
   */
  _tail(u, next, start, blur) {
    const grid = slots(Math.max(next.x0, start - blur), next.x1, next.w);
    const curves = this._curves(next, grid, []);
    const range = extent(curves.map((curve) => curve.raw), grid, start, next.x1);
    const [low, high] = this._edges();
    if (this.empty || (range && (range[0] < low || range[1] > high))) return false;
    const { ctx, bbox } = u;
    const left = Math.floor(u.valToPos(start, "x", true));
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, 0, bbox.left + bbox.width + RIGHT * devicePixelRatio - left, bbox.top + bbox.height + 2);
    ctx.clip();
    this._show(u, grid, curves, next);
    ctx.restore();
    return true;
  }

  /**
   * @param {Drawn} drawn
   * @param {Grid} grid
   * @param {Curve[]} kept
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
   * @param {Grid} grid
   * @param {Curve[]} curves
   * @param {Drawn} drawn
   */
  _show(u, grid, curves, { x0, x1 }) {
    const [min, max] = this._edges();
    const { width, height } = this;
    const faint = curves.filter((curve) => curve.soft).map((curve) => curve.faint);
    this.showing = true;
    u.batch(() => {
      if (width && height && (width !== u.width || height !== u.height)) u.setSize({ width, height });
      u.setData([grid.x, ...faint, ...curves.map((curve) => curve.solid)], false);
      u.setScale("x", { min: x0, max: Math.max(x1, x0 + 1) });
      u.setScale("y", { min, max });
    });
    this.showing = false;
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

/**
 * Where the cursor is over a plot.
 * @param {uPlot | null} u
 */
function cursorOf(u) {
  const { left = -1, top = -1 } = u?.cursor ?? {};
  return left >= 0 ? { left, top } : null;
}
