/* One uPlot chart: axes, lines, marks, zoom by dragging, the cursor it shares with the others. */
import uPlot from "uplot";
import { gestures } from "./gestures.js";
import { binWidth, extent, fill, outliers, slots, yRange } from "./grid.js";
import { smooth } from "./smooth.js";
import { strokes } from "./strokes.js";
import { decades, stepWords } from "./ticks.js";
import { tick } from "../lib/numbers.js";

const { FONT, stroke, write, marksOf, fade } = strokes;

const REACH = 6; /* so many tau away a value no longer counts */
const SPARING = 24; /* beside more lines than this only outliers are drawn unsmoothed */
const FADED = 2.5; /* strength of all other lines together while one run is pointed at */
const RIGHT = 24; /* pixels for the half of the last step's word */

export class Plot {
  /* `view`: {zoom, zoomTo(x0, x1), follow()}; `hover(step, plot)` when the cursor moves; step null: it left. */
  constructor(holder, chart, view, hover) {
    Object.assign(this, { holder, chart, view, hover });
    this.lines = [];
    this.filled = [];
    this.scale = chart.scale;
    this.lit = null;
    this.held = null;
  }

  get log() {
    return this.scale === "log";
  }

  /* Other lines, colors or number of curves a line: uPlot is made again, with the next drawing. */
  shape(lines, smoothed, colors, scale) {
    if (scale !== this.scale) this.held = null;
    Object.assign(this, { lines, smoothed, colors, scale, drawn: null, unmade: true, filled: [] });
  }

  _make() {
    const { lines, smoothed } = this;
    const cursor = this.u?.cursor;
    const at = cursor && cursor.left >= 0 ? { left: cursor.left, top: cursor.top } : null;
    this.u?.destroy();
    this.sparing = lines.length > SPARING;
    const faint = smoothed ? lines.filter((line) => !line.sparse) : [];
    this.order = [...faint, ...lines];
    const series = [...faint.map((line) => this._faint(line)), ...lines.map((line) => this._solid(line))];
    this.u = new uPlot(this._options([{}, ...series]), [[0], ...series.map(() => [null])], this.holder);
    this.u.over.addEventListener("dblclick", () => this.view.follow());
    gestures(this);
    this.unmade = false;
    if (this.lit) this.light(this.lit);
    if (at) this.u.setCursor(at);
  }

  /* Only one run's lines at full strength, or all of them when `id` is null. */
  light(id) {
    this.lit = id;
    if (!this.u || this.unmade) return;
    const dim = Math.min(0.2, FADED / this.order.length);
    this.order.forEach((line, i) =>
      Object.assign(this.u.series[i + 1], {
        alpha: id === null || line.record.id === id ? 1 : dim,
        width: line.record.id === id ? 2 : 1,
      })
    );
    this.drawn = null;
  }

  _solid(line) {
    const show = line.sparse;
    return {
      label: line.label,
      stroke: line.faint ? fade(line.color, 0.65) : line.color,
      dash: line.sparse && line.record.many ? [] : line.dash,
      width: 1,
      spanGaps: true,
      points: show
        ? {
          show: true,
          size: 5,
          width: 1,
          fill: line.filled ? line.color : this.colors.surface,
          stroke: line.color,
        }
        : { show: false },
    };
  }

  _faint(line) {
    return {
      label: line.label,
      stroke: fade(line.color, this.sparing ? 0.8 : line.faint ? 0.12 : 0.24),
      width: 1,
      spanGaps: !this.sparing,
      points: { show: false },
    };
  }

