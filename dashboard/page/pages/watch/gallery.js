/* The cards of the Watch page: which there are, which are on the screen, and when each is drawn. */
import { Board } from "../../charts/board.js";
import { Card } from "../../charts/card.js";
import { chartsOf } from "../../charts/lines.js";
import { ASIDE_MS, Painter } from "../../charts/painter.js";
import { pastsOf } from "../../data/past.js";
import { instruments } from "../../instruments/list.js";

/** @import { CardLike, Shown, View } from "../../charts/card.js" */
/** @import { Chart } from "../../charts/lines.js" */
/** @import { Plot } from "../../charts/plot.js" */
/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Record } from "../../data/record.js" */

/** @typedef {Record & { run: Run }} KnownRecord a record whose run was read */

const MARGIN = 150; /* pixels: cards this near to the screen are drawn too */

/**
 * Whether it is known which series a run has.
 * @param {Record} record
 * @returns {record is KnownRecord}
 */
export const declares = (record) => Boolean(record.run?.series.length);

/**
 * Whether the pointer is over a plot, and where its cursor is.
 * @param {Plot} plot
 */
function cursorOf({ u }) {
  return u ? { over: u.over.matches(":hover"), left: u.cursor.left ?? 0 } : { over: false, left: 0 };
}

/** Charts and instruments of the runs. */
export class Gallery {
  /**
   * @param {View} view
   * @param {HTMLElement} holder
   * @param {HTMLElement} more takes the cards that come later
   */
  constructor(view, holder, more) {
    this.view = view;
    /** @type {Map<string, CardLike>} */
    this.cards = new Map();
    this.painter = new Painter();
    /** @type {number | null} the step under the cursor */
    this.step = null;
    this.lighting = 0;
    this.hung = false; /* whether there are cards since it was looked which are on the screen */
    this.looked = false; /* whether the browser has said which cards are on the screen */
    this.unseen = false; /* whether the page waits for its first drawing */
    this.whole = () => {};
    this.aside = 0; /* the timer of cards out of sight */
    for (const part of [holder, more]) part.replaceChildren();
    this.board = new Board(holder, more, () => this.resize());
    this.near = new IntersectionObserver((entries) => this._moved(entries, "visible"), {
      rootMargin: `${MARGIN}px`,
    });
    this.sight = new IntersectionObserver((entries) => this._moved(entries, "seen"));
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(holder);
  }

  /**
   * Make the cards that these runs have, in their usual order.
   * @param {KnownRecord[]} known
   * @param {boolean} single whether the page is of one run
   */
  hang(known, single) {
    const runs = known.map((record) => record.run);
    const charts = chartsOf(runs, single);
    for (const chart of charts) this._chart(chart);
    for (const instrument of instruments) {
      const { name } = instrument;
      if (!this.cards.has(name) && instrument.fits(runs)) {
        this._place(name, instrument.make(this.view), false);
      }
    }
    this.board.usual([...charts, ...instruments].map(({ name }) => name));
    return charts;
  }

  /* Which new cards are on the screen: the browser says so too, but a frame later. Looked at behind all that
     is written: each reading in between costs a layout. */
  _look() {
    if (!this.hung) return;
    this.hung = false;
    const boxes = [...this.cards.values()].map((card) => ({
      card,
      box: card.element.getBoundingClientRect(),
    }));
    for (const { card, box: { top, bottom, height } } of boxes) {
      card.visible = height > 0 && bottom > -MARGIN && top < innerHeight + MARGIN;
      card.seen = card.visible && bottom > 0 && top < innerHeight;
    }
    this.looked = true;
  }

  /** @param {Chart} chart */
  _chart(chart) {
    const present = this.cards.get(chart.name);
    if (present instanceof Card) present.chart = chart;
    else if (!present) this._place(chart.name, new Card(chart, this.view), chart.late);
  }

