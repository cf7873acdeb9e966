/* A card that draws one series of several groups of runs, or of runs alone, on an axis they share.
   uPlot draws axes and cursor; the lines we draw ourselves, each with its own x, so that many stay cheap. */
import uPlot from "uplot";
import { bandFile } from "./file.js";
import { bandExtent, bandLines, nearest } from "./lines.js";
import { downloads } from "../charts/download.js";
import { explained } from "../charts/explained.js";
import { yRange } from "../charts/grid.js";
import { strokes } from "../charts/strokes.js";
import { decades } from "../charts/ticks.js";
import { el, icon, say } from "../lib/element.js";
import { menuButton } from "../lib/menu.js";
import { number, parsed, tick } from "../lib/numbers.js";

const { FONT, fade } = strokes;
const TOOLTIP = 10;
const MANY = 12; /* more lines than this are drawn thinner, without dots */
const SHADE = 0.13; /* strength of a band */
const VEIL = 0.8; /* strength of all of them together, so that lines stay visible under many */
const RAW = 24; /* beside more lines than this the unsmoothed ones are left out */

export class BandCard {
  /* `board`: {axis, range, tau, colors, focus, zoomTo(x0, x1), whole(), flip(name), flipped(name)}. */
  constructor(series, modality, board) {
    Object.assign(this, { series, board, found: [], lines: [], held: null });
    const title = modality ? `${series.title}, ${modality}` : series.title;
    this.holder = el("div", { class: "plot", role: "img", "aria-label": title });
    this.tooltip = el("div", { class: "tooltip", hidden: true });
    this.waiting = el("div", { class: "plot-empty" }, "Nothing is recorded yet");
    this.note = el("div", { class: "legend" });
    const menu = menuButton(
      { class: "icon-button card-menu", "aria-label": `More of ${title}`, title: "Axis and files" },
      [icon("more")],
      () => this._actions(),
    );
    const about = explained(`band-${series.name}`, title, [series]);
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

  /* `found`: [{entry: {key, label, color, dash, alone}, band: {steps, x, mean, deviation, low, high, runs}}]. */
  show(found) {
    this.found = found;
    this.log = (this.series.scale === "log") !== this.board.flipped(this.series.name);
    const tau = this.series.sparse ? 0 : this.board.tau;
    this.lines = found.map(({ entry, band }) => bandLines(band, { alone: entry.alone, log: this.log, tau }));
    this.raw = tau > 0 && found.length <= RAW;
    const alone = found.length > 0 && found.every(({ entry }) => entry.alone);
    const thinned = alone && this.lines.some((line) => line.low.some((v, i) => v !== line.high[i]));
    say(
      this.note,
      alone
        ? (thinned ? "means of stretches; shade from least to greatest value" : "every value")
        : found.length
        ? "mean ± standard deviation over runs"
        : "",
    );
    this.waiting.hidden = found.length > 0;
    this.draw();
  }

  /* What was shown, on the board's present range. */
  draw() {
    const [width, height] = [this.holder.clientWidth, this.holder.clientHeight];
    if (!width || !height || !this.board.range) return;
    const [x0, x1] = this.board.range;
    this.held = yRange(
      bandExtent(this.lines, x0, x1),
      this.log ? "log" : "linear",
      this.series.reference ?? null,
      this.held,
    );
    const shape = `${this.log} ${this.board.axis.name} ${this.board.colors.axis}`;
    if (!this.u || shape !== this.shape) {
      this.u?.destroy();
      this.shape = shape;
      this.u = new uPlot(this._options(width, height), [[x0, x1], [null, null]], this.holder);
      this.u.over.addEventListener("dblclick", () => this.board.whole());
    }
    const [low, high] = this.log ? this.held.map((v) => 10 ** v) : this.held;
    this.u.batch(() => {
      this.u.setData([[x0, x1], [null, null]], false);
      this.u.setScale("x", { min: x0, max: x1 });
      this.u.setScale("y", { min: low, max: high });
    });
  }

  _options(width, height) {
    const { colors, axis } = this.board;
    const look = { stroke: colors.axis, font: FONT, ticks: { show: false } };
    return {
      width,
      height,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: { dblclick: () => null },
        sync: {
          key: "rhoscope-bands",
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
          ...look,
          size: 28,
          gap: 6,
          grid: { show: false },
          space: 70,
          ...(axis.steps ? { incrs: axis.steps } : {}),
          values: (_u, at) => at.map((x) => axis.tick(x, this.board.range)),
        },
        {
          ...look,
          size: 54,
          gap: 8,
          space: 32,
          grid: { stroke: colors.grid, width: 1 },
          values: (_u, at) => at.map(tick),
          ...(this.log ? { splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at } : {}),
        },
      ],
      series: [{}, { show: true, points: { show: false } }],
      hooks: {
        draw: [(u) => this._paint(u)],
        setCursor: [(u) => this._point(u)],
        setSelect: [(u) => this._select(u)],
      },
    };
  }

