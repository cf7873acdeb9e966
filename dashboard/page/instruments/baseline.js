/* The gap to the unimodal baseline: a branch's validation accuracy, and the same modality trained alone. */
import { ask } from "../api/ask.js";
import { gapWords } from "../data/balance.js";
import { Points } from "../data/points.js";
import { el } from "../lib/element.js";
import { parsed, percent } from "../lib/numbers.js";
import { axes } from "./axes.js";
import { InstrumentCard } from "./card.js";
import { trainedHere } from "./origin.js";
import { strokeLine } from "./surface.js";

/** @import { Run, RunPage } from "../api/schema.d.ts" */
/** @import { View } from "../charts/card.js" */
/** @import { Box, Scales } from "./axes.js" */
/** @import { Known } from "./card.js" */
/** @import { Instrument } from "./index.js" */
/** @typedef {{ record: Known, m: string, points: Points, alone: number | null }} Branch that was validated */
/** @typedef {{ y: number, modality: string }} Level of a modality alone, in pixels */

const LISTED = 100; /* newest runs of a data set that are searched for baselines */
const AGAIN_MS = 5000;
const DASHES = [[], [6, 4], [2, 3]];
const DOTS = 60; /* of more values only the newest has a dot */
const LINE = 14; /* height of a line of text */

class BaselineCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, baseline);
    this.words = el("ul", { class: "baseline-words", tabindex: "0", "aria-label": "Gaps in words" });
    this.frame = el("div", { class: "baseline-frame" });
    this.hint = el(
      "p",
      { class: "muted baseline-hint", hidden: true },
      "Launch with ",
      el("code", {}, "baseline_epochs"),
      " = 24 to see the gap, or choose a run with ",
      el("code", {}, "only"),
      ".",
    );
    this.body.append(this.words, this.hint, this.frame);
    this.surface = this.pictured(this.frame);
    this.text = "";
    /** Runs on one modality alone, by data set. @type {Map<string, Run[]>} */
    this.unimodal = new Map();
    /** Modalities whose baseline some run has not trained itself. @type {string[]} */
    this.lacking = [];
    /** Accuracies of chosen runs, by modality. @type {Map<string, number>} */
    this.chosen = new Map();
  }

  /** @override */
  shaped() {
    this.lacking = this.modalities.filter((m) =>
      this.records.some((record) => !record.run.series.some((s) => s.name === `alone.${m}`))
    );
    this.chosen = new Map();
    for (const m of this.modalities) {
      const runs = this.modalities.length > 1 && this.lacking.includes(m) ? this._runs(m) : [];
      const options = runs.map((run) => ({ value: run.id, name: `${run.name} · ${percent(best(run))}` }));
      const id = this.choice(
        `alone.${m}`,
        `${m} alone`,
        options.length ? [{ value: "", name: "Choose a run" }, ...options] : [],
      );
      const run = runs.find((one) => one.id === id);
      if (run) this.chosen.set(m, best(run));
    }
  }

  /**
   * Runs on the same data with this modality alone.
   * @param {string} modality
   */
  _runs(modality) {
    const [first] = this.records;
    const runs = this.unimodal.get(first?.run.spec.dataset) ?? [];
    return runs.filter((run) => only(run) === modality);
  }

  /**
   * @override
   * @param {number} x0
   * @param {number} x1
   * @param {number} tau
   * @param {number | null} step
   */
  draw(x0, x1, tau, step) {
    if (this.visible) this._search();
    super.draw(x0, x1, tau, step);
  }

  /* Runs on one modality alone are requested when the card comes into view. */
  async _search() {
    const dataset = this.records[0]?.run.spec.dataset;
    if (!dataset || !this.lacking.length || this.unimodal.has(dataset)) return;
    this.unimodal.set(dataset, []);
    try {
      /** @type {RunPage} */
      const { runs } = await ask(`/runs?limit=${LISTED}&dataset=${encodeURIComponent(dataset)}`);
      this.unimodal.set(dataset, runs.filter((run) => only(run) && Number.isFinite(best(run))));
      if (!this.view.alive) return;
      this.shaped();
      this.again();
    } catch {
      setTimeout(() => this.unimodal.delete(dataset), AGAIN_MS);
    }
  }

  /** @returns {Branch[]} */
  _branches() {
    return this.records.flatMap((record) =>
      record.run.modalities.flatMap((m) => {
        const points = record.series.get(`val.accuracy.${m}`);
        const alone = record.series.get(`alone.${m}`)?.last()?.mean ?? this.chosen.get(m) ?? null;
        return points instanceof Points && points.steps.length ? [{ record, m, points, alone }] : [];
      })
    );
  }

  /** @override */
  paint() {
    const branches = this._branches();
    if (!branches.length) return this.lacks(this.awaiting("validation"));
    this.lacks();
    this._say(branches);
    const { ctx, w, h } = this.surface.begin();
    const box = { left: 46, top: 8, right: w - 12, bottom: h - 30 };
    const scales = axes(ctx, box, this.range, [0, 1], this.colors, {
      y: (v) => `${Math.round(100 * v)} %`,
      ys: [0, 0.25, 0.5, 0.75, 1],
    });
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, box.top - 4, box.right - box.left + 4, box.bottom - box.top + 8);
    ctx.clip();
    /** @type {Level[]} */
    const levels = [];
    for (const branch of branches) {
      this._curve(ctx, scales, branch);
      if (branch.alone !== null) this._level(ctx, box, scales.py(branch.alone), branch.m, levels);
    }
    ctx.restore();
    this.surface.name(
      `Validation accuracy of each branch over steps. ${this.text.replaceAll("\n", ". ")}`,
    );
  }

  /**
   * A branch's color: its run's where several are shown.
   * @param {Branch} branch
   */
  _color({ record, m }) {
    return this.records.length > 1 ? this.colors.run(record.id) : this.colors.modality(m);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Scales} scales
   * @param {Branch} branch
   */
  _curve(ctx, { px, py }, branch) {
    const { record, m, points } = branch;
    const color = this._color(branch);
    const dash = this.records.length > 1 ? DASHES[record.run.modalities.indexOf(m) % DASHES.length] : [];
    const at = points.steps.map((step, i) => [px(step), py(points.values[i])]).filter(([, y]) =>
      Number.isFinite(y)
    );
    strokeLine(ctx, at, color, dash);
    ctx.fillStyle = color;
    for (const [x, y] of at.length > DOTS ? at.slice(-1) : at) ctx.fillRect(x - 2, y - 2, 4, 4);
  }

  /**
   * What a modality reaches alone: a line and its words, below the line where another's are already.
   * @param {CanvasRenderingContext2D} ctx
   * @param {Box} box
   * @param {number} y
   * @param {string} modality
   * @param {Level[]} levels those before it
   */
  _level(ctx, box, y, modality, levels) {
    const color = this.colors.modality(modality);
    const near = levels.filter((level) => Math.abs(level.y - y) < LINE);
    levels.push({ y, modality });
    strokeLine(ctx, [[box.left, y], [box.right, y]], color, [5, 4]);
    if (near.some((level) => level.modality === modality)) return;
    const below = near.some((level) => level.y <= y);
    ctx.fillStyle = color;
    ctx.textAlign = "right";
    ctx.textBaseline = below ? "top" : "bottom";
    ctx.fillText(`${modality} alone`, box.right - 2, below ? y + 3 : y - 3);
  }

  /** @param {Branch[]} branches */
  _say(branches) {
    const end = this.range[1] + 1;
    const sentences = branches.map(({ record, m, points, alone }) => {
      const gap = gapWords(m, points.at(end)?.mean ?? points.values[0], alone);
      return this.records.length > 1 ? `${record.run.name} · ${gap}` : gap;
    });
    this.hint.hidden = branches.some(({ alone }) => alone !== null);
    const text = sentences.join("\n");
    if (text === this.text) return;
    this.text = text;
    const square = (/** @type {Branch} */ branch) =>
      el("span", { class: "group-swatch", style: `background:${this._color(branch)}` });
    if (this.words.childElementCount !== branches.length) this.surface.forget(); /* they take room from it */
    this.words.replaceChildren(...branches.map((branch, i) => el("li", {}, square(branch), sentences[i])));
  }
}

/** @param {Run} run */
const only = (run) => String(run.settings.only ?? "").trim();
/** @param {Run} run */
const best = (run) => parsed(run.best["val.accuracy"] ?? NaN);

/** @type {Instrument} */
export const baseline = {
  name: "baseline",
  title: "Gap to the modality alone",
  place: 60,
  about: [
    {
      title: "Gap to the modality alone",
      formula: "best accuracy of the modality trained alone − validation accuracy of its branch " +
        "in the joint network",
      help: "Lines are the branches' validation accuracy, dashed levels what the same encoder reaches when " +
        "it is trained alone. A branch below its level is under-optimized by joint training: the paper's " +
        "claim, in this run. The level comes from the run itself (baseline_epochs), or from a run on " +
        "that modality alone and the same data set that you choose.",
    },
  ],
  fits: trainedHere,
  make: (view) => new BaselineCard(view),
};
