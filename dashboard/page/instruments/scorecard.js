/* The scorecard: how good each modality's branch, probe, run alone and test are, beside each other. */
import { HEADS, printedScores, scores, scoreWords } from "../data/scorecard.js";
import { el, refill } from "../lib/element.js";
import { tableMenu } from "../lib/table-menu.js";
import { InstrumentCard } from "./card.js";

/** @import { View } from "../charts/card.js" */
/** @import { Instrument } from "./index.js" */

class Scorecard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, scorecard);
    this.rows = el("tbody", {});
    const heads = ["Modality", ...HEADS].map((text, i) =>
      el("th", { scope: "col", class: i ? "num" : "" }, text)
    );
    this.copy = tableMenu(() => printedScores(this.record?.run.name ?? "", this._scores()), "of scores");
    this.body.append(
      el("table", { class: "scores" }, el("thead", {}, el("tr", {}, ...heads)), this.rows),
      this.copy,
    );
  }

  /** @override */
  shaped() {
    this.chooseRun();
  }

  _scores() {
    const { record } = this;
    /** @param {string} name */
    const newest = (name) => record?.series.get(name)?.last()?.mean ?? null;
    return scores(record?.run.modalities ?? [], newest);
  }

  /** @override */
  paint() {
    if (!this.record) return this.lacks("No run is shown.");
    const rows = this._scores();
    if (!rows.some(({ values }) => values.some((value) => value !== null))) {
      return this.lacks(this.awaiting("validation"));
    }
    this.lacks();
    refill(this.rows, rows.map((row) => this._row(row)), "name");
  }

  /** @param {ReturnType<typeof scores>[number]} row */
  _row({ name, values }) {
    const color = this.colors.modality(name === "fused" ? "" : name);
    const head = el(
      "th",
      { scope: "row" },
      el("span", { class: "group-swatch", style: `background:${color}` }),
      name,
    );
    return el("tr", { "data-name": name }, head, ...values.map((value) => el("td", {}, scoreWords(value))));
  }
}

/** @type {Instrument} */
export const scorecard = {
  name: "scorecard",
  title: "Scorecard",
  place: 5,
  about: [
    {
      title: "Scorecard",
      formula: "accuracy of the branch, of a linear probe, of the modality alone, and on test data",
      help:
        "The branch is the modality's own logits in this run, on validation data. The probe is a linear " +
        "classifier on its features: what the encoder knows, whatever the fusion makes of it. Alone is the " +
        "same modality trained by itself. A branch far below its modality alone is starved.",
    },
  ],
  fits: (runs) => runs.some((run) => run.modalities.length > 1),
  make: (view) => new Scorecard(view),
};
