/* Per-class balance: which classes lean to which modality, over the validation split, at any epoch. */
import { leaning, needleMost } from "../data/balance.js";
import { tableOf } from "../data/tables.js";
import { el, say } from "../lib/element.js";
import { address } from "../shell/address.js";
import { InstrumentCard } from "./card.js";
import { trainedHere } from "./origin.js";
import { ClassRow } from "./class-row.js";

/** @import { View } from "../charts/card.js" */
/** @import { Leaning } from "../data/balance.js" */
/** @import { Frame, Table } from "../data/tables.js" */
/** @import { Instrument } from "./index.js" */

const SEARCHED = 12; /* with fewer classes there is no search */

class ClassesCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, classes);
    this.epoch = address.get("epoch"); /* the one looked at; "": the newest */
    /** @type {Map<string, ClassRow>} */
    this.rows = new Map();
    this.slider = el("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": "Epoch",
      oninput: () => this._turn(),
    });
    this.when = el("output", { class: "classes-when" });
    this.epochs = el("span", { class: "classes-epoch" }, this.slider, this.when);
    this.search = el("input", {
      type: "search",
      hidden: true,
      placeholder: "Find a class",
      "aria-label": "Find a class",
      value: address.get("class"),
      oninput: () => this._find(),
    });
    this.controls.append(this.epochs, this.search);
    this.head = el("div", { class: "classes-row classes-head", "aria-hidden": "true" });
    this.list = el("ol", {
      class: "classes-list",
      "aria-label": "Classes, by how far the first modality is ahead",
    });
    this.body.append(this.head, this.list);
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Balance by class");
  }

  /** @override */
  shaped() {
    this.chooseRun();
    this.choosePair();
    if (!this.pair) return;
    const ends = this.pair.map((m) => el("span", { style: `--modality:${this.colors.modality(m)}` }, m));
    this.head.replaceChildren(
      el("span", {}, "class"),
      el("span", { class: "needle-ends" }, ...ends),
      el("span", {}, "ratio"),
      el("span", {}, "accuracy"),
    );
  }

  /**
   * Only the table counts, not the steps.
   * @override
   */
  key() {
    const table = this.record && tableOf(this.record, "classes");
    return `${this.record?.id} ${table?.version} ${this.pair} ${this.epoch} ${this.search.value}`;
  }

  /** @override */
  paint() {
    if (!this.record || !this.pair) {
      return this._without(this.pairless());
    }
    const table = tableOf(this.record, "classes");
    table.look(() => this.view.alive, () => this.again());
    if (!table.frames.length) {
      return this._without(
        "The first validation brings the first picture. Runs of an earlier version have none.",
      );
    }
    this.lacks();
    this.search.hidden = table.rows.length < SEARCHED;
    this._show(leaning(table, this._frame(table), this.pair), this.pair);
  }

  /** @param {string} text */
  _without(text) {
    this.epochs.hidden = this.search.hidden = true;
    this.lacks(text);
  }

  /**
   * The frame of the epoch looked at, which the slider then shows.
   * @param {Table} table
   * @returns {Frame}
   */
  _frame({ frames }) {
    const given = frames.findIndex(({ epoch }) => String(epoch) === this.epoch);
    const place = given < 0 ? frames.length - 1 : given;
    const words = `epoch ${frames[place].epoch}`;
    this.epochs.hidden = frames.length < 2;
    this.slider.max = String(frames.length - 1);
    if (document.activeElement !== this.slider || given < 0) this.slider.value = String(place);
    this.slider.setAttribute("aria-valuetext", words);
    say(this.when, words);
    return frames[place];
  }

  /**
   * @param {Leaning[]} all
   * @param {[string, string]} pair
   */
  _show(all, pair) {
    const most = needleMost(all.map(({ ratio }) => ratio));
    const text = this.search.value.trim().toLowerCase();
    const elements = all.filter(({ name }) => name.toLowerCase().includes(text)).map((leaning) => {
      const row = this.rows.get(leaning.name) ?? new ClassRow(leaning.name);
      this.rows.set(leaning.name, row);
      row.fill(leaning, pair, this.colors, most);
      return row.element;
    });
    if (!elements.length) elements.push(el("li", { class: "muted" }, "No class matches this search."));
    const { children } = this.list;
    if (elements.length !== children.length || elements.some((element, i) => element !== children[i])) {
      this.list.replaceChildren(...elements);
    }
  }

  /* The newest epoch is followed; an earlier one stays, and is written into the address. */
  _turn() {
    const frames = this.record ? tableOf(this.record, "classes").frames : [];
    const place = Number(this.slider.value);
    this.epoch = place < frames.length - 1 ? String(frames[place].epoch) : "";
    address.set({ epoch: this.epoch });
    this.again();
  }

  _find() {
    address.set({ class: this.search.value });
    this.again();
  }
}

/** @type {Instrument} */
export const classes = {
  name: "classes",
  title: "Balance by class",
  place: 50,
  about: [
    {
      title: "Balance by class",
      formula:
        "s_u(c) / s_v(c), s_u(c) the mean of softmax(z_u,ᵢ)[c] over the validation examples of class c",
      help: "For each class: how much probability each modality alone gives to the right answer, and which " +
        "gives more. The bar leans to the modality that recognizes the class better; its length is the " +
        "ratio on a logarithmic scale. At the right is the fused accuracy on that class. A run can be " +
        "balanced as a whole and lean far on single classes.",
    },
  ],
  fits: (runs) => trainedHere(runs) && runs.some((run) => run.modalities.length > 1),
  make: (view) => new ClassesCard(view),
};
