/* The balance needle: who dominates, how strongly, now; how steadily; and what each encoder's k is. */
import { lead, needleAt, needleMost, recent } from "../data/balance.js";
import { Instrument } from "./instrument.js";
import { el, say } from "../lib/element.js";
import { number, whole } from "../lib/numbers.js";

const TICKS = {
  10: [10, 5, 2, 1, 2, 5, 10],
  100: [100, 10, 1, 10, 100],
  1000: [1000, 100, 10, 1, 10, 100, 1000],
};

const ABOUT = [
  {
    title: "Balance needle",
    formula: "ρ_u = mean over v ≠ u of s_u / s_v, on a logarithmic scale",
    help:
      "The needle leans to the modality that is ahead on the batches: its geometric mean of the last 20 steps. The shaded stretch holds the middle 80 % of the last 100 steps: wide means unsteady. With the cursor over a chart it shows that step. In the middle nobody dominates.",
  },
  {
    title: "Coefficient k",
    formula: "g_u ← k_u · g_u",
    help:
      "A full bar: the encoder's gradient is left alone. An empty one: the encoder is nearly stopped. With three or more modalities each has a bar, to the right where it is ahead of the others.",
  },
];

class Needle extends Instrument {
  constructor(view) {
    super(view, { name: "needle", title: "Balance now", about: ABOUT });
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Balance of each run");
    this.scale = 10;
  }

  shaped() {
    const several = this.records.length > 1;
    this.body.classList.toggle("several", several);
    this.shown = this.records.filter((record) => record.run.modalities.length > 1).map((record) =>
      this._run(record, several)
    );
    this.body.replaceChildren(...this.shown.map((one) => one.element));
  }

  _run(record, several) {
    const names = record.run.modalities;
    const words = el("strong", { class: "needle-words" });
    const when = el("span", { class: "muted" });
    const own = several
      ? el(
        "span",
        { class: "needle-run" },
        el("span", { class: "group-swatch", style: `background:${this.colors.run(record.id)}` }),
        record.run.name,
      )
      : null;
    const rows = (names.length === 2 ? [names] : names.map((m) => [m])).map((of) => this._row(of, names));
    const element = el(
      "section",
      { class: "needle" },
      el("div", { class: "needle-head" }, own, words, when),
      ...rows.map((row) => row.element),
    );
    return { record, names, words, when, rows, element };
  }

  /* A track: of two modalities one needle between them; of one among several a bar from the middle. */
  _row(of, names) {
    const band = el("div", { class: "needle-band" });
    const mark = el("div", { class: of.length === 2 ? "needle-mark" : "needle-bar" });
    const ticks = el("div", { class: "needle-ticks" });
    const track = el("div", { class: "needle-track", "aria-hidden": "true" }, ticks, band, mark);
    const value = el("span", { class: "needle-value" });
    const ks = of.map((m) => this._k(m));
    const element = of.length === 2
      ? el(
        "div",
        { class: "needle-pair" },
        el(
          "div",
          { class: "needle-ends" },
          ...names.map((m) => el("span", { style: `--modality:${this.colors.modality(m)}` }, m)),
        ),
        track,
        el("div", { class: "needle-ks" }, ...ks.map((k) => k.element)),
      )
      : el(
        "div",
        { class: "needle-one" },
        el("span", { class: "needle-name", style: `--modality:${this.colors.modality(of[0])}` }, of[0]),
        track,
        value,
        ks[0].element,
      );
    return { of, band, mark, ticks, value, ks, element };
  }

  _k(modality) {
    const fill = el("span", { class: "needle-fill", style: `background:${this.colors.modality(modality)}` });
    const value = el("span", { class: "legend-value" });
    return {
      modality,
      fill,
      value,
      element: el(
        "span",
        { class: "needle-k" },
        el(
          "span",
          { class: "needle-k-name", style: `--modality:${this.colors.modality(modality)}` },
          modality,
        ),
        el("span", { class: "muted" }, "k"),
        el("span", { class: "needle-gauge", "aria-hidden": "true" }, fill),
        value,
      ),
    };
  }

  read(step) {
    if (step === this.step) return;
    this.step = step;
    this.paint();
  }

  paint() {
    if (!this.shown.length) return this.lacks("Two modalities are needed; the runs shown have one.");
    this.lacks();
    const found = this.shown.map((one) => ({
      one,
      ratios: one.names.map((name) => ({ name, at: this._at(one.record, name) })),
    }));
    this.scale = Math.max(
      this.scale,
      needleMost(found.flatMap(({ ratios }) => ratios.map((r) => r.at?.mean ?? 1))),
    );
    for (const { one, ratios } of found) this._paint(one, ratios);
    return undefined;
  }

  _at(record, modality) {
    const name = `rho.${modality}`;
    const { step } = this;
    return recent(
      step === null ? record.series.get(name) : record.best(name, step, step),
      step === null ? null : Math.round(step),
    );
  }

  _paint(one, ratios) {
    const known = ratios.filter((r) => r.at);
    const { name, words } = lead(known.map((r) => ({ name: r.name, ratio: r.at.mean })));
    say(one.words, known.length ? words : "No step yet");
    say(one.when, known.length ? `step ${whole(known[0].at.step)}` : "");
    one.words.style.setProperty("--lead", name ? this.colors.modality(name) : "");
    for (const row of one.rows) {
      const at = ratios.find((r) => r.name === row.of.at(-1))?.at;
      row.band.hidden = row.mark.hidden = !Number.isFinite(at?.mean);
      if (!row.mark.hidden) this._place(row, at, row.of.length === 2 ? name : row.of[0]);
      else say(row.value, "");
      for (const k of row.ks) this._paintK(one.record, k);
    }
  }

  _place(row, at, color) {
    const where = (ratio) => 100 * needleAt(ratio, this.scale);
    const [low, high, mean] = [where(at.low), where(at.high), where(at.mean)];
    Object.assign(row.band.style, { left: `${low}%`, width: `${Math.max(0.5, high - low)}%` });
    if (row.of.length === 2) row.mark.style.left = `${mean}%`;
    else {Object.assign(row.mark.style, {
        left: `${Math.min(50, mean)}%`,
        width: `${Math.max(0.5, Math.abs(mean - 50))}%`,
      });}
    const paint = color ? this.colors.modality(color) : this.colors.joint;
    row.mark.style.setProperty("--color", paint);
    row.band.style.setProperty("--color", paint);
    say(row.value, `${number(Number(at.mean.toPrecision(2)))}×`);
    if (row.scale === this.scale) return;
    row.scale = this.scale;
    const all = TICKS[this.scale];
    const middle = (all.length - 1) / 2;
    row.ticks.replaceChildren(
      ...all.map((v, i) => el("span", { style: `left:${where(i < middle ? 1 / v : v)}%` }, `${v}×`)),
    );
  }

  _paintK(record, { modality, fill, value }) {
    const name = `k.${modality}`;
    const bin = this.step === null
      ? record.series.get(name)?.last()
      : record.best(name, this.step, this.step)?.at(Math.round(this.step));
    fill.style.width = `${Number.isFinite(bin?.mean) ? 100 * Math.min(1, Math.max(0, bin.mean)) : 0}%`;
    say(value, bin ? bin.mean.toFixed(2) : "–");
  }
}

export const needle = {
  name: "needle",
  title: "Balance now",
  fits: (runs) => runs.some((run) => run.modalities.length > 1),
  make: (view) => new Needle(view),
};
