/* The curves of a chart, painted into uPlot's canvas: one path each, cut at the plot's edges once for all of
   them. Positions are whole pixels; values that share a column of pixels become one upright stroke. */
import { tone } from "./tones.js";

/** @import uPlot from "uplot" */
/** @import { Curve } from "./curves.js" */
/** @import { Grid, Values } from "./grid.js" */
/** @import { Line } from "./lines.js" */
/** @import { Plot } from "./plot.js" */

/** @typedef {Pick<CanvasRenderingContext2D, "moveTo" | "lineTo">} Path */
/**
 * A path to stroke: with `share` of its color, interrupted where a value is missing if it is `broken`.
 * @typedef {{ line: Line, values: Values, share: number, broken: boolean, dash: number[] }} Stroke
 */

const COMPANION = { solid: 0.65, faint: 0.12 }; /* strength of a line that is drawn behind another one */
const UNSMOOTHED = 0.24;
const OUTLIERS = 0.8;
const DIM = { most: 0.2, together: 2.5 }; /* strength of other lines while one run is pointed at */
const DOT = 2; /* radius in CSS pixels; its edge is 1 wide */

/**
 * Everything that a plot shows at the moment.
 * @param {uPlot} u
 * @param {Pick<Plot, "shown" | "lines" | "lit" | "palette" | "sparing">} plot
 */
export function paintCurves(u, { shown, lines, lit, palette, sparing }) {
  if (!shown) return;
  const { ctx } = u;
  const { grid, curves } = shown;
  const [x, y] = [columnsOf(u, grid), heightOf(u)];
  const strokes = strokesOf(lines, curves, sparing);
  const dim = Math.min(DIM.most, DIM.together / strokes.length);
  const strength = (/** @type {Line} */ { record }) => (lit === null || record.id === lit ? 1 : dim);
  inside(u, 0.5 * devicePixelRatio, () => {
    ctx.lineJoin = "round";
    for (const { line, values, share, broken, dash } of strokes) {
      const width = (line.record.id === lit ? 2 : 1) * devicePixelRatio;
      ctx.globalAlpha = strength(line);
      ctx.lineWidth = width;
      ctx.strokeStyle = tone(u, line.record.past, line.color, palette.axis, share, line.sparse);
      ctx.setLineDash(dash);
      ctx.beginPath();
      trace(ctx, x, y, values, broken, (width % 2) / 2);
      ctx.stroke();
    }
  });
  if (!lines.some(({ sparse }) => sparse)) return;
  inside(u, 2 * DOT * devicePixelRatio, () => {
    for (const [i, line] of lines.entries()) {
      if (!line.sparse) continue;
      ctx.globalAlpha = strength(line);
      dots(u, grid, { x, y, values: curves[i].solid }, line, palette);
    }
  });
}

/**
 * What is stroked, in this order: what is behind a smoothed line, then the lines.
 * @param {Line[]} lines
 * @param {Curve[]} curves
 * @param {boolean} sparing whether unsmoothed values are outliers alone, not joined across others
 * @returns {Stroke[]}
 */
export function strokesOf(lines, curves, sparing) {
  const behind = curves.flatMap(({ soft, faint }, i) => {
    const share = sparing ? OUTLIERS : lines[i].faint ? COMPANION.faint : UNSMOOTHED;
    return soft ? [{ line: lines[i], values: faint, share, broken: sparing, dash: [] }] : [];
  });
  const front = lines.map((line, i) => ({
    line,
    values: curves[i].solid,
    share: line.faint ? COMPANION.solid : 1,
    broken: false,
    dash: line.sparse && line.record.many ? [] : line.dash,
  }));
  return [...behind, ...front];
}

/**
 * Nothing is painted outside of the plot and an edge around it. Its corners are whole pixels: at others the
 * browser would blend every stroke with them.
 * @param {uPlot} u
 * @param {number} edge in pixels of the canvas
 * @param {() => void} paint
 */
function inside({ ctx, bbox }, edge, paint) {
  const [left, top] = [Math.floor(bbox.left - edge), Math.floor(bbox.top - edge)];
  const [right, bottom] = [bbox.left + bbox.width + edge, bbox.top + bbox.height + edge].map(Math.ceil);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  paint();
  ctx.restore();
}

