/* A chart's card: title, unit, explanation, legend with values, the plot and what the cursor reads. */
import { ended } from "../api/states.js";
import { cardFile, downloads } from "./download.js";
import { explained } from "./explained.js";
import { gestureKeys } from "./gestures.js";
import { Legend } from "./legend.js";
import { linesOf } from "./lines.js";
import { Plot } from "./plot.js";
import { Tooltip } from "./tooltip.js";
import { el, say } from "../lib/element.js";

/** @import { Record } from "../data/record.js" */
/** @import { MenuItem } from "../lib/menu.js" */
/** @import { Colors } from "./colors.js" */
/** @import { Chart, Line, Scale } from "./lines.js" */

/**
 * What cards and instruments need of the page that they are on.
 * @typedef {object} View
 * @property {Colors} colors
 * @property {Record[]} records
 * @property {string} focus a modality, or "" for all
 * @property {readonly [first: number, last: number] | null} zoom the steps in view, or null: all
 * @property {boolean} alive whether the page is still open
 * @property {{ ask: (now?: boolean) => void, flush: () => void }} loop draws with the next frame if `now`, or
 * else soon; `flush` draws in this moment
 * @property {(x0: number, x1: number) => void} zoomTo
 * @property {(share: number) => void} pan by a share of what is in view
 * @property {(factor: number, share: number) => void} scale around the place at `share` of the width
 * @property {() => void} follow shows all steps, and those to come
 * @property {(step: number | null, plot: Plot) => void} hover the cursor moved over a plot; null: it left
 * @property {(chart: Chart) => Scale} scaleOf
 * @property {(chart: Chart, scale: Scale) => void} rescale
 * @property {() => void} reshape makes all cards anew, after a choice of theirs changed
 */

/**
 * What all cards show.
 * @typedef {object} Shown
 * @property {Record[]} records
 * @property {string} focus a modality, or "" for all
 * @property {Colors} colors
 * @property {boolean} smoothed whether each line is also drawn faint, unsmoothed
 */

/**
 * What the painter remembers of a card.
 * @typedef {object} Painted
 * @property {number} [since] the first step not drawn as it is now
 * @property {boolean} [seen] whether any of it is on the screen, not only near it
 * @property {number} [turn] in which turn it was last drawn
 * @property {number} [at] when that was, in ms
 * @property {Map<string, number>} [reached] the last step drawn of each run
 */

/**
 * Draws steps [x0, x1], smoothed over `tau` steps, of which those from `from` on changed.
 * @callback Draw
 * @param {number} x0
 * @param {number} x1
 * @param {number} tau
 * @param {number | null} step where the cursor is
 * @param {number} from
 * @returns {void}
 */

/**
 * What every card of the Watch page has, of a chart or of an instrument.
 * @typedef {object} CardParts
 * @property {HTMLElement} element whose `.plot` is as high as the arrangement says
 * @property {boolean} ready whether it is known what to draw
 * @property {boolean} visible
 * @property {boolean} stale whether something it shows changed
 * @property {(shown: Shown) => void} shape
 * @property {() => void} measure reads its size from the page, before anything is drawn
 * @property {Draw} draw
 * @property {() => void} forget the next drawing draws everything
 * @property {(step: number | null) => void} read shows values at a step; null: the newest
 * @property {(step: number | null, left: number) => void} point shows the list beside the cursor, or hides it
 * @property {() => void} resize
 * @property {() => void} destroy
 * @property {(id: string | null) => void} [light] lets one run's lines stand out; null: none
 * @property {() => (MenuItem | null)[]} [actions] entries of its menu
 * @property {Plot} [plot]
 * @property {Line[]} [lines]
 */

/** @typedef {CardParts & Painted} CardLike */

/**
 * Whether more can come of any of these runs.
 * @param {Record[]} records
 */
export const awaited = (records) => records.some(({ run }) => run && !ended(run.state));

/**
 * Why no series of these runs has a value.
 * @param {Record[]} records
 */
function valueless(records) {
  if (records.some(({ partial }) => partial)) return "Reading the curves …";
  return awaited(records) ? "Waiting for the first value" : "Nothing was recorded";
}

/**
 * The hidden labels after a click on one; with `alone` it is then the only one in sight, or all are again.
 * @param {string[]} labels
 * @param {ReadonlySet<string>} off
 * @param {string} label
 * @param {boolean} alone
 */
