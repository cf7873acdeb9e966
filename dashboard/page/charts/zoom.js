/* The window on the steps of a page's runs: moved by hand, written into the address, read again in detail. */
import { growing } from "../api/states.js";
import { Window } from "./window.js";
import { zoomPill } from "./zoom-pill.js";
import { detail, fineness, joined } from "../data/history.js";
import { MANY } from "../lib/limits.js";
import { stats } from "../lib/stats.js";
import { address } from "../shell/address.js";

/** @import { Heard, Record } from "../data/record.js" */
/** @import { CardLike, View } from "./card.js" */
/** @import { Steps } from "./window.js" */

/**
 * What the window needs of its page.
 * @typedef {object} ZoomedPage
 * @property {HTMLElement} root
 * @property {View["loop"]} loop
 * @property {number} last the newest step
 * @property {Map<string, CardLike>} cards
 * @property {string[]} ids
 * @property {Record[]} records
 * @property {boolean} alive
 */

const SETTLE_MS = 120; /* detail is read once the window has not moved for this long */

export class Zoomed {
  /** @param {ZoomedPage} page */
  constructor(page) {
    this.page = page;
    this.window = new Window();
    this.moved = -Infinity;
    this.settling = 0;
    /** The window whose detail is read. @type {Steps | null} */
    this.target = null;
    this.fine = fineness(0, page.ids.length); /* how fine it is read */
  }

  get at() {
    return this.window.at;
  }

  /** @param {string} text the address's */
  read(text) {
    const zoom = Window.read(text);
    if (zoom) this.window.to(...zoom, Infinity);
    else this.window.all();
    this.say();
  }

  /**
   * @param {number} x0
   * @param {number} x1
   */
  to(x0, x1) {
    this.window.to(x0, x1, this.page.last);
    this._moved();
  }

  /**
   * Move by a share of what is in view.
   * @param {number} share
   */
  pan(share) {
    if (this.window.pan(share, this.page.last)) this._moved();
  }

  /**
   * See more (factor > 1) or less, around the place at `share` of the width.
   * @param {number} factor
   * @param {number} share
   */
  scale(factor, share) {
    this.window.scale(factor, share, this.page.last);
    this._moved();
  }

  /** All steps, and those to come. */
  all() {
    this.window.all();
    this._moved();
  }

  /** Say which steps are seen, and whether more are to come. */
  say() {
    const grows = this.page.records.some(({ run }) => run && growing(run.state));
    zoomPill(this.page.root, this.at, () => this.all(), grows);
  }

  _moved() {
    this.say();
    address.set({ zoom: this.window.text });
    const now = performance.now();
    clearTimeout(this.settling);
    if (now - this.moved > 2 * SETTLE_MS || !this.at) this.detail();
    else this.settling = setTimeout(() => this.detail(), SETTLE_MS);
    this.moved = now;
    this.page.loop.ask(true);
  }

  /** The detail there is may be of other steps. */
  forget() {
    this._coarse();
    this.detail();
  }

  _coarse() {
    for (const record of this.page.records) record.zoomed = null;
  }

  /** Charts were drawn: one that became wider shows more than was read. */
  fit() {
    if (this.at && this._enough().points > this.fine.points) this.detail();
  }

  /** As fine as the widest chart can show it. */
  _enough() {
    const widths = [...this.page.cards.values()].map(({ plot }) => plot?.width ?? 0);
    return fineness(Math.max(0, ...widths), this.page.ids.length);
  }

  /** Read the window's detail again, down to the single step, for what is drawn of each run. */
  detail() {
    const zoom = (this.target = this.at);
    this.fine = this._enough();
    const began = performance.now();
    if (!zoom) {
      this._coarse();
      return;
    }
    const readings = this.page.records.map((record) => this._read(record, zoom));
    Promise.all(readings).then(() => this._measure(zoom, began));
  }

  /**
   * @param {Record} record
   * @param {Steps} zoom
   */
  async _read(record, zoom) {
    const names = this._names(record);
    if (!names.length) return;
    const { attempt } = record;
    /** @type {Heard[]} */
    const heard = (record.heard = []);
    try {
      await this._take(record, zoom, names, attempt, heard);
    } catch {
      /* the page was closed or moves on; the coarse curves stay */
    } finally {
      if (record.heard === heard) record.heard = null;
    }
  }

  /**
   * @param {Record} record
   * @param {Steps} zoom
   * @param {string[]} names
   * @param {number} attempt
   * @param {Heard[]} heard rows that arrive meanwhile
   */
  async _take(record, zoom, names, attempt, heard) {
    const { page } = this;
    const current = () => page.alive && this.target === zoom;
    const fine = await detail(record, zoom, names, this.fine, current);
    if (this.target !== zoom) return;
    if (record.attempt !== attempt) {
      this._read(record, zoom);
      return;
    }
    if (fine === undefined) return;
    if (fine) joined(fine, heard);
    record.zoomed = fine;
    page.loop.ask(true);
  }

  /**
   * How long it took until the detail was on the screen.
   * @param {Steps} zoom
   * @param {number} began
   */
  _measure(zoom, began) {
    const report = () => {
      if (this.target !== zoom) return;
      stats.zooms = (stats.zooms ?? 0) + 1;
      stats.zoomMs = performance.now() - began;
    };
    requestAnimationFrame(() => requestAnimationFrame(report));
  }

  /**
   * The dense series of a run; of many runs only those that are drawn.
   * @param {Record} record
   */
  _names(record) {
    const { cards, ids } = this.page;
    const dense = (record.run?.series ?? []).filter((s) => !s.sparse).map((s) => s.name);
    if (ids.length <= MANY) return dense;
    const lines = [...cards.values()].flatMap((card) => card.lines ?? []);
    const drawn = new Set(lines.filter((line) => line.record === record).map((line) => line.name));
    return dense.filter((name) => drawn.has(name));
  }
}
