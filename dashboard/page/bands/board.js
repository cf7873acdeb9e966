/* Cards of bands side by side: one axis, one range, one zoom, one focus for all of them. */
import { AXES } from "./axes.js";
import { BandCard } from "./card.js";
import { colored } from "./entries.js";
import { Colors } from "../charts/colors.js";
import { splitName } from "../charts/lines.js";
import { reach } from "../charts/smoothing.js";
import { el } from "../lib/element.js";
import { MANY } from "../lib/limits.js";

/** @import { Band, Series } from "../api/schema.d.ts" */
/** @import { Range } from "./axes.js" */
/** @import { ColoredEntry, Entry } from "./entries.js" */
/** @typedef {{ zoom?: Range | null, flip?: string[] }} Changes what the reader asked for */

const POINTS = { few: 300, many: 150, crowd: 80 }; /* of a curve */
const CROWD = 60; /* curves of which each is a hair among others */
const BUDGET_MS = 24; /* of a frame, for drawing */
const LEAST = { step: 1, other: 1e-3 }; /* extent of a zoom */

/** @param {Element} element */
function outside(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return Number(bottom < 0 || top > globalThis.innerHeight);
}

export class BandBoard {
  /** @param {(changes: Changes) => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.axis = AXES.step;
    /** @type {Range | null} */
    this.zoom = null;
    /** @type {Range | null} */
    this.range = null; /* what is seen: the zoom, or all there is */
    this.smoothing = 0; /* percent */
    /** @type {string[]} */
    this.flips = []; /* series whose axis is not of the declared scale */
    this.focus = ""; /* key of the entry that stands out */
    /** @type {Map<string, BandCard>} */
    this.cards = new Map();
    /** @type {ColoredEntry[]} */
    this.entries = [];
    /** @type {Map<string, number>} */
    this.frames = new Map();
    /** @type {(() => void) | null} */
    this.drawn = null; /* called once when everything is drawn */
    this.colors = new Colors([], []);
    this.element = el("div", { class: "charts" });
    this.sizes = new ResizeObserver(() => {
      this.cards.forEach((card) => card.measure());
      this.cards.forEach((card) => card.resize());
    });
    this.sizes.observe(this.element);
  }

  /**
   * The parameters of GET /groups for the curves of a number of entries.
   * @param {string[]} names
   * @param {number} entries
   * @returns {Record<string, string>}
   */
  query(names, entries) {
    const [start, end] = (this.zoom ?? []).map(String);
    return {
      names: names.join(","),
      align: this.axis.name,
      points: String(POINTS[entries > CROWD ? "crowd" : entries > MANY ? "many" : "few"]),
      ...(this.zoom ? { start, end } : {}),
    };
  }

  /**
   * @param {Entry[]} entries colored here by their place
   * @param {Series[]} series a card each, in this order
   * @param {string[]} modalities
   */
  show(entries, series, modalities) {
    this.entries = colored(entries, this.colors);
    const names = new Set(series.map(({ name }) => name));
    for (const [name, card] of this.cards) {
      if (names.has(name)) continue;
      card.destroy();
      this.cards.delete(name);
    }
    series.forEach((one, place) => {
      const card = this.cards.get(one.name) ??
        new BandCard(one, splitName(one, modalities).modality, this);
      this.cards.set(one.name, card);
      if (this.element.children[place] !== card.element) {
        this.element.insertBefore(card.element, this.element.children[place] ?? null);
      }
    });
    this.refresh();
  }

  /* The same curves with another zoom, smoothing, scale or colors. */
  refresh() {
    const visible = this.entries.filter((entry) => !entry.hidden);
    this.range = this.zoom ?? this._whole(visible.flatMap((entry) => entry.bands));
    this._each("show", (card, name) =>
      card.show(visible.flatMap((entry) => {
        const band = entry.bands.find((one) => one.name === name);
        return band ? [{ entry, band }] : [];
      })));
  }

  /**
   * Do something for every card, those on the screen first, a few per frame so that nothing waits for all of
   * them; those on the screen that were never drawn at once, so that the page comes as a whole. The same kind
   * again takes over.
   * @param {string} kind
   * @param {(card: BandCard, name: string) => void} act
   */
  _each(kind, act) {
    cancelAnimationFrame(this.frames.get(kind) ?? 0);
    const left = [...this.cards];
    let fresh = 0; /* how many of the first ones are on the screen, and were never drawn */
    const next = () => {
      const began = performance.now();
      while (left.length && (fresh-- > 0 || performance.now() - began < BUDGET_MS)) {
        for (const [name, card] of left.splice(0, 1)) act(card, name);
      }
      if (left.length) {
        this.frames.set(kind, requestAnimationFrame(next));
        return;
      }
      this.drawn?.();
      this.drawn = null;
    };
    const first = () => {
      for (const [, card] of left) card.measure();
      const place = new Map(
        left.map(([, card]) => [card, 2 * outside(card.element) + Number(card.u !== null)]),
      );
      left.sort(([, a], [, b]) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
      fresh = left.filter(([, card]) => place.get(card) === 0).length;
      next();
    };
    if (left.length) this.frames.set(kind, requestAnimationFrame(first));
  }

  /**
   * The range of everything there is.
   * @param {Band[]} bands
   * @returns {Range}
   */
  _whole(bands) {
    let [x0, x1] = [Infinity, -Infinity];
    for (const band of bands) {
      const x = band.x?.length ? band.x : band.steps;
      if (!x.length) continue;
      x0 = Math.min(x0, x[0]);
      x1 = Math.max(x1, x[x.length - 1]);
    }
    if (x0 > x1) return [0, 1];
    const from = this.axis.name === "clock" ? x0 : 0;
    return [from, x1 > from ? x1 : from + 1];
  }

  /* How far values reach into a smoothed curve, in units of the axis. */
  get tau() {
    return this.range ? reach(this.smoothing, ...this.range) : 0;
  }

  /**
   * Let one entry stand out; "": none.
   * @param {string} key
   */
  light(key) {
    if (this.focus === key) return;
    this.focus = key;
    this._each("draw", (card) => card.draw());
  }

  /**
   * @param {number} x0
   * @param {number} x1
   */
  zoomTo(x0, x1) {
    const { name } = this.axis;
    const [from, to] = name === "step"
      ? [Math.floor(x0), Math.ceil(x1)]
      : [Number(x0.toFixed(3)), Number(x1.toFixed(3))];
    if (to - from < (name === "step" ? LEAST.step : LEAST.other)) return;
    this.changed({ zoom: [name === "clock" ? from : Math.max(0, from), to] });
  }

  whole() {
    if (this.zoom) this.changed({ zoom: null });
  }

  /** @param {string} name */
  flipped(name) {
    return this.flips.includes(name);
  }

  /** @param {string} name */
  flip(name) {
    this.changed({
      flip: this.flipped(name) ? this.flips.filter((flip) => flip !== name) : [...this.flips, name],
    });
  }

  recolor() {
    this.colors.read();
    this.entries = colored(this.entries, this.colors);
    this.refresh();
  }

  destroy() {
    for (const frame of this.frames.values()) cancelAnimationFrame(frame);
    this.sizes.disconnect();
    this.cards.forEach((card) => card.destroy());
  }
}
