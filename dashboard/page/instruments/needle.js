/* The balance needle: which modality dominates now, how strongly and how steadily, and each encoder's k. */
import { lead, needleMost, recent } from "../data/balance.js";
import { el, say } from "../lib/element.js";
import { whole } from "../lib/numbers.js";
import { InstrumentCard } from "./card.js";
import { Gauge } from "./gauge.js";
import { Track } from "./track.js";

/** @import { View } from "../charts/card.js" */
/** @import { Recent } from "../data/balance.js" */
/** @import { Known } from "./card.js" */
/** @import { Instrument } from "./index.js" */
/** @typedef {{ name: string, at: Recent | null }} Ratio of one modality */

const QUICK_MS = 900; /* a needle that moves oftener needs no frames between its places */

/* The needle of one run: words, and a track for two modalities, or one for each of several. */
class RunNeedle {
  /**
   * @param {Known} record
   * @param {NeedleCard} card
   */
  constructor(record, card) {
    this.record = record;
    this.card = card;
    this.words = el("strong", { class: "needle-words" });
    this.when = el("span", { class: "muted" });
    const names = record.run.modalities;
    const groups = names.length === 2 ? [names] : names.map((name) => [name]);
    this.gauges = names.map((name) => new Gauge(name, card.colors.modality(name)));
    this.tracks = groups.map((group) =>
      new Track(group, card.colors, this.gauges.filter((gauge) => group.includes(gauge.modality)))
    );
    const own = card.records.length > 1 ? this._name() : null;
    this.element = el(
      "section",
      { class: "needle" },
      el("div", { class: "needle-head" }, own, this.words, this.when),
      ...this.tracks.map((track) => track.element),
    );
  }

  _name() {
    const { id, run } = this.record;
    return el(
      "span",
      { class: "needle-run" },
      el("span", { class: "group-swatch", style: `background:${this.card.colors.run(id)}` }),
      run.name,
    );
  }

  /**
   * The recent ratios at the cursor, or the newest ones.
   * @param {number | null} step
   * @returns {Ratio[]}
   */
  ratios(step) {
    return this.record.run.modalities.map((name) => {
      const series = `rho.${name}`;
      const column = step === null ? this.record.series.get(series) : this.record.best(series, step, step);
      return { name, at: recent(column, step === null ? null : Math.round(step)) };
    });
  }

  /**
   * @param {Ratio[]} ratios
   * @param {number | null} step
   * @param {number} scale the ratio at the ends of the tracks
   */
  paint(ratios, step, scale) {
    const seen = ratios.flatMap(({ name, at }) => (at ? [{ name, ratio: at.mean, step: at.step }] : []));
    const { name, words } = lead(seen);
    say(this.words, seen.length ? words : this.card.awaiting("step"));
    say(this.when, seen.length ? `step ${whole(seen[0].step)}` : "");
    this.words.style.setProperty("--lead", name ? this.card.colors.modality(name) : "");
    for (const track of this.tracks) {
      track.paint(ratios.find((ratio) => ratio.name === track.modality)?.at ?? null, name, scale);
    }
    for (const gauge of this.gauges) gauge.paint(this.record, step);
  }
}

class NeedleCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, needle);
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Balance of each run");
    this.scale = 10;
    this.painted = -Infinity;
    /** @type {RunNeedle[]} */
    this.needles = [];
  }

  /** @override */
  shaped() {
    this.body.classList.toggle("several", this.records.length > 1);
    this.needles = this.records.filter((record) => record.run.modalities.length > 1).map((record) =>
      new RunNeedle(record, this)
    );
    this.body.replaceChildren(...this.needles.map((one) => one.element));
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
    if (!this.needles.length) return this.lacks(this.pairless());
    this.lacks();
    const now = performance.now();
    this.body.classList.toggle("quick", !this.seen || now - this.painted < QUICK_MS);
    this.painted = now;
    const all = this.needles.map((one) => one.ratios(this.step));
    this.scale = Math.max(this.scale, needleMost(all.flat().map(({ at }) => at?.mean ?? 1)));
    this.needles.forEach((one, i) => one.paint(all[i], this.step, this.scale));
  }
}

/** @type {Instrument} */
export const needle = {
  name: "needle",
  title: "Balance now",
  place: 10,
  about: [
    {
      title: "Balance needle",
      formula: "ρ_u = mean over v ≠ u of s_u / s_v, on a logarithmic scale",
      help:
        "The needle leans to the modality that is ahead on the batches: its geometric mean over the last " +
        "20 steps. The shaded band holds the middle 80 % of the last 100 steps: a wide one means " +
        "unsteady. With the cursor over a chart, it shows that step. In the middle, neither dominates.",
    },
    {
      title: "Coefficient k",
      formula: "g_u ← k_u · g_u",
      help:
        "A full bar: the encoder's gradient is left alone. An empty bar: the encoder is nearly stopped. " +
        "With three or more modalities each has a bar, to the right where it is ahead of the others.",
    },
  ],
  fits: (runs) => runs.some((run) => run.modalities.length > 1),
  make: (view) => new NeedleCard(view),
};
