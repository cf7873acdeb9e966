/* The noise budget: SGD's own gradient noise, what k leaves of it, and what the strategy adds, stacked by modality. */
import { axes, swatch } from "./axes.js";
import { Instrument } from "./instrument.js";
import { strokeLine, Surface } from "./surface.js";
import { el } from "../lib/element.js";
import { number, whole } from "../lib/numbers.js";

const ABOUT = [
  {
    title: "Noise budget",
    formula: "k_u² tr Σ_u + n σ_u², beside tr Σ_u",
    help:
      "The dashed line is the noise that SGD has by itself in the encoder's gradient (trace of its covariance, from four micro-batches). The solid area is what the coefficient leaves of it, the hatched one above it what the strategy adds. Where the top stays far below the dashed line, braking has taken noise away that generalisation may need; where it reaches the line, the added noise has won it back. Each modality has its own scale.",
  },
];

class Budget extends Instrument {
  constructor(view) {
    super(view, { name: "budget", title: "Noise budget, stacked", about: ABOUT });
    this.surface = new Surface(this.body);
    this.panels = [];
    this.controls.append(
      swatch("", "SGD's own", "line"),
      swatch("", "left by k", "solid"),
      swatch("", "added", "hatched"),
    );
    this.body.addEventListener("pointermove", (event) => this._point(event));
    this.body.addEventListener("pointerleave", () => this.tell(null));
  }

  shaped() {
    this.chosenRun();
  }

  paint() {
    const modalities = this.record?.run.modalities ?? [];
    const each = modalities.map((m) => ({ m, points: this._points(m) }));
    if (!this.record) return this.lacks("No run is shown.");
    if (!this.record.run.series.some((s) => s.name.startsWith("sgd_noise."))) {
      return this.lacks("Launch with ", el("code", {}, "noise_budget_every"), " = 50 to see this.");
    }
    if (!each.some(({ points }) => points.length)) return this.lacks("Waiting for the first estimate");
    this.lacks();
    const { ctx, w, h } = this.surface.begin();
    const wide = w / each.length;
    this.panels = each.map(({ m, points }, i) =>
      this._panel(
        ctx,
        { left: i * wide + 54, top: 26, right: (i + 1) * wide - 12, bottom: h - 30 },
        m,
        points,
      )
    );
    const said = each.filter(({ points }) => points.length).map(({ m, points }) =>
      `${m}: own ${number(points.at(-1).own)}, left ${number(points.at(-1).left)}, total ${
        number(points.at(-1).total)
      }`
    );
    this.surface.name(`Gradient noise by modality over steps. Newest, ${said.join("; ")}`);
    return undefined;
  }

  /* [{step, own, left, total}] in the range that is shown. */
  _points(modality) {
    const [own, left, total] = ["sgd_noise", "sgd_noise_left", "sgd_noise_total"].map((stem) =>
      this.record?.series.get(`${stem}.${modality}`)
    );
    if (!own || !left || !total) return [];
    const [x0, x1] = this.range;
    const seen = [...own.steps.keys()].filter((i) => own.steps[i] >= x0 && own.steps[i] <= x1);
    return seen
      .map((i) => ({
        step: own.steps[i],
        own: own.values[i],
        left: left.at(own.steps[i])?.mean,
        total: total.at(own.steps[i])?.mean,
      }))
      .filter((p) => [p.own, p.left, p.total].every(Number.isFinite));
  }

  _panel(ctx, box, modality, points) {
    const color = this.colors.modality(modality);
    const top = Math.max(1e-12, ...points.map((p) => Math.max(p.own, p.total))) * 1.06;
    const { px, py } = axes(ctx, box, this.range, [0, top], this.colors);
    ctx.fillStyle = color;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    ctx.font = ctx.font.replace("11px", "600 12px");
    ctx.fillText(modality, box.left, 4);
    ctx.font = ctx.font.replace("600 12px", "11px");
    const area = (low, high, fill, opacity) => {
      if (!points.length) return;
      ctx.globalAlpha = opacity;
      ctx.fillStyle = fill;
      ctx.beginPath();
      points.forEach((p, i) => ctx[i ? "lineTo" : "moveTo"](px(p.step), py(p[high])));
      [...points].reverse().forEach((p) => ctx.lineTo(px(p.step), py(low ? p[low] : 0)));
      ctx.closePath();
      ctx.fill();
      ctx.globalAlpha = 1;
    };
    area(null, "left", color, 0.75);
    area("left", "total", color, 0.18);
    area("left", "total", hatched(ctx, color), 0.8);
    strokeLine(ctx, points.map((p) => [px(p.step), py(p.own)]), this.colors.joint, [4, 3]);
    return { box, px, modality, points };
  }

  _point(event) {
    const frame = this.body.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const panel = this.panels.find(({ box, points }) =>
      x >= box.left - 6 && x <= box.right + 6 && points.length
    );
    if (!panel) return this.tell(null);
    const near = panel.points.reduce((
      a,
      b,
    ) => (Math.abs(panel.px(b.step) - x) < Math.abs(panel.px(a.step) - x) ? b : a));
    return this.tell(x, `${panel.modality} · step ${whole(near.step)}`, [
      ["SGD's own", number(near.own)],
      ["left by k", number(near.left)],
      ["added", number(near.total - near.left)],
    ]);
  }
}

function hatched(ctx, color) {
  const tile = document.createElement("canvas");
  Object.assign(tile, { width: 6, height: 6 });
  const pen = tile.getContext("2d");
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const shift of [-3, 0, 3, 6]) {
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat");
}
export const budget = {
  name: "budget",
  title: "Noise budget, stacked",
  fits: (runs) => runs.length > 0,
  make: (view) => new Budget(view),
};
