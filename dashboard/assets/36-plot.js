/* One uPlot chart: axes, lines, marks, zoom by dragging, the cursor it shares with the others. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const FONT = "11px Inter, ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

  const REACH = 6; /* so many tau away a value no longer counts */
  const RAW = 24; /* beside more lines than this the unsmoothed ones are left out */

  class Plot {
    /* `view`: {zoom, zoomTo(x0, x1), follow()}; `hover(step, plot)` when the cursor moves; step null: it left. */
    constructor(holder, chart, view, hover) {
      Object.assign(this, { holder, chart, view, hover });
      this.lines = [];
      this.log = chart.scale === "log";
      this.held = null;
    }

    /* Other lines, colours or number of curves a line: uPlot is made again. */
    shape(lines, smoothed, colours) {
      const cursor = this.u?.cursor;
      const at = cursor && cursor.left >= 0 ? { left: cursor.left, top: cursor.top } : null;
      this.u?.destroy();
      Object.assign(this, { lines, smoothed, colours, drawn: null });
      this.raw = smoothed && lines.length <= RAW;
      const faint = this.raw ? lines.filter((line) => !line.sparse).map((line) => this._faint(line)) : [];
      const series = [...faint, ...lines.map((line) => this._solid(line))];
      this.u = new uPlot(this._options([{}, ...series]), [[0], ...series.map(() => [null])], this.holder);
      this.u.over.addEventListener("dblclick", () => this.view.follow());
      if (at) this.u.setCursor(at);
    }

    _solid(line) {
      const show = line.sparse;
      return {
        label: line.label,
        stroke: line.faint ? fade(line.colour, 0.65) : line.colour,
        dash: line.sparse && line.record.many ? [] : line.dash,
        width: 1,
        spanGaps: true,
        points: show ? { show: true, size: 5, width: 1, fill: line.filled ? line.colour : this.colours.surface, stroke: line.colour } : { show: false },
      };
    }

    _faint(line) {
      return { label: line.label, stroke: fade(line.colour, line.faint ? 0.12 : 0.24), width: 1, spanGaps: true, points: { show: false } };
    }

    _options(series) {
      const { colours } = this;
      const axis = { stroke: colours.axis, font: FONT, ticks: { show: false } };
      return {
        width: Math.max(120, this.holder.clientWidth),
        height: Math.max(80, this.holder.clientHeight),
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false, dist: 5 },
          bind: { dblclick: () => null },
          sync: { key: "rhoscope", setSeries: false, scales: ["x", null], filters: { pub: (type) => type.startsWith("mouse") && type !== "mousedown" && type !== "mouseup" } },
        },
        scales: {
          x: { time: false, range: (_u, low, high) => [low, high] },
          y: { distr: this.log ? 3 : 1, range: (_u, low, high) => [low, high] },
        },
        axes: [
          { ...axis, size: 28, gap: 6, grid: { show: false }, space: 70, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7], values: (_u, at) => at.map(rhoscope.short) },
          { ...axis, size: 54, gap: 8, space: 32, grid: { stroke: colours.grid, width: 1 }, values: (_u, at) => at.map(rhoscope.tick), ...(this.log ? { splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at } : {}) },
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
      stroke(u.ctx, this.colours.reference, [4, 4], [[left, y], [left + width, y]]);
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
        stroke(u.ctx, this.colours.mark, [2, 3], [[x, top], [x, top + height]]);
        write(u.ctx, mark.text, this.colours.mark, x, top, left + width, written);
      }
      for (const line of this.lines) {
        for (const { step } of line.record.series.get(line.name)?.odd ?? []) {
          const x = inside(step);
          if (x === null) continue;
          u.ctx.fillStyle = this.colours.odd;
          u.ctx.fillRect(x - 1, top, 2, 8);
        }
      }
    }

    /* Draw steps [x0, x1], smoothed over `tau` steps; only from step `from` on where the rest stands already. */
    draw(x0, x1, tau, from) {
      const columns = this.lines.map((line) => line.record.zoomed?.series.get(line.name) ?? line.record.series.get(line.name));
      const widest = columns.reduce((w, c) => Math.max(w, c?.width ?? 1), 1);
      const w = rhoscope.binWidth(x0, x1, this.holder.clientWidth, widest);
      const view = { x0, x1, tau, w, columns };
      const stands = this._stands(view);
      if (stands && from === Infinity) return;
      const blur = (this.smoothed ? REACH * tau : 0) + 2 * w;
      const tail = stands && from - 2 * blur > (x0 + x1) / 2 ? from - blur : null;
      if (tail === null || !this._tail(view, columns, tail, blur)) this._whole(view, columns);
    }

    _stands({ columns, ...view }) {
      const { drawn } = this;
      return drawn && Object.keys(view).every((key) => drawn[key] === view[key]) && columns.every((c, i) => c === drawn.columns[i]);
    }

    /* uPlot drew by itself, as when the window moves to a finer screen; it may hold no more than the tail. */
    _redrawn() {
      if (this.showing) return;
      this.drawn = null;
      this.view.loop.ask();
    }

    _whole(view, columns) {
      const grid = rhoscope.slots(view.x0, view.x1, view.w);
      const { data, raw } = this._data(grid, columns, view.tau);
      const found = rhoscope.extent(raw, grid, view.x0, view.x1);
      this.empty = found === null && !this.lines.some((line) => line.record.series.get(line.name)?.odd.length);
      this.held = rhoscope.yRange(found, this.chart.scale, this.chart.reference, this.held);
      this.drawn = view;
      this._show(data);
    }

    /* The last piece alone: the canvas is clipped, so that uPlot clears and draws no more than that. */
    _tail(view, columns, start, blur) {
      const grid = rhoscope.slots(Math.max(view.x0, start - blur), view.x1, view.w);
      const { data, raw } = this._data(grid, columns, view.tau);
      const found = rhoscope.extent(raw, grid, start, view.x1);
      const [low, high] = this._edges();
      if (this.empty || (found && (found[0] < low || found[1] > high))) return false;
      const { ctx, bbox } = this.u;
      const left = Math.floor(this.u.valToPos(start, "x", true));
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, 0, bbox.left + bbox.width + 12 * devicePixelRatio - left, bbox.top + bbox.height + 2);
      ctx.clip();
      this._show(data);
      ctx.restore();
      return true;
    }

    _data(grid, columns, tau) {
      const raw = columns.map((column) => rhoscope.fill(column, grid, this.log));
      const soft = (i) => this.smoothed && !this.lines[i].sparse;
      const solid = raw.map((y, i) => (soft(i) ? rhoscope.smooth(columns[i], grid, tau, this.log, breaks(this.lines[i])) : y));
      return { raw, data: [grid.x, ...(this.raw ? raw.filter((_, i) => soft(i)) : []), ...solid] };
    }

    _edges() {
      return this.log ? this.held.map((v) => 10 ** v) : this.held;
    }

    _show(data) {
      const { x0, x1 } = this.drawn;
      const [low, high] = this._edges();
      this.showing = true;
      this.u.batch(() => {
        this.u.setData(data, false);
        this.u.setScale("x", { min: x0, max: Math.max(x1, x0 + 1) });
        this.u.setScale("y", { min: low, max: high });
      });
      this.showing = false;
    }

    resize() {
      const [width, height] = [this.holder.clientWidth, this.holder.clientHeight];
      if (this.u && width && height && (width !== this.u.width || height !== this.u.height)) {
        this.drawn = null;
        this.u.setSize({ width, height });
      }
    }

    destroy() {
      this.u?.destroy();
      this.u = null;
    }
  }

  const breaks = (line) => line.record.marks.map((mark) => mark.step);

  /* 1, 2, 5 of each decade, and more of them where that is too few. */
  function decades(low, high) {
    for (const digits of [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
      const found = [];
      for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
        for (const d of digits) if (d * 10 ** e >= low && d * 10 ** e <= high) found.push(Number((d * 10 ** e).toPrecision(3)));
      }
      if (found.length >= 3) return found;
    }
    const middle = Math.sqrt(low * high);
    return [low * 1.02, middle, high * 0.98].map((v) => Number(v.toPrecision(2)));
  }

  function stroke(ctx, colour, dash, [[x0, y0], [x1, y1]]) {
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
    ctx.restore();
  }

  /* What happened to the runs of some lines, each thing once, in order. */
  function marksOf(lines) {
    const found = new Map();
    for (const record of new Set(lines.map((line) => line.record))) {
      for (const mark of record.marks) found.set(`${mark.step} ${mark.text}`, mark);
    }
    return [...found.values()].sort((a, b) => a.step - b.step);
  }

  /* A mark's words beside its line, on the side and in the row where there is room; where there is none, not. */
  function write(ctx, text, colour, x, top, right, rows) {
    ctx.save();
    ctx.font = FONT.replace("11px", `${10 * devicePixelRatio}px`);
    ctx.fillStyle = colour;
    ctx.textAlign = "left";
    const width = ctx.measureText(text).width + 5;
    const start = x + width < right ? x + 5 : x - width;
    const row = rows.findIndex((end) => end < start);
    if (row >= 0) {
      rows[row] = start + width;
      ctx.fillText(text, start, top + (10 + 13 * row) * devicePixelRatio);
    }
    ctx.restore();
  }

  /* "#rrggbb" with an opacity. */
  const fade = (colour, share) => `${colour}${Math.round(255 * share).toString(16).padStart(2, "0")}`;

  Object.assign(rhoscope, { Plot, decades });
})();