  _select(u) {
    const { left, width } = u.select;
    if (width < 5) return;
    const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.board.zoomTo(from, to);
  }

  _paint(u) {
    const { ctx, bbox } = u;
    const { focus } = this.board;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    this._reference(u);
    const order = this.lines.map((_, i) => i).sort((a, b) =>
      (this.found[a].entry.key === focus) - (this.found[b].entry.key === focus)
    );
    for (const i of order) {
      const { entry } = this.found[i];
      ctx.globalAlpha = focus && focus !== entry.key ? 0.15 : 1;
      this._band(u, this.lines[i], entry);
    }
    ctx.restore();
  }

  _band(u, line, { color, dash }) {
    const { ctx, bbox } = u;
    const pixel = devicePixelRatio;
    const [x, y] = [scaled(line.x, u, "x"), (column) => scaled(column, u, "y")];
    const [low, high, solid] = [y(line.low), y(line.high), y(line.solid)];
    ctx.fillStyle = fade(color, Math.min(SHADE, VEIL / this.lines.length));
    area(ctx, x, low, high);
    if (this.lines.length > MANY) spikes(ctx, x, low, high, color, pixel);
    ctx.lineJoin = "round";
    if (this.raw) stroke(ctx, x, y(line.mean), fade(color, 0.28), pixel, []);
    const many = this.lines.length > MANY;
    stroke(ctx, x, solid, color, (many ? 1 : 1.5) * pixel, dash.map((d) => d * pixel));
    ctx.fillStyle = color;
    const dots = this.series.sparse && x.length <= 60 && !many;
    solid.forEach((v, i) => {
      const lonely = (solid[i - 1] ?? null) === null && (solid[i + 1] ?? null) === null;
      if (v !== null && (dots || lonely)) disc(ctx, x[i], v, 2.5 * pixel);
    });
    ctx.fillStyle = this.board.colors.odd;
    for (const at of scaled(line.odd, u, "x")) ctx.fillRect(at - 1, bbox.top, 2, 8 * pixel);
  }

  _reference(u) {
    const reference = this.series.reference ?? null;
    if (reference === null || (this.log && reference <= 0)) return;
    const at = Math.round(u.valToPos(reference, "y", true)) + 0.5;
    const { left, width } = u.bbox;
    stroke(u.ctx, [left, left + width], [at, at], this.board.colors.reference, 1, [4, 4]);
  }

  _point(u) {
    const over = u.cursor.left >= 0 && u.over.matches(":hover");
    this.tooltip.hidden = !over;
    if (!over) return;
    const [x, y] = [u.posToVal(u.cursor.left, "x"), u.cursor.top];
    const rows = this.found.flatMap(({ entry, band }, n) => {
      const i = nearest(this.lines[n].x, x);
      return i < 0 ? [] : [{
        entry,
        band,
        i,
        mean: parsed(band.mean[i]),
        far: Math.abs(u.valToPos(this.lines[n].solid[i] ?? 0, "y") - y),
      }];
    });
    const near = rows.sort((a, b) => a.far - b.far).slice(0, TOOLTIP).sort((a, b) => b.mean - a.mean);
    const more = rows.length > near.length
      ? [el("div", { class: "muted" }, `and ${rows.length - near.length} farther ones`)]
      : [];
    this.tooltip.replaceChildren(
      el("div", { class: "tooltip-step" }, this.board.axis.words(x)),
      ...near.map((row) => reading(row)),
      ...more,
    );
    const right = u.cursor.left > this.holder.clientWidth / 2;
    this.tooltip.style.left = right ? "" : `${u.cursor.left + 70}px`;
    this.tooltip.style.right = right ? `${this.holder.clientWidth - u.cursor.left - 40}px` : "";
  }

