/* Several runs as one: a chart of means with their bands, and final numbers against a setting. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;
  const FONT = "11px Inter, ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const SVG = "http://www.w3.org/2000/svg";

  const fade = (colour, share) => `${colour}${Math.round(255 * share).toString(16).padStart(2, "0")}`;

  /* A card that draws one series of several groups of runs. */
  class BandCard {
    constructor(series, modality, colours) {
      Object.assign(this, { series, colours, shape: "" });
      this.log = series.scale === "log";
      this.holder = el("div", { class: "plot", role: "img", "aria-label": `${series.title} over steps, mean and band` });
      this.tooltip = el("div", { class: "tooltip", hidden: true });
      this.element = el(
        "article",
        { class: "card chart-card", "data-chart": series.name, "aria-label": series.title },
        el("header", { class: "chart-head" }, el("h3", {}, series.title), el("span", { class: "unit" }, modality)),
        el("div", { class: "legend muted" }, "mean ± standard deviation over runs"),
        el("div", { class: "plot-frame" }, this.holder, this.tooltip),
      );
    }

    /* `found`: [{entry: {label, colour}, band: {steps, mean, deviation, runs}}]. */
    show(found) {
      this.found = found;
      const shape = JSON.stringify(found.map(({ entry }) => [entry.label, entry.colour]));
      const width = this.holder.clientWidth;
      if (!width) return;
      if (!found.length) return;
      const data = uPlot.join(found.map(({ band }) => this._columns(band)));
      this.range = this._extent(data);
      if (shape !== this.shape || !this.u) {
        this.u?.destroy();
        this.shape = shape;
        this.u = new uPlot(this._options(found, width), data, this.holder);
        return;
      }
      this.u.setData(data);
    }

    _columns({ steps, mean, deviation }) {
      const at = (i, sign) => {
        const value = rhoscope.parsed(mean[i]) + sign * rhoscope.parsed(deviation[i]);
        if (!Number.isFinite(value)) return null;
        return this.log ? Math.max(value, rhoscope.parsed(mean[i]) / 10, 1e-12) : value;
      };
      const column = (sign) => steps.map((_, i) => at(i, sign));
      return [steps, column(0), column(1), column(-1)];
    }

    _extent(data) {
      let [low, high] = [Infinity, -Infinity];
      for (const column of data.slice(1)) for (const v of column) if (v !== null && v !== undefined) [low, high] = [Math.min(low, v), Math.max(high, v)];
      return rhoscope.yRange(low <= high ? [low, high] : null, this.series.scale, this.series.reference ?? null, null);
    }

    _options(found, width) {
      const { colours } = this;
      const axis = { stroke: colours.axis, font: FONT, ticks: { show: false } };
      const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
      const few = this.series.sparse;
      const lines = found.flatMap(({ entry }) => [
        { label: entry.label, stroke: entry.colour, width: 1.5, spanGaps: true, points: few ? { show: true, size: 4, fill: entry.colour, stroke: entry.colour } : { show: false } },
        edge,
        edge,
      ]);
      return {
        width,
        height: Math.max(80, this.holder.clientHeight),
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: "rhoscope-bands", setSeries: false, scales: ["x", null] } },
        scales: { x: { time: false, range: (_u, low, high) => [Math.min(0, low ?? 0), Math.max(1, high ?? 1)] }, y: { distr: this.log ? 3 : 1, range: () => (this.log ? this.range.map((v) => 10 ** v) : this.range) } },
        axes: [
          { ...axis, size: 28, gap: 6, grid: { show: false }, space: 70, values: (_u, at) => at.map(rhoscope.short) },
          { ...axis, size: 54, gap: 8, space: 32, grid: { stroke: colours.grid, width: 1 }, values: (_u, at) => at.map(rhoscope.tick), ...(this.log ? { splits: (_u, _i, low, high) => rhoscope.decades(low, high), filter: (_u, at) => at } : {}) },
        ],
        series: [{}, ...lines],
        bands: found.map(({ entry }, i) => ({ series: [3 * i + 2, 3 * i + 3], fill: fade(entry.colour, 0.14) })),
        hooks: { setCursor: [(u) => this._point(u)], drawAxes: [(u) => this._reference(u)] },
      };
    }

    _reference(u) {
      const reference = this.series.reference ?? null;
      if (reference === null) return;
      const y = Math.round(u.valToPos(reference, "y", true)) + 0.5;
      const { left, top, width, height } = u.bbox;
      if (y < top || y > top + height) return;
      u.ctx.save();
      u.ctx.strokeStyle = this.colours.reference;
      u.ctx.setLineDash([4, 4]);
      u.ctx.beginPath();
      u.ctx.moveTo(left, y);
      u.ctx.lineTo(left + width, y);
      u.ctx.stroke();
      u.ctx.restore();
    }

    _point(u) {
      const over = u.cursor.left >= 0 && u.over.matches(":hover");
      this.tooltip.hidden = !over;
      if (!over) return;
      const step = u.posToVal(u.cursor.left, "x");
      const rows = this.found.flatMap(({ entry, band }) => {
        const i = nearest(band.steps, step);
        if (i < 0) return [];
        const [mean, deviation] = [band.mean[i], band.deviation[i]].map(rhoscope.parsed);
        const text = band.runs[i] > 1 ? `${rhoscope.number(mean)} ± ${rhoscope.number(deviation)}` : rhoscope.number(mean);
        return [el("div", { class: "tooltip-row" }, el("span", { class: "group-swatch", style: `background:${entry.colour}` }), el("span", { class: "tooltip-name" }, entry.label), el("strong", {}, text))];
      });
      this.tooltip.replaceChildren(el("div", { class: "tooltip-step" }, `Step ${rhoscope.whole(step)}`), ...rows.slice(0, 12));
      const right = u.cursor.left > this.holder.clientWidth / 2;
      this.tooltip.style.left = right ? "" : `${u.cursor.left + 70}px`;
      this.tooltip.style.right = right ? `${this.holder.clientWidth - u.cursor.left - 40}px` : "";
    }

    resize() {
      const width = this.holder.clientWidth;
      if (!this.u && this.found) this.show(this.found);
      else if (this.u && width && width !== this.u.width) this.u.setSize({ width, height: this.holder.clientHeight });
    }

    /* Other colours: the chart is made again. */
    forget() {
      this.shape = "";
    }

    destroy() {
      this.u?.destroy();
    }
  }

  function nearest(steps, step) {
    let best = -1;
    steps.forEach((s, i) => {
      if (best < 0 || Math.abs(s - step) < Math.abs(steps[best] - step)) best = i;
    });
    return best;
  }

  /* Final numbers against a setting: a dot a run, a bar for mean ± deviation. An SVG in a figure. */
  function dots(entries, axis, metric, colours) {
    const [width, height, left, bottom, top, right] = [460, 260, 52, 40, 14, 18];
    const known = entries.filter((e) => e.final[metric]);
    const at = [...new Set(known.map((e) => e.values[axis]))].sort((a, b) => a - b);
    const all = known.flatMap((e) => Object.values(e.final[metric].values).map(rhoscope.parsed)).filter(Number.isFinite);
    const margin = Math.max(0.01, 0.15 * (Math.max(...all) - Math.min(...all)));
    const [low, high] = [Math.max(0, Math.min(...all) - margin), Math.min(1, Math.max(...all) + margin)];
    const x = (value) => left + ((at.indexOf(value) + 0.5) / at.length) * (width - left - right);
    const y = (value) => top + (1 - (value - low) / (high - low || 1)) * (height - top - bottom);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${words(metric)} against ${axis}`, class: "dots" });
    for (const value of ticks(low, high)) {
      svg.append(shape("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: colours.grid }), text(left - 8, y(value) + 4, rhoscope.percent(value), "end", colours.axis));
    }
    for (const value of at) svg.append(text(x(value), height - bottom + 18, rhoscope.plain(value), "middle", colours.axis));
    svg.append(text((left + width - right) / 2, height - 5, axis.replaceAll("_", " "), "middle", colours.axis));
    for (const value of at) {
      const here = known.filter((e) => e.values[axis] === value);
      here.forEach((entry, i) => draw(svg, entry, metric, x(value) + (i - (here.length - 1) / 2) * Math.min(22, 200 / at.length / here.length), y));
    }
    const note = at.length > 1 ? "Settings stand in order, not to scale." : "";
    return el("figure", {}, el("figcaption", {}, el("h3", {}, `${words(metric)} against ${axis.replaceAll("_", " ")}`)), svg, el("p", { class: "form-note" }, `A dot a run; the bar is mean ± standard deviation. ${note}`));
  }

  function draw(svg, entry, metric, x, y) {
    const { mean, deviation, values } = entry.final[metric];
    const [middle, apart] = [mean, deviation].map(rhoscope.parsed);
    if (!Number.isFinite(middle)) return;
    const line = { stroke: entry.colour, "stroke-width": 2 };
    svg.append(shape("line", { x1: x, x2: x, y1: y(middle - apart), y2: y(middle + apart), ...line }), shape("line", { x1: x - 7, x2: x + 7, y1: y(middle), y2: y(middle), ...line }));
    for (const value of Object.values(values).map(rhoscope.parsed)) {
      if (Number.isFinite(value)) svg.append(shape("circle", { cx: x, cy: y(value), r: 3.5, fill: fade(entry.colour, 0.55) }));
    }
    svg.lastChild.append(shape("title", {}));
    svg.lastChild.lastChild.textContent = `${entry.label}: ${rhoscope.percent(middle)}`;
  }

  function shape(tag, properties) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(properties)) made.setAttribute(name, String(value));
    return made;
  }

  function text(x, y, words, anchor, colour) {
    const made = shape("text", { x, y, "text-anchor": anchor, fill: colour, "font-size": 11 });
    say(made, words);
    return made;
  }

  /* Four to seven round numbers in a range. */
  function ticks(low, high) {
    const rough = (high - low) / 5;
    const power = 10 ** Math.floor(Math.log10(rough || 0.1));
    const step = [1, 2, 5, 10].map((d) => d * power).find((s) => s >= rough) ?? power;
    const found = [];
    for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) found.push(v);
    return found;
  }

  const words = (metric) => (metric === "best" ? "Best validation accuracy" : "Test accuracy");

  Object.assign(rhoscope, { BandCard, dots });
})();
