/* A chart's card: title, unit, explanation, legend with values, the plot and what the cursor reads.
   Every card of the watch page has element, ready, visible, stale, shape, draw, forget, read, point, resize, destroy.
   It may have light(run id or null), which lets one run's lines stand out, and actions(), entries for its menu. Its
   `.plot` is as high as the arrangement says. */
import { cardFile, downloads } from "./download.js";
import { explained } from "./explained.js";
import { gestureKeys } from "./gestures.js";
import { linesOf } from "./lines.js";
import { Plot } from "./plot.js";
import { el, say } from "../lib/element.js";
import { number, whole } from "../lib/numbers.js";

const LEGEND = 10; /* more lines than this are read from the tooltip alone */
const TOOLTIP = 12;

export class Card {
  constructor(chart, view) {
    this.chart = chart;
    this.view = view;
    this.visible = false;
    this.lines = [];
    this.explained = explained(chart.name, chart.title, chart.parts.map((part) => part.series));
    this.legend = el("div", { class: "legend" });
    this.holder = el("div", {
      class: "plot",
      role: "group",
      tabindex: "0",
      "aria-label": `${chart.title} over steps. Arrow keys move, plus and minus zoom, 0 follows.`,
      onkeydown: (event) => gestureKeys(view, event),
    });
    this.waiting = el("div", { class: "plot-empty" }, "Waiting for the first step");
    this.tooltip = el("div", { class: "tooltip", hidden: true });
    this.element = el(
      "article",
      { class: "card chart-card", "data-chart": chart.name, "aria-label": chart.title },
      el(
        "header",
        { class: "chart-head" },
        el("h3", {}, chart.title),
        el("span", { class: "unit" }, chart.unit === "1" ? "" : chart.unit),
        el("span", { class: "spacer" }),
        this.explained.button,
      ),
      this.legend,
      el("div", { class: "plot-frame" }, this.holder, this.waiting, this.tooltip),
      this.explained.panel,
    );
    this.explained.closes(this.element);
    this.plot = new Plot(this.holder, chart, view, (step, plot) => view.hover(step, plot));
  }

  /* Whether it is known what to draw. */
  get ready() {
    return Boolean(this.plot.colors);
  }

  actions() {
    const { log } = this.plot;
    return [
      {
        text: "Logarithmic axis",
        checked: log,
        act: () => this.view.rescale(this.chart, log ? "linear" : "log"),
      },
      { title: "Download what is shown" },
      ...downloads(() => cardFile(this)),
    ];
  }

  light(id) {
    this.plot.light(id);
  }

  /* Other runs, focus or colors. `smoothed`: each line also faint as it is. `chart`: it may have got more parts. */
  shape({ records, focus, colors, smoothed }) {
    const lines = linesOf(this.chart, records, focus, colors);
    this.lines = lines;
    this.stale = true;
    this.plot.shape(lines, smoothed, colors, this.view.scaleOf(this.chart));
    const several = new Set(lines.map((line) => line.record)).size > 1;
    const named = several ? unique(lines) : lines;
    this.valued = !several && lines.length <= LEGEND;
    this.values = named.map(() => el("span", { class: "legend-value" }));
    this.items = named.map((line, i) =>
      el(
        "span",
        { class: "legend-item" },
        key(line, several ? colors.joint : line.color),
        el("span", {}, line.label),
        this.valued ? this.values[i] : null,
      )
    );
    this.legend.replaceChildren(...this.items);
    this.legend.hidden = several && named.length < 2;
  }

  draw(x0, x1, tau, step, from) {
    this.stale = false;
    this.plot.draw(x0, x1, tau, from);
    if (this.waiting.hidden === this.plot.empty) this.waiting.hidden = !this.plot.empty;
    if (this.plot.empty) say(this.waiting, this._why());
    this.read(step);
    if (!this.valued) return;
    this.lines.forEach((line, i) => {
      const none = line.sparse && !line.record.series.get(line.name)?.steps.length;
      if (this.items[i].hidden !== none) this.items[i].hidden = none;
    });
  }