  _options(series) {
    const { colors } = this;
    const axis = { stroke: colors.axis, font: FONT, ticks: { show: false } };
    return {
      width: Math.max(120, this.holder.clientWidth),
      height: Math.max(80, this.holder.clientHeight),
      padding: [10, RIGHT, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: {
          dblclick: () => null,
          mousedown: (_u, _over, take) => (event) => (event.shiftKey ? null : take(event)),
        },
        sync: {
          key: "rhoscope",
          setSeries: false,
          scales: ["x", null],
          filters: { pub: (type) => type.startsWith("mouse") && type !== "mousedown" && type !== "mouseup" },
        },
      },
      scales: {
        x: { time: false, range: (_u, low, high) => [low, high] },
        y: { distr: this.log ? 3 : 1, range: (_u, low, high) => [low, high] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          gap: 6,
          grid: { show: false },
          space: 70,
          incrs: [
            1,
            2,
            5,
            10,
            20,
            50,
            100,
            200,
            500,
            1e3,
            2e3,
            5e3,
            1e4,
            2e4,
            5e4,
            1e5,
            2e5,
            5e5,
            1e6,
            2e6,
            5e6,
            1e7,
          ],
          values: (_u, at) => stepWords(at),
        },
        {
          ...axis,
          size: 54,
          gap: 8,
          space: 32,
          grid: { stroke: colors.grid, width: 1 },
          values: (_u, at) => at.map(tick),
          ...(this.log ? { splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at } : {}),
        },
      ],
      series,
      hooks: {
        drawAxes: [(u) => this._reference(u)],
        draw: [(u) => this._marks(u), () => this._redrawn()],
        setSelect: [(u) => this._select(u)],
        setCursor: [(u) => this.hover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null, this)],
      },
    };
  }

  _select(u) {
    const { left, width } = u.select;
    if (width < 5) return;
    const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to - from >= 1) this.view.zoomTo(Math.max(0, Math.floor(from)), Math.ceil(to));
  }

  _reference(u) {
    const { reference } = this.chart;
    if (reference === null) return;
    const y = Math.round(u.valToPos(reference, "y", true)) + 0.5;
    const { left, top, width, height } = u.bbox;
    if (y < top || y > top + height) return;
    stroke(u.ctx, this.colors.reference, [4, 4], [[left, y], [left + width, y]]);
  }

  _marks(u) {
    const { left, top, width, height } = u.bbox;
    const inside = (step) => {
      const x = Math.round(u.valToPos(step, "x", true)) + 0.5;
      return x >= left && x <= left + width ? x : null;
    };
    const written = [0, 0, 0]; /* how far right the words of each row reach */
    for (const mark of marksOf(this.lines)) {
      const x = inside(mark.step);
      if (x === null) continue;
      stroke(u.ctx, this.colors.mark, [2, 3], [[x, top], [x, top + height]]);
      write(u.ctx, mark.text, this.colors.mark, x, top, left + width, written);
    }
    for (const line of this.lines) {
      for (const { step } of this._column(line)?.odd ?? []) {
        const x = inside(step);
        if (x === null) continue;
        u.ctx.fillStyle = this.colors.odd;
        u.ctx.fillRect(x - 1, top, 2, 8);
      }
    }
  }

  _column(line) {
    const { x0, x1 } = this.drawn ?? { x0: 0, x1: Infinity };
    return line.record.best(line.name, x0, x1);
  }

  /* Draw steps [x0, x1], smoothed over `tau` steps; only from step `from` on where the rest stands already. */
  draw(x0, x1, tau, from) {
    if (this.unmade) this._make();
    const columns = this.lines.map((line) => line.record.best(line.name, x0, x1));
    const widest = columns.reduce((w, c) => Math.max(w, c?.width ?? 1), 1);
    const w = binWidth(x0, x1, this.holder.clientWidth, widest);
    const view = { x0, x1, tau, w, columns };
    const stands = this._stands(view);
    if (stands && from === Infinity) return;
    const blur = (this.smoothed ? REACH * tau : 0) + 2 * w;
    const tail = stands && from - 2 * blur > (x0 + x1) / 2 ? from - blur : null;
    if (tail === null || !this._tail(view, columns, tail, blur)) this._whole(view, columns);
  }

  _stands({ columns, ...view }) {
    const { drawn } = this;
    return drawn && Object.keys(view).every((key) => drawn[key] === view[key]) &&
      columns.every((c, i) => c === drawn.columns[i]);
  }

  /* uPlot drew by itself, as when the window moves to a finer screen; it may hold no more than the tail. */
  _redrawn() {
    if (this.showing) return;
    this.drawn = null;
    this.view.loop.ask();
  }

  _whole(view, columns) {
    const grid = slots(view.x0, view.x1, view.w);
    const { data, raw } = this._data(grid, columns, view.tau, this.filled);
    const found = extent(raw, grid, view.x0, view.x1);
    this.empty = found === null && !columns.some((column) => column?.odd.length);
    this.held = yRange(found, this.scale, this.chart.reference, this.held);
    this.drawn = view;
    this._show(data);
  }

  /* The last piece alone: the canvas is clipped, so that uPlot clears and draws no more than that. */
  _tail(view, columns, start, blur) {
    const grid = slots(Math.max(view.x0, start - blur), view.x1, view.w);
    const { data, raw } = this._data(grid, columns, view.tau, []);
    const found = extent(raw, grid, start, view.x1);
    const [low, high] = this._edges();
    if (this.empty || (found && (found[0] < low || found[1] > high))) return false;
    const { ctx, bbox } = this.u;
    const left = Math.floor(this.u.valToPos(start, "x", true));
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, 0, bbox.left + bbox.width + RIGHT * devicePixelRatio - left, bbox.top + bbox.height + 2);
    ctx.clip();
    this._show(data);
    ctx.restore();
    return true;
  }

  /* `kept`: what was computed for the whole before; what did not change is not computed again. */
  _data(grid, columns, tau, kept) {
    const key = `${grid.first} ${grid.bins} ${grid.w}`;
    const each = columns.map((column, i) => {
      const line = this.lines[i];
      const soft = this.smoothed && !line.sparse;
      const same = `${key} ${column?.version} ${soft ? `${tau} ${line.record.marks.length}` : ""}`;
      if (kept[i] && kept[i].column === column && kept[i].same === same) return kept[i];
      const raw = fill(column, grid, this.log);
      const solid = soft ? smooth(column, grid, tau, this.log, breaks(line)) : raw;
      const faint = soft && this.sparing ? outliers(raw, solid, this.log) : raw;
      return (kept[i] = { column, same, raw, soft, solid, faint });
    });
    return {
      raw: each.map((line) => line.raw),
      data: [
        grid.x,
        ...each.filter((line) => line.soft).map((line) => line.faint),
        ...each.map((line) => line.solid),
      ],
    };
  }

  /* What is drawn now, for files: {x, lines: [{line, raw, solid}], x0, x1, low, high, marks, odd}. */
  picture() {
    const { x0, x1, tau, w, columns } = this.drawn ?? {};
    if (!columns) return null;
    const grid = slots(x0, x1, w);
    this._data(grid, columns, tau, this.filled);
    const [low, high] = this._edges();
    const odd = columns.flatMap((column) => (column?.odd ?? []).map((o) => o.step)).filter((step) =>
      step >= x0 && step <= x1
    );
    const lines = this.lines.map((line, i) => ({
      line,
      raw: this.filled[i].soft ? this.filled[i].faint : null,
      solid: this.filled[i].solid,
      gaps: this.sparing,
    }));
    return { x: grid.x, lines, x0, x1, low, high, log: this.log, marks: marksOf(this.lines), odd };
  }

  _edges() {
    return this.log ? this.held.map((v) => 10 ** v) : this.held;
  }

  _show(data) {
    const { x0, x1 } = this.drawn;
    const [low, high] = this._edges();
    this.showing = true;
    const [width, height] = [this.holder.clientWidth, this.holder.clientHeight];
    this.u.batch(() => {
      if (width && height && (width !== this.u.width || height !== this.u.height)) {
        this.u.setSize({ width, height });
      }
      this.u.setData(data, false);
      this.u.setScale("x", { min: x0, max: Math.max(x1, x0 + 1) });
      this.u.setScale("y", { min: low, max: high });
    });
    this.showing = false;
  }

  /* It has another size, which the next drawing takes. */
  resize() {
    this.drawn = null;
  }

  destroy() {
    this.u?.destroy();
    this.u = null;
  }
}

const breaks = (line) => line.record.marks.map((mark) => mark.step);