  _actions() {
    return [
      { text: "Logarithmic axis", checked: this.log, act: () => this.board.flip(this.series.name) },
      { title: "Download what is shown" },
      ...downloads(() => bandFile(this)),
    ];
  }

  resize() {
    const [width, height] = [this.holder.clientWidth, this.holder.clientHeight];
    if (!this.u) this.draw();
    else if (width && (width !== this.u.width || height !== this.u.height)) this.u.setSize({ width, height });
  }

  destroy() {
    this.u?.destroy();
    this.element.remove();
  }
}

/* One line of the list beside the cursor. */
function reading({ entry, band, i, mean }) {
  const deviation = parsed(band.deviation[i]);
  const [low, high] = [band.low[i], band.high[i]].map(parsed).map(number);
  const spread = entry.alone
    ? (low === high ? "" : ` (${low} … ${high})`)
    : band.runs[i] > 1
    ? ` ± ${number(deviation)}`
    : "";
  return el(
    "div",
    { class: "tooltip-row" },
    lineKey(entry),
    el("span", { class: "tooltip-name" }, entry.label),
    el("strong", {}, `${number(mean)}${spread}`),
  );
}

/* A short piece of an entry's line, as legends show it. */
export function lineKey({ color, dash }) {
  const made = el("span", { class: "key", style: `color:${color}` });
  made.innerHTML =
    `<svg width="20" height="10" aria-hidden="true"><path d="M0 5h20" stroke="currentColor" stroke-width="2.500" stroke-dasharray="${
      dash.join(" ")
    }"/></svg>`;
  return made;
}

/* Values as pixels of the canvas; nulls stay. */
function scaled(values, u, key) {
  const { min, max, distr } = u.scales[key];
  const { left, top, width, height } = u.bbox;
  const into = distr === 3 ? Math.log10 : (v) => v;
  const [low, size] = [into(min), into(max) - into(min)];
  if (key === "x") return values.map((v) => left + ((v - low) / size) * width);
  return values.map((v) => (v === null ? null : top + (1 - Math.max(-9, (into(v) - low) / size)) * height));
}

function stroke(ctx, x, y, color, width, dash) {
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  let pen = false;
  for (let i = 0; i < x.length; i++) {
    if (y[i] === null) pen = false;
    else if (pen) ctx.lineTo(x[i], y[i]);
    else {
      ctx.moveTo(x[i], y[i]);
      pen = true;
    }
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

function area(ctx, x, low, high) {
  for (let a = 0; a < x.length; a++) {
    if (low[a] === null || high[a] === null) continue;
    let b = a;
    while (b + 1 < x.length && low[b + 1] !== null && high[b + 1] !== null) b++;
    ctx.beginPath();
    for (let i = a; i <= b; i++) ctx.lineTo(x[i], low[i]);
    for (let i = b; i >= a; i--) ctx.lineTo(x[i], high[i]);
    ctx.fill();
    a = b;
  }
}

/* Where a band is far higher than it usually is, a line over its height: under a thin veil no spike goes lost. */
function spikes(ctx, x, low, high, color, pixel) {
  const size = low.map((v, i) => (v === null ? 0 : Math.abs(high[i] - v)));
  const usual = [...size].sort((a, b) => a - b)[size.length >> 1] ?? 0;
  const far = Math.max(4 * usual, 8 * pixel);
  ctx.strokeStyle = color;
  ctx.lineWidth = pixel;
  ctx.beginPath();
  size.forEach((height, i) => {
    if (height <= far) return;
    ctx.moveTo(x[i], low[i]);
    ctx.lineTo(x[i], high[i]);
  });
  ctx.stroke();
}

function disc(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