  /* Why nothing is drawn. */
  _why() {
    const { focus, zoom, records } = this.view;
    if (!this.lines.length) return focus ? `Nothing of ${focus} here` : "No run is shown";
    if (zoom && records.some((record) => record.last >= 0)) return "No value in these steps";
    return "Waiting for the first step";
  }

  /* Values at a step, or the newest ones when it is null. */
  read(step) {
    if (!this.valued) return;
    this.lines.forEach((line, i) => say(this.values[i], reading(line, step)));
  }

  /* The list beside the cursor; `left` in pixels of the plot. */
  point(step, left) {
    this.tooltip.hidden = step === null;
    if (step === null) return;
    const several = new Set(this.lines.map((line) => line.record)).size > 1;
    const rows = this.lines
      .map((line) => ({ line, bin: line.record.best(line.name, step, step)?.at(Math.round(step)) ?? null }))
      .filter((row) => row.bin)
      .sort((a, b) => height(b) - height(a));
    const shown = rows.slice(0, TOOLTIP).map(({ line, bin }) =>
      el(
        "div",
        { class: "tooltip-row" },
        key(line, line.color),
        el(
          "span",
          { class: "tooltip-name" },
          several ? `${line.record.run.name} · ${line.label}` : line.label,
        ),
        el("strong", {}, spread(bin)),
      )
    );
    if (rows.length > TOOLTIP) shown.push(el("div", { class: "muted" }, `and ${rows.length - TOOLTIP} more`));
    this.tooltip.replaceChildren(el("div", { class: "tooltip-step" }, where(rows, step)), ...shown);
    const right = left > this.holder.clientWidth / 2;
    this.tooltip.style.left = right ? "" : `${left + 70}px`;
    this.tooltip.style.right = right ? `${this.holder.clientWidth - left - 40}px` : "";
  }

  /* What stands there is old: the next drawing draws everything. */
  forget() {
    this.plot.drawn = null;
  }

  resize() {
    this.plot.resize();
  }

  destroy() {
    this.plot.destroy();
    this.element.remove();
  }
}

function reading(line, step) {
  const { record, name } = line;
  const bin =
    (step === null ? record.series.get(name)?.last() : record.best(name, step, step)?.at(Math.round(step))) ??
      null;
  return bin ? spread(bin) : "–";
}

/* One value, or the span of those that share a bin. */
function spread(bin) {
  const [low, high] = [number(bin.low), number(bin.high)];
  return low === high ? high : `${low} … ${high}`;
}

/* Where a row stands in the list: what is not finite comes first. */
const height = ({ bin }) => (Number.isNaN(bin.high) ? Infinity : bin.high);

function where(rows, step) {
  const dense = rows.filter(({ line }) => !line.sparse);
  const widest = dense.reduce(
    (wide, row) => (row.bin.to - row.bin.from > (wide?.to ?? 0) - (wide?.from ?? 0) ? row.bin : wide),
    dense[0]?.bin,
  );
  if (!widest) return `Step ${whole(step)}`;
  if (widest.from === widest.to) return `Step ${whole(widest.from)}`;
  return `Steps ${whole(widest.from)} – ${whole(widest.to)}`;
}

/* A short piece of the line, as legends show it. */
function key(line, color) {
  const dash = line.dash.length ? ` stroke-dasharray="${line.dash.join(" ")}"` : "";
  const dot = line.sparse ? '<circle cx="10" cy="5" r="2.500" fill="currentColor"/>' : "";
  const made = el("span", { class: "key", style: `color:${color};opacity:${line.faint ? 0.7 : 1}` });
  made.innerHTML =
    `<svg width="20" height="10" aria-hidden="true"><path d="M0 5h20" stroke="currentColor" stroke-width="2"${dash}/>${dot}</svg>`;
  return made;
}

const unique = (lines) =>
  lines.filter((line, i) => lines.findIndex((other) => other.label === line.label) === i);
