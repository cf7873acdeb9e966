/* Cards of bands side by side: one axis, one range, one zoom, one focus for all of them. */
import { AXES } from "./axes.js";
import { BandCard } from "./card.js";
import { colored } from "./entries.js";
import { Colors } from "../charts/colors.js";
import { splitName } from "../charts/lines.js";
import { el } from "../lib/element.js";

const POINTS = [300, 150]; /* of a curve; and where many are drawn */
const MANY = 12;
const BUDGET_MS = 24; /* of a frame, for drawing */
for (const [name, axis] of Object.entries(AXES)) axis.name = name;

function outside(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return Number(bottom < 0 || top > window.innerHeight);
}

export class BandBoard {
  /* `changed(changes)`: the user asked for {zoom: [x0, x1] or null} or {flip: names}. */
  constructor(changed) {
    Object.assign(this, {
      changed,
      axis: AXES.step,
      zoom: null,
      smoothing: 0,
      flips: [],
      focus: "",
      cards: new Map(),
      entries: [],
      frames: {},
      drawn: null,
    });
    this.colors = new Colors([], []);
    this.element = el("div", { class: "charts" });
    this.sizes = new ResizeObserver(() => this.cards.forEach((card) => card.resize()));
    this.sizes.observe(this.element);
  }

  /* How `/groups` is asked for the curves of so many entries. */
  query(names, entries) {
    const [from, to] = this.zoom ?? [];
    const range = this.zoom ? { start: from, end: to } : {};
    return {
      names: names.join(","),
      align: this.axis.name,
      points: POINTS[entries > MANY ? 1 : 0],
      ...range,
    };
  }

  /* `entries`: [{key, label, alone, hidden, bands}], colored here by their place; `declared`: series in order. */
  show(entries, declared, modalities) {
    this.entries = colored(entries, this.colors);
    const names = new Set(declared.map((series) => series.name));
    for (const [name, card] of this.cards) {
      if (names.has(name)) continue;
      card.destroy();
      this.cards.delete(name);
    }
    declared.forEach((series, place) => {
      let card = this.cards.get(series.name);
      if (!card) {
        this.cards.set(
          series.name,
          card = new BandCard(series, splitName(series, modalities).modality, this),
        );
      }
      if (this.element.children[place] !== card.element) {
        this.element.insertBefore(card.element, this.element.children[place] ?? null);
      }
    });
    this.refresh();
  }

  /* The same curves again: other zoom, smoothing, scale or colors. */
  refresh() {
    const seen = this.entries.filter((entry) => !entry.hidden);
    this.range = this.zoom ?? this._whole(seen);
    const found = (name) =>
      seen.map((entry) => ({ entry, band: entry.bands.find((band) => band.name === name) })).filter((one) =>
        one.band
      );
    this._each("show", (card, name) => card.show(found(name)));
  }

  /* Something for every card, those on the screen first, a few a frame, so that nothing waits for all of them; the
     same again takes over. */
  _each(kind, act) {
    cancelAnimationFrame(this.frames[kind]);
    const left = [...this.cards].toSorted(([, a], [, b]) => outside(a.element) - outside(b.element));
    const next = () => {
      const began = performance.now();
      while (left.length && performance.now() - began < BUDGET_MS) {
        const [name, card] = left.shift();
        act(card, name);
      }
      if (left.length) {
        this.frames[kind] = requestAnimationFrame(next);
        return;
      }
      this.drawn?.();
      this.drawn = null;
    };
    if (left.length) this.frames[kind] = requestAnimationFrame(next);
  }

  _whole(entries) {
    let [x0, x1] = [Infinity, -Infinity];
    for (const { bands } of entries) {
      for (const band of bands) {
        const x = band.x?.length ? band.x : band.steps;
        if (x[0] < x0) x0 = x[0];
        if (x[x.length - 1] > x1) x1 = x[x.length - 1];
      }
    }
    if (x0 > x1) return [0, 1];
    if (this.axis.name !== "clock") x0 = 0;
    return x1 > x0 ? [x0, x1] : [x0, x0 + 1];
  }

  get tau() {
    return this.range ? (this.smoothing / 100) ** 2 * (this.range[1] - this.range[0]) * 0.1 : 0;
  }

  light(key) {
    if (this.focus === key) return;
    this.focus = key;
    this._each("draw", (card) => card.draw());
  }

  zoomTo(x0, x1) {
    const least = this.axis.name === "step" ? 1 : 1e-3;
    const [from, to] = this.axis.name === "step"
      ? [Math.floor(x0), Math.ceil(x1)]
      : [Number(x0.toFixed(3)), Number(x1.toFixed(3))];
    if (to - from >= least) {
      this.changed({ zoom: [this.axis.name === "clock" ? from : Math.max(0, from), to] });
    }
  }

  whole() {
    if (this.zoom) this.changed({ zoom: null });
  }

  flipped(name) {
    return this.flips.includes(name);
  }

  flip(name) {
    this.changed({
      flip: this.flipped(name) ? this.flips.filter((one) => one !== name) : [...this.flips, name],
    });
  }

  recolor() {
    this.colors.read();
    this.entries = colored(this.entries, this.colors);
    this.refresh();
  }

  destroy() {
    for (const frame of Object.values(this.frames)) cancelAnimationFrame(frame);
    this.sizes.disconnect();
    this.cards.forEach((card) => card.destroy());
  }
}
