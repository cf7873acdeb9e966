/* rho's phase plot: the score of one modality against another's, one dot per step, fading with age. */
import { stroke } from "../charts/strokes.js";
import { Bins } from "../data/bins.js";
import { number, percent, tick, whole } from "../lib/numbers.js";
import { axes, swatch } from "./axes.js";
import { InstrumentCard } from "./card.js";

/** @import { View } from "../charts/card.js" */
/** @import { Box, Scales } from "./axes.js" */
/** @import { Known } from "./card.js" */
/** @import { Instrument } from "./index.js" */
/**
 * The scores of a pair at a step; `age` is from 0, the newest, to 1.
 * @typedef {{ record: Known, step: number, x: number, y: number, age: number }} Dot
 */
/** @typedef {Dot & { px: number, py: number }} Place of a dot on the canvas */

const DOTS = 3000; /* at most, over all runs */
const AGES = 24; /* shades of fading */
const NEAR = 14; /* pixels within which a dot is read */
const RATIOS = [2, 5];
const KEYS = 8; /* runs in the legend */
const WIDE = 420; /* pixels from which the words of the axis leave room for */
const STEEP = 0.3; /* rays of ratios below this */

class PhaseCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, phase);
    this.surface = this.pictured(this.body);
    /** @type {HTMLElement[]} */
    this.keys = [];
    /** @type {Place[]} */
    this.dots = [];
    this.tip.follow(this.body, (x, y) => this._point(x, y));
  }

  /** @override */
  shaped() {
    this.choosePair();
    for (const item of this.keys) item.remove();
    this.keys = this.records.length > 1
      ? this.records.slice(0, KEYS).map((record) => swatch(this.colors.run(record.id), record.run.name))
      : (this.pair ?? []).map((m) => swatch(this.colors.modality(m), `${m} ahead`));
    this.controls.prepend(...this.keys);
  }

  /** @override */
  paint() {
    if (!this.pair) return this.lacks(this.pairless());
    const dots = this._dots(this.pair);
    this.dots = [];
    if (!dots.length) {
      const begun = this.records.some((record) => record.last >= 0);
      return this.lacks(begun ? "No step in this range." : this.awaiting("step"));
    }
    this.lacks();
    const [one, other] = this.pair;
    const { ctx, w, h } = this.surface.begin();
    const box = { left: 46, top: 10, right: w - 12, bottom: h - 30 };
    const { px, py } = axes(ctx, box, [0, 1], [0, 1], this.colors, { x: tick });
    this._rays(ctx, box, { px, py });
    this.dots = dots.map((dot) => ({ ...dot, px: px(dot.x), py: py(dot.y) }));
    this._draw(ctx, this.pair);
    this._titles(ctx, box, this.pair);
    const ahead = this.dots.filter((dot) => dot.x > dot.y).length / this.dots.length;
    this.surface.name(
      `Score of ${one} against score of ${other}; ${one} is ahead in ${percent(ahead)} of the steps shown`,
    );
  }

  /**
   * The dots of all runs, thinned to what can be drawn.
   * @param {[string, string]} pair
   * @returns {Dot[]}
   */
  _dots(pair) {
    const each = this.records.map((record) => this._of(record, pair));
    const all = each.reduce((sum, dots) => sum + dots.length, 0);
    const stride = Math.max(1, Math.ceil(all / DOTS));
    return each.flatMap((dots) => dots.filter((_, i) => (dots.length - 1 - i) % stride === 0));
  }

  /**
   * @param {Known} record
   * @param {[string, string]} pair
   * @returns {Dot[]}
   */
  _of(record, pair) {
    const [a, b] = pair.map((m) => record.best(`score.${m}`, ...this.range));
    if (!(a instanceof Bins) || !b) return [];
    const dots = within(a, this.range).flatMap((i) => {
      const step = a.origin + i * a.width;
      const y = b.at(step)?.mean ?? NaN;
      return Number.isFinite(y) ? [{ record, step, x: a.mean[i], y, age: 0 }] : [];
    });
    dots.forEach((dot, i) => (dot.age = (dots.length - 1 - i) / Math.max(1, dots.length - 1)));
    return dots;
  }

  /**
   * The diagonal, and rays of equal ratio with their numbers where they leave the box.
   * @param {CanvasRenderingContext2D} ctx
   * @param {Box} box
   * @param {Scales} scales
   */
  _rays(ctx, box, { px, py }) {
    const wide = box.right - box.left >= WIDE;
    stroke(ctx, this.colors.reference, [4, 4], [[px(0), py(0)], [px(1), py(1)]]);
    ctx.save();
    ctx.fillStyle = this.colors.axis;
    for (const ratio of RATIOS) {
      stroke(ctx, this.colors.grid, [], [[px(0), py(0)], [px(1), py(1 / ratio)]]);
      stroke(ctx, this.colors.grid, [], [[px(0), py(0)], [px(1 / ratio), py(1)]]);
      ctx.textAlign = "right";
      ctx.textBaseline = "bottom";
      ctx.fillText(`${ratio}×`, px(1) - 6, py(1 / ratio) - 3);
      if (!wide && 1 / ratio < STEEP) continue; /* the axis has its words there */
      ctx.textAlign = "center";
      ctx.textBaseline = "top";
      ctx.fillText(`${ratio}×`, px(1 / ratio) + 14, py(1) + 4);
    }
    ctx.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Box} box
   * @param {[string, string]} pair
   */
  _titles(ctx, box, [one, other]) {
    ctx.fillStyle = this.colors.axis;
    ctx.textBaseline = "bottom";
    ctx.textAlign = "right";
    ctx.fillText(`score of ${one} →`, box.right - 4, box.bottom - 4);
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    ctx.fillText(`↑ score of ${other}`, box.left + 6, box.top + 2);
  }

  /**
   * Draw dots of one color and age together, the oldest first, and a ring for the newest of each run.
   * @param {CanvasRenderingContext2D} ctx
   * @param {[string, string]} pair
   */
  _draw(ctx, pair) {
    for (const { color, age, dots } of this._shades(pair)) {
      ctx.globalAlpha = 0.12 + 0.68 * (1 - age / (AGES - 1)) ** 1.6;
      ctx.fillStyle = color;
      ctx.beginPath();
      for (const { px, py } of dots) {
        ctx.moveTo(px + 2, py);
        ctx.arc(px, py, 2, 0, 2 * Math.PI);
      }
      ctx.fill();
    }
    ctx.globalAlpha = 1;
    for (const { record, px, py } of this.dots.filter((dot) => dot.age === 0)) {
      ctx.fillStyle = this.records.length > 1 ? this.colors.run(record.id) : this.colors.joint;
      ctx.strokeStyle = this.colors.surface;
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.arc(px, py, 5, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }

  /** @param {[string, string]} pair */
  _shades([one, other]) {
    /** @type {Map<string, { color: string, age: number, dots: Place[] }>} */
    const shades = new Map();
    for (const dot of this.dots) {
      const color = this.records.length > 1
        ? this.colors.run(dot.record.id)
        : this.colors.modality(dot.x >= dot.y ? one : other);
      const age = Math.floor(dot.age * (AGES - 1));
      const key = `${age} ${color}`;
      const shade = shades.get(key) ?? { color, age, dots: [] };
      shades.set(key, shade);
      shade.dots.push(dot);
    }
    return [...shades.values()].sort((a, b) => b.age - a.age || (a.color < b.color ? -1 : 1));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  _point(x, y) {
    /** @type {Place | null} */
    let nearest = null;
    let distance = NEAR ** 2;
    for (const dot of this.dots) {
      const d = (dot.px - x) ** 2 + (dot.py - y) ** 2;
      if (d <= distance) [nearest, distance] = [dot, d];
    }
    if (nearest && this.pair) this._read(x, nearest, this.pair);
    else this.tip.hide();
  }

  /**
   * @param {number} left
   * @param {Dot} dot
   * @param {[string, string]} pair
   */
  _read(left, { record, step, x, y }, [one, other]) {
    const title = `${this.records.length > 1 ? `${record.run.name} · ` : ""}step ${whole(step)}`;
    this.tip.show(left, title, [[one, number(x)], [other, number(y)], [`ρ of ${one}`, number(x / y)]]);
  }
}

/**
 * The places of bins that hold steps of a range.
 * @param {Bins} bins
 * @param {[number, number]} range
 */
function within({ origin, width, used, count }, [x0, x1]) {
  const places = [];
  for (let i = Math.max(0, Math.floor((x0 - origin) / width)); i < used; i++) {
    if (origin + i * width > x1) break;
    if (count[i]) places.push(i);
  }
  return places;
}

/** @type {Instrument} */
export const phase = {
  name: "phase",
  title: "Phase plot of the scores",
  place: 20,
  about: [
    {
      title: "Phase plot of ρ",
      formula: "(s_u / N, s_v / N) at each step; ρ_u = s_u / s_v is the slope",
      help: "A dot for each step, or for neighboring ones where there are more than 3,000: the mean " +
        "probability that each modality alone gives to the right class. On the diagonal the two are " +
        "even; the rays are equal ρ. Below the diagonal the modality of the horizontal axis is ahead. " +
        "Older dots are paler; the ring is the newest. A healthy run climbs along the diagonal to the " +
        "upper right; a run that one modality dominates creeps along that modality's axis.",
    },
  ],
  fits: (runs) => runs.some((run) => run.modalities.length > 1),
  make: (view) => new PhaseCard(view),
};