export function toggled(labels, off, label, alone) {
  const others = labels.filter((other) => other !== label);
  if (alone) return new Set(others.every((other) => off.has(other)) && !off.has(label) ? [] : others);
  return new Set(labels.filter((other) => (other === label) !== off.has(other)));
}

/** @implements {CardParts} */
export class Card {
  /** @type {number | undefined} */
  since;
  /** @type {number | undefined} */
  turn;
  /** @type {boolean | undefined} */
  seen;
  /** @type {number | undefined} */
  at;
  /** @type {Map<string, number> | undefined} */
  reached;
  /** What was last shown. @type {Shown | undefined} */
  shown;

  /**
   * @param {Chart} chart may get more parts later
   * @param {View} view
   */
  constructor(chart, view) {
    this.chart = chart;
    this.view = view;
    this.visible = false;
    this.stale = false;
    /** @type {Line[]} */
    this.lines = [];
    this.explained = explained(chart.name, chart.title, chart.parts.map((part) => part.series));
    /** Labels of hidden lines. @type {Set<string>} */
    this.off = new Set();
    this.legend = new Legend((label, alone) => this._toggle(label, alone));
    this.tooltip = new Tooltip();
    this.holder = el("div", {
      class: "plot",
      role: "group",
      tabindex: "0",
      "aria-label": `${chart.title} over steps. Arrow keys move, plus and minus zoom, 0 follows.`,
      onkeydown: (/** @type {KeyboardEvent} */ event) => gestureKeys(view, event),
    });
    this.waiting = el(
      "div",
      { class: "plot-empty" },
      "",
    ); /* said once it is drawn, which needs it in sight */
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
      this.legend.element,
      el("div", { class: "plot-frame" }, this.holder, this.waiting, this.tooltip.element),
      this.explained.panel,
    );
    this.explained.closes(this.element);
    this.plot = new Plot(this.holder, chart, view);
  }

  get ready() {
    return this.plot.colors !== null;
  }

  /** @returns {MenuItem[]} */
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

  /** @param {string | null} id */
  light(id) {
    this.plot.light(id);
  }

  /** @param {Shown} shown */
  shape(shown) {
    const { records, focus, colors, smoothed } = this.shown = shown;
    const lines = linesOf(this.chart, records, focus, colors);
    this.lines = lines.filter((line) => !this.off.has(line.label));
    this.stale = true;
    this.plot.shape(this.lines, smoothed, colors, this.view.scaleOf(this.chart));
    this.legend.shape(lines, colors, this.off);
  }

  /**
   * Hide or show the lines of a label; `alone`: show only those, or all again.
   * @param {string} label
   * @param {boolean} alone
   */
  _toggle(label, alone) {
    const labels = [...new Set(this.legend.lines.map((line) => line.label))];
    this.off = toggled(labels, this.off, label, alone);
    if (this.shown) this.shape(this.shown);
    this.view.loop.ask(true);
  }

  measure() {
    this.plot.measure();
  }

  /**
   * @param {number} x0
   * @param {number} x1
   * @param {number} tau
   * @param {number | null} step
   * @param {number} from
   */
  draw(x0, x1, tau, step, from) {
    this.stale = false;
    this.plot.draw(x0, x1, tau, from);
    if (this.waiting.hidden === this.plot.empty) this.waiting.hidden = !this.plot.empty;
    if (this.plot.empty) say(this.waiting, this._why());
    this.read(step);
  }

  /** Why nothing is drawn. */
  _why() {
    const { focus, zoom, records } = this.view;
    if (this.off.size && !this.lines.length) return "All lines are hidden";
    if (!this.lines.length) return focus ? `Nothing recorded for ${focus}` : "No run is shown";
    if (zoom && records.some((record) => record.last >= 0)) return "No values in these steps";
    return valueless(records);
  }

  /** @param {number | null} step */
  read(step) {
    this.legend.read(step);
  }

  /**
   * @param {number | null} step
   * @param {number} left in pixels of the plot
   */
  point(step, left) {
    if (step === null) this.tooltip.hide();
    else this.tooltip.show(this.lines, step, left, this.plot.width);
  }

  forget() {
    this.plot.forget();
  }

  resize() {
    this.plot.resize();
  }

  destroy() {
    this.plot.destroy();
    this.element.remove();
  }
}
