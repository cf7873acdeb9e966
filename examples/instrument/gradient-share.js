/* Gradient share: how much of the encoders' gradient is each modality's, now or at the cursor. */
import { recent } from "../data/balance.js";
import { el } from "../lib/element.js";
import { percent } from "../lib/numbers.js";
import { swatch } from "./axes.js";
import { InstrumentCard } from "./card.js";

/** @import { View } from "../charts/card.js" */
/** @import { Known } from "./card.js" */
/** @import { Instrument } from "./index.js" */
/** @typedef {{ modality: string, share: number }} Share */

const BAR = 26; /* pixels of height */
const ROW = 58; /* a bar and its title */
const LEAST = 0.12; /* a share below has no number inside its bar */

/**
 * Shares of the squared norm, which add up to 1; none where a norm is unknown or all are 0.
 * @param {[modality: string, norm: number][]} norms
 * @returns {Share[]}
 */
export function gradientShares(norms) {
  const total = norms.reduce((sum, [, norm]) => sum + norm ** 2, 0);
  if (!(total > 0 && Number.isFinite(total))) return [];
  return norms.map(([modality, norm]) => ({ modality, share: norm ** 2 / total }));
}

/**
 * @param {Known} record
 * @param {number | null} step null: the newest
 */
function sharesOf(record, step) {
  /** @type {[string, number][]} */
  const norms = record.run.modalities.map((modality) => {
    const name = `grad_norm.${modality}`;
    const column = step === null ? record.series.get(name) : record.best(name, step, step);
    return [modality, recent(column, step === null ? null : Math.round(step))?.mean ?? NaN];
  });
  return gradientShares(norms);
}

class GradientShareCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, gradientShare);
    this.surface = this.pictured(this.body);
    this.keys = el("span", { class: "legend" });
    this.controls.append(this.keys);
  }

  /** @override */
  shaped() {
    this.keys.replaceChildren(...this.modalities.map((name) => swatch(this.colors.modality(name), name)));
  }

  /**
   * @override
   * @param {number | null} step
   */
  read(step) {
    if (step === this.step) return;
    this.step = step;
    this.paint();
  }

  /** @override */
  paint() {
    const bars = this.records
      .map((record) => ({ name: record.run.name, shares: sharesOf(record, this.step) }))
      .filter(({ shares }) => shares.length);
    if (!bars.length) return this.lacks("Waiting for the first step");
    this.lacks();
    const { ctx, w } = this.surface.begin(bars.length * ROW);
    bars.forEach(({ name, shares }, row) => {
      ctx.fillStyle = this.colors.axis;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      ctx.fillText(name, 2, row * ROW + 18);
      this._bar(ctx, w - 4, row * ROW + 26, shares);
    });
    const words = bars.map(({ name, shares }) =>
      `${name}: ${shares.map(({ modality, share }) => `${modality} ${percent(share)}`).join(", ")}`
    );
    this.surface.name(`Share of the encoders' squared gradient norm. ${words.join("; ")}`);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {number} width
   * @param {number} top
   * @param {Share[]} shares
   */
  _bar(ctx, width, top, shares) {
    let left = 2;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const { modality, share } of shares) {
      ctx.fillStyle = this.colors.modality(modality);
      ctx.fillRect(left, top, share * width, BAR);
      ctx.fillStyle = this.colors.surface;
      if (share >= LEAST) ctx.fillText(percent(share), left + (share * width) / 2, top + BAR / 2);
      left += share * width;
    }
  }
}

/** @type {Instrument} */
export const gradientShare = {
  name: "gradient-share",
  title: "Gradient share",
  place: 15,
  about: [
    {
      title: "Gradient share",
      formula: "‖g_u‖² / Σ_v ‖g_v‖²",
      help: "How much of the encoders' gradient belongs to each modality, before modulation: the mean of " +
        "the last 20 steps, or the step at the cursor. A modality whose share stays small has little left " +
        "to learn from the loss, or is kept from learning.",
    },
  ],
  fits: (runs) =>
    runs.some((run) =>
      run.modalities.length > 1 && run.series.some(({ name }) => name.startsWith("grad_norm."))
    ),
  make: (view) => new GradientShareCard(view),
};
