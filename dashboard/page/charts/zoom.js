/* The window on the steps of a page's runs: moved by hand, written into the address, read again in detail. */
import { Window } from "./window.js";
import { zoomPill } from "./zoom-pill.js";
import { detail, joined } from "../data/history.js";
import { stats } from "../lib/stats.js";
import { address } from "../shell/address.js";

const MANY = 12;
const SETTLE_MS = 120; /* detail is asked for when the window stands still for so long */

export class Zoomed {
  /* `page` has root, loop, last, cards, ids and runs. */
  constructor(page) {
    this.page = page;
    this.window = new Window();
    this.moved = -Infinity;
  }

  get at() {
    return this.window.at;
  }

  /* As the address says. */
  read(text) {
    const zoom = Window.read(text);
    if (zoom) this.window.to(...zoom, Infinity);
    else this.window.all();
    this._say();
  }

  to(x0, x1) {
    this.window.to(x0, x1, this.page.last);
    this._moved();
  }

  /* Move by a share of what is seen. */
  pan(share) {
    if (this.window.pan(share, this.page.last)) this._moved();
  }

  /* See more (factor > 1) or less, around the place at `share` of the width. */
  scale(factor, share) {
    this.window.scale(factor, share, this.page.last);
    this._moved();
  }

  /* Everything, and what comes. */
  all() {
    this.window.all();
    this._moved();
  }

  _say() {
    zoomPill(this.page.root, this.at, () => this.all());
  }

  _moved() {
    this._say();
    address.set({ zoom: this.window.text });
    const now = performance.now();
    clearTimeout(this.settling);
    if (now - this.moved > 2 * SETTLE_MS || !this.at) this.detail();
    else this.settling = setTimeout(() => this.detail(), SETTLE_MS);
    this.moved = now;
    this.page.loop.ask(true);
  }

  /* What detail there is may be of other steps. */
  forget() {
    for (const record of this.page.records) record.zoomed = null;
    this.detail();
  }

  /* Read the window's detail again, down to the single step, for what is drawn of each run. */
  detail() {
    const zoom = (this.wanted = this.at);
    const began = performance.now();
    if (!zoom) { for (const record of this.page.records) record.zoomed = null; }
    else {Promise.all(this.page.records.map((record) => this._read(record, zoom))).then(() =>
        this._measure(zoom, began)
      );}
  }

  async _read(record, zoom) {
    const { ids, runs, loop } = this.page;
    const names = this._names(record);
    if (!names.length) return;
    const { attempt } = record;
    const heard = (record.heard = []);
    try {
      const found = await detail(record, zoom, names, ids.length, () => runs.alive && this.wanted === zoom);
      if (this.wanted !== zoom) return;
      if (record.attempt !== attempt) return void this._read(record, zoom);
      if (found === undefined) return;
      if (found) joined(found, heard);
      record.zoomed = found;
      loop.ask(true);
    } catch {
      /* the page was left or moves on; what is coarse stays */
    } finally {
      if (record.heard === heard) record.heard = null;
    }
  }

  /* How long it took until the detail stood on the screen. */
  _measure(zoom, began) {
    const told = () =>
      this.wanted === zoom &&
      Object.assign(stats, { zooms: (stats.zooms ?? 0) + 1, zoomMs: performance.now() - began });
    requestAnimationFrame(() => requestAnimationFrame(told));
  }

  /* The dense series of a run; of many runs only those that are drawn. */
  _names(record) {
    const { cards, ids } = this.page;
    const drawn = [...cards.values()].flatMap((card) =>
      (card.lines ?? []).filter((line) => line.record === record).map((line) => line.name)
    );
    const dense = (record.run?.series ?? []).filter((s) => !s.sparse).map((s) => s.name);
    return ids.length > MANY ? dense.filter((name) => drawn.includes(name)) : dense;
  }
}
