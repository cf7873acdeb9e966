/* The Watch page: runs, their chips and charts, one window and one cursor for all of them. */
import { growing } from "../../api/states.js";
import { Colors } from "../../charts/colors.js";
import { extent } from "../../charts/extent.js";
import { Loop } from "../../charts/loop.js";
import { reach, smoothing } from "../../charts/smoothing.js";
import { zoomPill } from "../../charts/zoom-pill.js";
import { Zoomed } from "../../charts/zoom.js";
import { closeMenu } from "../../lib/menu.js";
import { address } from "../../shell/address.js";
import { title } from "../../shell/navigate.js";
import { Folds } from "./folds.js";
import { frame } from "./frame.js";
import { declares, Gallery } from "./gallery.js";
import { Grouped, isGrouped } from "./grouped.js";
import { Lineup } from "./lineup.js";
import { RunsSeen } from "./runs.js";
import { Slider } from "./slider.js";
import { focusControl, viewMenu, wholeAddress } from "./toolbar.js";
import { tour } from "./tour.js";
import { verdictStrip } from "./verdict/strip.js";

/** @import { Event, Run } from "../../api/schema.d.ts" */
/** @import { Chart, Scale } from "../../charts/lines.js" */
/** @import { Plot } from "../../charts/plot.js" */
/** @import { Record } from "../../data/record.js" */
/** @import { Page } from "../index.js" */

const RESHAPE_MS = 200; /* while runs come in, lines are made anew no oftener */

/** Runs that are watched together. */
class Watch {
  /**
   * @param {HTMLElement} root
   * @param {string[]} ids
   */
  constructor(root, ids) {
    this.root = root;
    this.ids = ids;
    /** Those of which the chips know no news yet. @type {Set<Record>} */
    this.renewed = new Set();
    this.unshaped = false; /* whether cards are to be shaped anew */
    this.reshaped = -Infinity; /* when they were */
    this.drawn = true; /* by the time it is ready */
    this.colors = new Colors(ids, []);
    this.loop = new Loop(() => this._draw());
    this.runs = new RunsSeen(ids, this);
    /** @type {Zoomed} */
    const zoomed = this.zoomed = new Zoomed(this);
    this.zoomTo = zoomed.to.bind(zoomed);
    this.pan = zoomed.pan.bind(zoomed);
    this.scale = zoomed.scale.bind(zoomed);
    this.follow = zoomed.all.bind(zoomed);
    this.slider = new Slider((before) => this.smoothed(before));
    this.part("smoothing").replaceChildren(...this.slider.elements);
    this.focus = "";
    /** @type {Map<string, Scale>} */
    this.scales = new Map();
    this._readAddress();
    this.lineup = new Lineup(this.records, this.colors, this.part("runs"), {
      reshape: () => this.reshape(),
      draw: () => this.loop.ask(true),
      light: (id) => this.light(id),
    });
    /** @type {Gallery} */
    this.gallery = new Gallery(this, this.part("charts"), this.part("more"));
    const axes = ids.length === 1 ? () => this.grouped.offer() : null;
    this.part("view").replaceChildren(viewMenu(this.gallery.board, axes));
    this.whole = () => wholeAddress(this.gallery.board);
    this.grouped = new Grouped(this);
    this.folds = ids.length === 1 ? new Folds(this, this.records[0], this.part("panels")) : null;
    const unfold = (/** @type {string} */ name) => () => this.folds?.unfold(name);
    this.shortcuts = { e: unfold("story"), c: unfold("checkpoints"), o: unfold("log") };
    this.left = new AbortController();
    const { signal } = this.left;
    this.part("more-group").addEventListener("toggle", () => this.gallery.resize(), { signal });
    const loaded = this.runs.load();
    this.ready = Promise.all([this.gallery.drawn(loaded), verdictStrip(this, loaded)]);
    tour(this);
  }

  /**
   * A part of the page's frame.
   * @param {string} name
   */
  part(name) {
    /** @type {HTMLElement | null} */
    const part = this.root.querySelector(`#watch-${name}`);
    if (!part) throw new Error(`The Watch page has no part #watch-${name}.`);
    return part;
  }

  /* How it is looked at, from the address. */
  _readAddress() {
    this.focus = address.get("focus");
    const scales = address.list("scale").map((word) => word.split(":"));
    this.scales = new Map(scales.map(([name, scale]) => [name, /** @type {Scale} */ (scale)]));
    this.slider.read();
    this.zoomed.read(isGrouped() ? "" : address.get("zoom"));
  }

  /** The address changed and is still one of this page: back, forward, or a link to the same runs. */
  revisit() {
    this._readAddress();
    this.lineup.read();
    this.gallery.board.load();
    this.gallery.board.arrange();
    this.folds?.revisit();
    this.zoomed.forget();
    this.grouped.turned();
    this.reshape();
  }

  /** @param {number} before the smoothing until now */
  smoothed(before) {
    if (before > 0 !== smoothing.percent > 0) this.reshape();
    this.loop.ask(true);
  }

