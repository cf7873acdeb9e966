/* The noise budget by modality: SGD's own gradient noise, what k leaves of it, what the strategy adds. */
import { el } from "../lib/element.js";
import { number, whole } from "../lib/numbers.js";
import { Points } from "../data/points.js";
import { axes, swatch } from "./axes.js";
import { InstrumentCard } from "./card.js";
import { trainedHere } from "./origin.js";
import { context, strokeLine } from "./surface.js";

/** @import { View } from "../charts/card.js" */
/** @import { Run } from "../api/schema.d.ts" */
/** @import { Box, Pixels } from "./axes.js" */
/** @import { Instrument } from "./index.js" */
/** @typedef {{ step: number, own: number, left: number, total: number }} Estimate */
/** @typedef {{ box: Box, px: Pixels, modality: string, estimates: Estimate[] }} Panel */

class BudgetCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, budget);
    this.surface = this.pictured(this.body);
    /** @type {Panel[]} */
    this.panels = [];
    this.controls.append(
      swatch("", "SGD's own", "line"),
      swatch("", "left by k", "solid"),
      swatch("", "added", "hatched"),
    );
    this.tip.follow(this.body, (x) => this._point(x));
  }

  /** @override */
  shaped() {
    this.chooseRun();
  }

  /** @override */
  paint() {
    if (!this.record) return this.lacks("No run is shown.");
    const { run } = this.record;
    const each = run.modalities.map((modality) => ({ modality, estimates: this._estimates(modality) }));
    if (!run.series.some((s) => s.name.startsWith("sgd_noise."))) return this._unrecorded(run);
    if (!each.some(({ estimates }) => estimates.length)) return this.lacks(this.awaiting("estimate"));
    this.lacks();
    const { ctx, w, h } = this.surface.begin();
    const wide = w / each.length;
    this.panels = each.map(({ modality, estimates }, i) => {
      const box = { left: i * wide + 54, top: 26, right: (i + 1) * wide - 12, bottom: h - 30 };
      return { box, modality, estimates, px: this._panel(ctx, box, modality, estimates) };
    });
    const newest = each.flatMap(({ modality, estimates }) => newestWords(modality, estimates));
    this.surface.name(`Gradient noise by modality over steps. Newest, ${newest.join("; ")}`);
  }

  /**
   * Say how it would be recorded.
   * @param {Run} run
   */
  _unrecorded(run) {
    if (run.spec.guest) return this.lacks("This is estimated in networks that rhoscope builds only.");
    const setting = el("code", {}, "noise_budget_every");
    this.lacks("Launch with ", setting, " = 50 to see this. ", this.relaunch("noise_budget_every", "50"));
  }

  /**
   * The estimates in the range that is shown.
   * @param {string} modality
   * @returns {Estimate[]}
   */
  _estimates(modality) {
    const [own, left, total] = ["sgd_noise", "sgd_noise_left", "sgd_noise_total"].map((stem) =>
      this.record?.series.get(`${stem}.${modality}`)
    );
    if (!(own instanceof Points) || !left || !total) return [];
    const [x0, x1] = this.range;
    return own.steps
      .map((step, i) => ({
        step,
        own: own.values[i],
        left: left.at(step)?.mean ?? NaN,
        total: total.at(step)?.mean ?? NaN,
      }))
      .filter((e) => e.step >= x0 && e.step <= x1 && [e.own, e.left, e.total].every(Number.isFinite));
  }

  /**
   * Draw the estimates of one modality.
   * @param {CanvasRenderingContext2D} ctx
   * @param {Box} box
   * @param {string} modality
   * @param {Estimate[]} estimates
   */
  _panel(ctx, box, modality, estimates) {
    const color = this.colors.modality(modality);
    const top = Math.max(1e-12, ...estimates.map((e) => Math.max(e.own, e.total))) * 1.06;
    const { px, py } = axes(ctx, box, this.range, [0, top], this.colors);
    ctx.fillStyle = color;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    ctx.font = ctx.font.replace("11px", "600 12px");
    ctx.fillText(modality, box.left, 4);
    ctx.font = ctx.font.replace("600 12px", "11px");
    const upper = (/** @type {"own" | "left" | "total"} */ kind) =>
      estimates.map((e) => [px(e.step), py(e[kind])]);
    const ground = estimates.map((e) => [px(e.step), py(0)]);
    area(ctx, ground, upper("left"), color, 0.75);
    area(ctx, upper("left"), upper("total"), color, 0.18);
    area(ctx, upper("left"), upper("total"), hatched(ctx, color), 0.8);
    strokeLine(ctx, upper("own"), this.colors.joint, [4, 3]);
    return px;
  }

  /** @param {number} x */
  _point(x) {
    const panel = this.panels.find(({ box, estimates }) =>
      x >= box.left - 6 && x <= box.right + 6 && estimates.length
    );
    if (!panel) return this.tip.hide();
    const far = (/** @type {Estimate} */ estimate) => Math.abs(panel.px(estimate.step) - x);
    const near = panel.estimates.reduce((a, b) => (far(b) < far(a) ? b : a));
    this.tip.show(x, `${panel.modality} · step ${whole(near.step)}`, [
      ["SGD's own", number(near.own)],
      ["left by k", number(near.left)],
      ["added", number(near.total - near.left)],
    ]);
  }
}

/**
 * The newest estimate in words; none where there is none.
 * @param {string} modality
 * @param {Estimate[]} estimates
 * @returns {string[]}
 */
function newestWords(modality, estimates) {
  const newest = estimates.at(-1);
  if (!newest) return [];
  const { own, left, total } = newest;
  return [`${modality}: own ${number(own)}, left ${number(left)}, total ${number(total)}`];
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number[][]} low places as [x, y]
 * @param {number[][]} high
 * @param {string | CanvasPattern} fill
 * @param {number} opacity
 */
function area(ctx, low, high, fill, opacity) {
  if (!high.length) return;
  ctx.globalAlpha = opacity;
  ctx.fillStyle = fill;
  ctx.beginPath();
  for (const [x, y] of high) ctx.lineTo(x, y);
  for (const [x, y] of low.toReversed()) ctx.lineTo(x, y);
  ctx.closePath();
  ctx.fill();
  ctx.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} color
 */
function hatched(ctx, color) {
  const tile = el("canvas", { width: 6, height: 6 });
  const pen = context(tile);
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const shift of [-3, 0, 3, 6]) {
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat") ?? color;
}

/** @type {Instrument} */
export const budget = {
  name: "budget",
  title: "Noise budget, stacked",
  place: 30,
  about: [
    {
      title: "Noise budget",
      formula: "k_u² tr Σ_u + n σ_u², beside tr Σ_u",
      help: "The dashed line is the noise that SGD itself has in the encoder's gradient (trace of its " +
        "covariance, from four micro-batches). The solid area is what the coefficient leaves of it, the " +
        "hatched one above it what the strategy adds. Where the top stays far below the dashed line, " +
        "braking has removed noise that generalization may need; where it reaches the line, the added " +
        "noise has made up for it. Each modality has its own scale.",
    },
  ],
  fits: trainedHere,
  make: (view) => new BudgetCard(view),
};
