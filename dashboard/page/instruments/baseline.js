/* The gap to the unimodal baseline: each branch's validation accuracy against the same modality trained alone. */
import { ask } from "../api/ask.js";
import { gapWords } from "../data/balance.js";
import { axes } from "./axes.js";
import { Instrument } from "./instrument.js";
import { strokeLine, Surface } from "./surface.js";
import { el } from "../lib/element.js";
import { parsed, percent } from "../lib/numbers.js";

const LISTED = 100; /* newest runs of a data set that are looked through for baselines */
const DASHES = [[], [6, 4], [2, 3]];

const ABOUT = [
  {
    title: "Gap to the modality alone",
    formula:
      "best accuracy of the modality trained alone − validation accuracy of its branch in the joint network",
    help:
      "Lines are the branches' validation accuracy, dashed levels what the same encoder reaches when it is trained alone. A branch below its level is under-optimised by joint training: the paper's claim, in this run. The level comes from the run itself (baseline_epochs), or from a run of that modality alone on the same data set that you choose.",
  },
];

class Baseline extends Instrument {
  constructor(view) {
    super(view, { name: "baseline", title: "Gap to the modality alone", about: ABOUT });
    this.words = el("ul", { class: "baseline-words", tabindex: "0", "aria-label": "Gaps in words" });
    this.frame = el("div", { class: "baseline-frame" });
    this.hint = el("p", { class: "muted baseline-hint", hidden: true });
    this.body.append(this.words, this.hint, this.frame);
    this.surface = new Surface(this.frame);
    this.found = new Map(); /* by data set: its runs on one modality alone */
  }

  shaped() {
    this.lacking = this.modalities.filter((m) =>
      this.records.some((record) => !record.run.series.some((s) => s.name === `alone.${m}`))
    );
    this.chosen = new Map();
    const dataset = this.records[0]?.run.spec.dataset;
    const runs = this.found.get(dataset) ?? [];
    const multimodal = this.modalities.length > 1;
    for (const m of this.modalities) {
      const own = multimodal && this.lacking.includes(m) ? runs.filter((run) => only(run) === m) : [];
      const options = own.map((run) => ({ value: run.id, name: `${run.name} · ${percent(best(run))}` }));
      const id = this.choice(
        `alone.${m}`,
        `${m} alone`,
        options.length ? [{ value: "", name: "Choose a run" }, ...options] : [],
      );
      if (id) this.chosen.set(m, best(own.find((run) => run.id === id)));
    }
  }

  draw(x0, x1, tau, step) {
    if (this.visible) this._list();
    super.draw(x0, x1, tau, step);
  }

  /* Runs on one modality alone, once somebody looks. */
  async _list() {
    const dataset = this.records[0]?.run.spec.dataset;
    if (!dataset || !this.lacking?.length || this.found.has(dataset)) return;
    this.found.set(dataset, []);
    try {
      const { runs } = await ask(`/runs?limit=${LISTED}&dataset=${encodeURIComponent(dataset)}`);
      this.found.set(dataset, runs.filter((run) => only(run) && Number.isFinite(best(run))));
      if (!this.view.alive) return;
      this.shaped();
      this.again();
    } catch {
      setTimeout(() => this.found.delete(dataset), 5000);
    }
  }

  /* [{record, m, points, alone}] of every branch that was validated. */
  _branches() {
    return this.records.flatMap((record) =>
      record.run.modalities.map((m) => ({
        record,
        m,
        points: record.series.get(`val.accuracy.${m}`),
        alone: record.series.get(`alone.${m}`)?.last()?.mean ?? this.chosen.get(m) ?? null,
      })).filter(({ points }) => points?.steps.length)
    );
  }

  paint() {
    const branches = this._branches();
    if (!branches.length) return this.lacks("The first validation brings the first value.");
    this.lacks();
    this._say(branches);
    const { ctx, w, h } = this.surface.begin();
    const box = { left: 46, top: 8, right: w - 12, bottom: h - 30 };
    const { px, py } = axes(ctx, box, this.range, [0, 1], this.colors, {
      y: (v) => `${Math.round(100 * v)} %`,
      ys: [0, 0.25, 0.5, 0.75, 1],
    });
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, box.top - 4, box.right - box.left + 4, box.bottom - box.top + 8);
    ctx.clip();
    const levels = [];
    for (const { record, m, points, alone } of branches) {
      const several = this.records.length > 1;
      const color = several ? this.colors.run(record.id) : this.colors.modality(m);
      const at = points.steps.map((step, i) => [px(step), py(points.values[i])]).filter(([, y]) =>
        Number.isFinite(y)
      );
      strokeLine(ctx, at, color, several ? DASHES[record.run.modalities.indexOf(m) % DASHES.length] : []);
      for (const [x, y] of at.length > 60 ? at.slice(-1) : at) {
        ctx.fillRect(x - 2, y - 2, 4, 4, ctx.fillStyle = color);
      }
      if (alone === null) continue;
      strokeLine(
        ctx,
        [[box.left, py(alone)], [box.right, py(alone)]],
        several ? this.colors.modality(m) : color,
        [5, 4],
      );
      this._level(ctx, box, py(alone), m, several ? this.colors.modality(m) : color, levels);
    }
    ctx.restore();
    this.surface.name(`Validation accuracy of each branch over steps. ${this.said.join(". ")}`);
    return undefined;
  }

  /* A level's words: above its line, or below where another's stand already. */
  _level(ctx, box, y, modality, color, levels) {
    const near = levels.filter((level) => Math.abs(level.y - y) < 14);
    levels.push({ y, modality });
    if (near.some((level) => level.modality === modality)) return;
    const below = near.some((level) => level.y <= y);
    ctx.fillStyle = color;
    ctx.textAlign = "right";
    ctx.textBaseline = below ? "top" : "bottom";
    ctx.fillText(`${modality} alone`, box.right - 2, below ? y + 3 : y - 3);
  }

  _say(branches) {
    const several = this.records.length > 1;
    const [, x1] = this.range;
    this.said = branches.map(({ record, m, points, alone }) =>
      `${several ? `${record.run.name} · ` : ""}${
        gapWords(m, points.at(x1 + 1)?.mean ?? points.values[0], alone)
      }`
    );
    const text = this.said.join("\n");
    if (text !== this.text) {
      this.words.replaceChildren(
        ...branches.map(({ record, m }, i) =>
          el(
            "li",
            {},
            el("span", {
              class: "group-swatch",
              style: `background:${several ? this.colors.run(record.id) : this.colors.modality(m)}`,
            }),
            this.said[i],
          )
        ),
      );
    }
    this.text = text;
    const none = branches.every(({ alone }) => alone === null);
    this.hint.hidden = !none;
    if (none && !this.hint.childNodes.length) {
      this.hint.append(
        "Launch with ",
        el("code", {}, "baseline_epochs"),
        " = 24 to see the gap, or choose a run with ",
        el("code", {}, "only"),
        ".",
      );
    }
  }
}

const only = (run) => String(run.settings.only ?? "").trim();
const best = (run) => parsed(run?.best["val.accuracy"] ?? NaN);

export const baseline = {
  name: "baseline",
  title: "Gap to the modality alone",
  fits: (runs) => runs.length > 0,
  make: (view) => new Baseline(view),
};