  get zoom() {
    return this.zoomed.at;
  }

  get alive() {
    return this.runs.alive;
  }

  get records() {
    return this.runs.records;
  }

  get cards() {
    return this.gallery.cards;
  }

  get last() {
    return this.records.reduce((most, record) => Math.max(most, record.end), 1);
  }

  /**
   * @param {Record} record
   * @param {Run} run
   * @param {boolean} reshaped whether its series or modalities are others than before
   */
  updated(record, run, reshaped) {
    this.renewed.add(record); /* with the next frame: a text changed by itself costs one of its own */
    this.loop.ask();
    this.folds?.update(run);
    if (reshaped) this.reshape();
    this.zoomed.say();
    if (this.ids.length === 1) title(`${run.name} · ${run.state}`);
  }

  /** @param {Event} event */
  happened(event) {
    this.folds?.add(event);
  }

  /**
   * @param {Record} record
   * @param {string} reason
   */
  gone(record, reason) {
    this.renewed.delete(record);
    this.lineup.refuse(record.id, reason);
    this.reshape();
  }

  loaded() {
    this.zoomed.detail();
    this.reshape();
  }

  /** @param {string | null} id of the run whose lines stand out */
  light(id) {
    if (this.records.length > 1) this.gallery.light(id);
  }

  /**
   * Open the form of a fork of the only run.
   * @param {number} step
   */
  fork(step) {
    this.lineup.fork(step);
  }

  /** @param {Chart} chart */
  scaleOf(chart) {
    return this.scales.get(chart.name) ?? chart.scale;
  }

  /**
   * Choose another y axis for a chart.
   * @param {Chart} chart
   * @param {Scale} scale
   */
  rescale(chart, scale) {
    if (scale === chart.scale) this.scales.delete(chart.name);
    else this.scales.set(chart.name, scale);
    address.set({ scale: [...this.scales].map((pair) => pair.join(":")) });
    this.reshape();
  }

  /** Other runs, series, modality or colors: which charts, which lines; with the next frame. */
  reshape() {
    this.unshaped = true;
    this.loop.ask(true);
  }

  _reshape() {
    const wait = this.runs.loading ? this.reshaped + RESHAPE_MS - performance.now() : 0;
    if (wait > 0) return this.loop.later(wait);
    [this.unshaped, this.reshaped] = [false, performance.now()];
    const known = this.records.filter(declares);
    const modalities = [...new Set(known.flatMap(({ run }) => run.modalities))];
    this.colors.know(modalities);
    const choose = (/** @type {string} */ modality) => {
      this.focus = modality;
      address.set({ focus: modality });
      this.reshape();
    };
    focusControl(this.part("focus"), modalities, this.ids.length > 1, this.focus, choose);
    this.lineup.name(known);
    const charts = this.gallery.hang(known, this.ids.length === 1);
    this.gallery.shape({
      records: known.filter(({ id }) => !this.lineup.hidden.has(id)),
      focus: this.focus,
      colors: this.colors,
      smoothed: smoothing.percent > 0,
    });
    this.lineup.choices(charts);
    this.grouped.update(known);
    this.part("toolbar").hidden = !charts.length;
    this.part("waiting").hidden = charts.length > 0;
  }

  /* What nobody sees before all runs were read is drawn then; where that takes long, the page is seen. */
  _draw() {
    const { settling } = this.root.dataset;
    if (settling && this.runs.loading) return this.loop.later(RESHAPE_MS);
    if (!settling) this.gallery.unseen = false;
    this._renew();
    const [first, running] = [this.gallery.unseen, this.records.some(({ run }) => run && growing(run.state))];
    const [x0, x1] = this.zoom ?? extent(this.records, this.last, running);
    const done = this.gallery.draw(this.records, x0, x1, reach(smoothing.percent, x0, x1));
    this.lineup.balance(this.records.length === 1);
    this.zoomed.fit();
    if (!done && !first) this.loop.ask(true);
  }

  _renew() {
    if (this.unshaped) this._reshape();
    for (const { id, run } of this.renewed) if (run) this.lineup.update(id, run);
    this.renewed.clear();
  }

  /**
   * @param {number | null} step
   * @param {Plot} plot
   */
  hover(step, plot) {
    this.gallery.hover(step, plot);
  }

  recolor() {
    this.colors.read();
    this.lineup.paint();
    this.grouped.recolor();
    this.reshape();
  }

  leave() {
    this.runs.leave();
    clearTimeout(this.zoomed.settling);
    closeMenu();
    zoomPill(this.root, null);
    this.left.abort();
    this.loop.stop();
    this.gallery.leave();
    this.grouped.leave();
  }
}

/** @type {Page} */
export const watchPage = {
  name: "watch",
  path: "/watch",
  title: "Watch",
  keys: ["runs"],
  frame,
  open(root) {
    const ids = address.list("runs");
    root.classList.toggle("nothing", !ids.length);
    return ids.length ? new Watch(root, ids) : null;
  },
};