/**
 * Where the slots of a grid are, in whole pixels of the canvas.
 * @param {uPlot} u
 * @param {Pick<Grid, "x">} grid
 */
function columnsOf({ scales, bbox }, grid) {
  const [min, max] = [scales.x.min ?? 0, scales.x.max ?? 1];
  const each = bbox.width / (max - min);
  const places = new Float64Array(grid.x.length);
  for (let i = 0; i < places.length; i++) places[i] = Math.round(bbox.left + (grid.x[i] - min) * each);
  return places;
}

/**
 * From a value to whole pixels of the canvas.
 * @param {uPlot} u
 * @returns {(value: number) => number}
 */
function heightOf({ scales, bbox }) {
  const { min = 0, max = 1, distr } = scales.y;
  const bottom = bbox.top + bbox.height;
  const log = distr === 3;
  const [low, high] = [min ?? 0, max ?? 1].map((edge) => (log ? Math.log10(edge) : edge));
  const each = bbox.height / (high - low);
  if (log) return (value) => Math.round(bottom - (Math.log10(value) - low) * each);
  return (value) => Math.round(bottom - (value - low) * each);
}

/**
 * A curve as a path. Where it is broken, a slot without a value interrupts it.
 * @param {Path} path
 * @param {ArrayLike<number>} x of each slot
 * @param {(value: number) => number} y
 * @param {Values} values
 * @param {boolean} broken
 * @param {number} shift to the middle of a pixel
 */
export function trace(path, x, y, values, broken, shift) {
  const pen = new Pen(path, shift);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== null) pen.to(x[i], y(value));
    else if (broken) pen.lift();
  }
  pen.lift();
}

/** Draws from place to place, and all that is in one column of pixels at once. */
class Pen {
  /**
   * @param {Path} path
   * @param {number} shift
   */
  constructor(path, shift) {
    this.path = path;
    this.shift = shift;
    this.down = false;
    this.column = 0;
    this.first = 0; /* the height at which it came into the column */
    this.last = 0;
    this.low = 0;
    this.high = 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  to(x, y) {
    if (this.down && x === this.column) {
      if (y < this.low) this.low = y;
      else if (y > this.high) this.high = y;
      this.last = y;
      return;
    }
    if (this.down) {
      this._column();
      this.path.lineTo(x + this.shift, y + this.shift);
    } else this.path.moveTo(x + this.shift, y + this.shift);
    this.down = true;
    this.column = x;
    this.first =
      this.last =
      this.low =
      this.high =
        y;
  }

  /** What else there was in the column, from the least to the greatest, to where it leaves. */
  _column() {
    const { first, last, low, high } = this;
    if (low === high) return;
    if (low !== first && low !== last) this._upright(low);
    if (high !== first && high !== last) this._upright(high);
    this._upright(last);
  }

  /** @param {number} y */
  _upright(y) {
    this.path.lineTo(this.column + this.shift, y + this.shift);
  }

  /** The line ends. */
  lift() {
    if (this.down) this._column();
    this.down = false;
  }
}

/**
 * A dot at each value of a sparse series that is in view.
 * @param {uPlot} u
 * @param {Grid} grid
 * @param {{ x: ArrayLike<number>, y: (value: number) => number, values: Values }} places
 * @param {Line} line
 * @param {Plot["palette"]} palette
 */
function dots(u, grid, { x, y, values }, line, { axis, surface }) {
  const { ctx, scales } = u;
  const { past } = line.record;
  const [min, max] = [scales.x.min ?? 0, scales.x.max ?? 1];
  ctx.lineWidth = devicePixelRatio;
  const [radius, shift] = [DOT * devicePixelRatio, (ctx.lineWidth % 2) / 2];
  ctx.strokeStyle = tone(u, past, line.color, axis, 1, true);
  ctx.fillStyle = line.filled ? ctx.strokeStyle : tone(u, past, surface, surface, 1, true);
  ctx.beginPath();
  values.forEach((value, i) => {
    if (value === null || grid.x[i] < min || grid.x[i] > max) return;
    const [left, top] = [x[i] + shift, y(value) + shift];
    ctx.moveTo(left + radius, top);
    ctx.arc(left, top, radius, 0, 2 * Math.PI);
  });
  ctx.fill();
  ctx.stroke();
}
