/* rho's phase plot: the score of one modality against another's, one dot a step, fading with age. */
import { axes, swatch } from "./axes.js";
import { Instrument } from "./instrument.js";
import { Surface } from "./surface.js";
import { number, percent, tick, whole } from "../lib/numbers.js";

const DOTS = 3000; /* at most, over all runs */
const AGES = 24; /* steps of fading */
const NEAR = 14; /* pixels from which a dot is read */
const RATIOS = [2, 5];

const ABOUT = [
  {
    title: "Phase plot of ρ",
    formula: "(s_u / N, s_v / N) at each step; ρ_u = s_u / s_v is the slope",
    help:
      "A dot for each step, or for neighbouring ones where there are more than 3,000: the mean probability that each modality alone gives to the right class. On the diagonal the two are even; the rays are equal ρ. Below the diagonal the modality of the horizontal axis is ahead. Older dots are paler; the ring is the newest. A healthy run climbs along the diagonal to the upper right; a run that one modality dominates creeps along that axis.",
  },
];

class Phase extends Instrument {
  constructor(view) {
    super(view, { name: "phase", title: "Phase plot of the scores", about: ABOUT });
    this.surface = new Surface(this.body);
    this.dots = [];
    this.body.addEventListener("pointermove", (event) => this._point(event));
    this.body.addEventListener("pointerleave", () => this.tell(null));
  }

  shaped() {
    this.chosenPair();
    const several = this.records.length > 1;
    this.controls.querySelectorAll(".legend-item").forEach((item) => item.remove());
    const keys = several
      ? this.records.slice(0, 8).map((record) => swatch(this.colors.run(record.id), record.run.name))
      : (this.pair ?? []).map((m) => swatch(this.colors.modality(m), `${m} ahead`));
    this.controls.prepend(...keys);
  }

  paint() {
    if (!this.pair) return this.lacks("Two modalities are needed; the runs shown have one.");
    this.dots = this._dots();
    if (!this.dots.length) {
      return this.lacks(
        this.records.some((record) => record.last >= 0)
          ? "No step in this range."
          : "Waiting for the first step",
      );
    }
    this.lacks();
    const [one, other] = this.pair;
    const { ctx, w, h } = this.surface.begin();
    const box = { left: 46, top: 10, right: w - 12, bottom: h - 30 };
    const at = axes(ctx, box, [0, 1], [0, 1], this.colors, { x: tick });
    this._rays(ctx, box, at);
    for (const dot of this.dots) Object.assign(dot, { px: at.px(dot.x), py: at.py(dot.y) });
    this._draw(ctx);
    ctx.fillStyle = this.colors.axis;
    ctx.textBaseline = "bottom";
    ctx.textAlign = "right";
    ctx.fillText(`score of ${one} →`, box.right - 4, box.bottom - 4);
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    ctx.fillText(`↑ score of ${other}`, box.left + 6, box.top + 2);
    const ahead = this.dots.filter((dot) => dot.x > dot.y).length / this.dots.length;
    this.surface.name(
      `Score of ${one} against score of ${other}; ${one} is ahead in ${percent(ahead)} of the steps shown`,
    );
    return undefined;
  }

  _dots() {
    const [x0, x1] = this.range;
    const each = this.records.map((record) => this._of(record, x0, x1));
    const all = each.reduce((sum, dots) => sum + dots.length, 0);
    const stride = Math.max(1, Math.ceil(all / DOTS));
    return each.flatMap((dots) => dots.filter((_, i) => (dots.length - 1 - i) % stride === 0));
  }

  _of(record, x0, x1) {
    const [a, b] = this.pair.map((m) => record.best(`score.${m}`, x0, x1));
    const found = [];
    for (let i = 0; a && b && i < a.used; i++) {
      const step = a.origin + i * a.width;
      if (!a.count[i] || step + a.width <= x0 || step > x1) continue;
      const other = b.at(step);
      if (Number.isFinite(other?.mean)) found.push({ record, step, x: a.mean[i], y: other.mean, age: 0 });
    }
    found.forEach((dot, i) => (dot.age = (found.length - 1 - i) / Math.max(1, found.length - 1)));
    return found;
  }

  /* The diagonal, and rays of equal ratio with their numbers where they leave the box. */
  _rays(ctx, box, { px, py }) {
    ctx.save();
    ctx.fillStyle = this.colors.axis;
    for (const ratio of [1, ...RATIOS, ...RATIOS.map((r) => 1 / r)]) {
      const end = ratio >= 1 ? [1, 1 / ratio] : [ratio, 1];
      ctx.strokeStyle = ratio === 1 ? this.colors.reference : this.colors.grid;
      ctx.setLineDash(ratio === 1 ? [4, 4] : []);
      ctx.beginPath();
      ctx.moveTo(px(0), py(0));
      ctx.lineTo(px(end[0]), py(end[1]));
      ctx.stroke();
      if (ratio === 1 || (ratio < 0.3 && box.right - box.left < 420)) {
        continue; /* there the axis has its words */
      }
      ctx.textAlign = ratio > 1 ? "right" : "center";
      ctx.textBaseline = ratio > 1 ? "bottom" : "top";
      ctx.fillText(
        `${Math.round(Math.max(ratio, 1 / ratio))}×`,
        px(end[0]) - (ratio > 1 ? 6 : -14),
        py(end[1]) + (ratio > 1 ? -3 : 4),
      );
    }
    ctx.restore();
  }

  _draw(ctx) {
    const several = this.records.length > 1;
    const groups = new Map();
    for (const dot of this.dots) {
      const color = several
        ? this.colors.run(dot.record.id)
        : dot.x >= dot.y
        ? this.colors.modality(this.pair[0])
        : this.colors.modality(this.pair[1]);
      const age = Math.floor(dot.age * (AGES - 1));
      const key = `${String(AGES - age).padStart(2, "0")} ${color}`;
      if (!groups.has(key)) groups.set(key, { color, age, dots: [] });
      groups.get(key).dots.push(dot);
    }
    for (const [, { color, age, dots }] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
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
    for (const dot of this.dots.filter((d) => d.age === 0)) {
      ctx.fillStyle = several ? this.colors.run(dot.record.id) : this.colors.joint;
      ctx.strokeStyle = this.colors.surface;
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.arc(dot.px, dot.py, 5, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }

  _point(event) {
    const frame = this.body.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    let [best, distance] = [null, NEAR ** 2];
    for (const dot of this.dots) {
      const d = (dot.px - x) ** 2 + (dot.py - y) ** 2;
      if (d <= distance) [best, distance] = [dot, d];
    }
    if (!best) return this.tell(null);
    const title = `${this.records.length > 1 ? `${best.record.run.name} · ` : ""}step ${whole(best.step)}`;
    const [one, other] = this.pair;
    return this.tell(x, title, [[one, number(best.x)], [other, number(best.y)], [
      `ρ of ${one}`,
      number(best.x / best.y),
    ]]);
  }
}

export const phase = {
  name: "phase",
  title: "Phase plot of the scores",
  fits: (runs) => runs.some((run) => run.modalities.length > 1),
  make: (view) => new Phase(view),
};