  /**
   * @param {string} name
   * @param {CardLike} card
   * @param {boolean} late
   */
  _place(name, card, late) {
    this.hung = true;
    this.cards.set(name, card);
    this.board.add(name, card, late);
    this.near.observe(card.element);
    this.sight.observe(card.element);
  }

  /**
   * Other runs, series, modality or colors.
   * @param {Shown} shown
   */
  shape(shown) {
    const pasts = pastsOf(shown.records.map(({ line }) => [line]));
    shown.records.forEach((record, i) => (record.past = pasts[i]));
    for (const card of this.cards.values()) card.shape(shown);
  }

  /**
   * Draw what is due of steps [x0, x1]; whether all of it was.
   * @param {Record[]} records
   * @param {number} x0
   * @param {number} x1
   * @param {number} tau how far values reach into a smoothed curve
   */
  draw(records, x0, x1, tau) {
    const cards = [...this.cards.values()];
    this._look();
    const from = Math.min(Infinity, ...records.map((record) => record.changed));
    const lasts = new Map(records.map((record) => [record.id, record.last]));
    const done = this.painter.paint(
      cards,
      from,
      lasts,
      (card, since) => card.draw(x0, x1, tau, this.step, since),
      this.unseen,
    );
    for (const record of records) {
      record.stats.drawn = this.painter.reached(cards, record.id, record.last);
      record.changed = Infinity;
    }
    this._finish(done);
    return done || this.unseen;
  }

  /** @param {boolean} done whether all that was due is drawn */
  _finish(done) {
    const sure = this.looked || !this.cards.size;
    if (sure && (done || this.unseen)) this.whole();
    if (this.painter.aside) this.aside ||= setTimeout(() => this._later(), ASIDE_MS);
  }

  /**
   * The first drawing of the runs that were read: their legends change the heights of cards.
   * @param {Promise<unknown>} loaded
   * @returns {Promise<void>}
   */
  async drawn(loaded) {
    this.unseen = true;
    await loaded;
    if (!this.unseen || !this.view.alive) return;
    await new Promise((/** @type {(_: void) => void} */ resolve) => {
      this.whole = () => {
        this.whole = () => {}; /* once: whatever is drawn later is no first drawing */
        this.unseen = false;
        resolve();
        requestAnimationFrame(() => this.view.loop.ask(true)); /* cards near the screen, behind this frame */
      };
      this.view.loop.flush();
    });
  }

  _later() {
    this.aside = 0;
    this.view.loop.ask();
  }

  /**
   * @param {IntersectionObserverEntry[]} entries
   * @param {"visible" | "seen"} what of a card they say
   */
  _moved(entries, what) {
    this.looked ||= what === "seen";
    for (const { target, isIntersecting } of entries) {
      for (const card of this.cards.values()) if (card.element === target) card[what] = isIntersecting;
    }
    this.view.loop.ask(true);
  }

  resize() {
    for (const card of this.cards.values()) card.resize();
    this.view.loop.ask(true);
  }

  /**
   * The cursor moved over one plot: all others read the same step.
   * @param {number | null} step
   * @param {Plot} plot
   */
  hover(step, plot) {
    if (step === null && this.step === null) return; /* as each plot says that is new */
    this.step = step;
    const { over, left } = cursorOf(plot);
    for (const card of this.cards.values()) {
      if (card.visible) card.read(step);
      if (card.plot === plot) card.point(over ? step : null, left);
      else if (step === null) card.point(null, left);
    }
  }

  /**
   * Let one run's lines stand out, or none.
   * @param {string | null} id
   */
  light(id) {
    clearTimeout(this.lighting);
    this.lighting = setTimeout(() => {
      for (const card of this.cards.values()) card.light?.(id);
      this.view.loop.ask(true);
    }, 60);
  }

  leave() {
    clearTimeout(this.lighting);
    clearTimeout(this.aside);
    this.board.live.remove();
    this.near.disconnect();
    this.sight.disconnect();
    this.sizes.disconnect();
    for (const card of this.cards.values()) card.destroy();
  }
}
