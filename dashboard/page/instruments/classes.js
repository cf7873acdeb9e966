/* Per-class balance: which classes lean on which modality, over the validation split, at any epoch. */
import { leaning, needleAt, needleMost } from "../data/balance.js";
import { tableOf } from "../data/tables.js";
import { Instrument } from "./instrument.js";
import { el, say } from "../lib/element.js";
import { number, percent } from "../lib/numbers.js";
import { address } from "../shell/address.js";

const ABOUT = [
  {
    title: "Balance by class",
    formula: "s_u(c) / s_v(c), s_u(c) the mean of softmax(z_u,ᵢ)[c] over the validation examples of class c",
    help:
      "For each class: how much probability each modality alone gives to the right answer, and which gives more. The bar leans to the modality that the class is better heard, or seen, by; its length is the ratio on a logarithmic scale. At the right the fused accuracy on that class. A run may be balanced as a whole and lean far on single classes.",
  },
];

class Classes extends Instrument {
  constructor(view) {
    super(view, { name: "classes", title: "Balance by class", about: ABOUT });
    this.epoch = el("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": "Epoch",
      oninput: () => this._turn(),
    });
    this.when = el("output", { class: "classes-when" });
    this.find = el("input", {
      type: "search",
      placeholder: "Find a class",
      "aria-label": "Find a class",
      value: address.get("class"),
      oninput: () => this._find(),
    });
    this.controls.append(el("span", { class: "classes-epoch" }, this.epoch, this.when), this.find);
    this.head = el("div", { class: "classes-row classes-head", "aria-hidden": "true" });
    this.list = el("ol", {
      class: "classes-list",
      "aria-label": "Classes, those where the first modality is furthest ahead first",
    });
    this.body.append(this.head, this.list);
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Balance by class");
    this.asked = address.get("epoch");
    this.made = new Map();
  }

  shaped() {
    this.chosenRun();
    this.chosenPair();
    if (!this.pair) return;
    const ends = this.pair.map((m) => el("span", { style: `--modality:${this.colors.modality(m)}` }, m));
    this.head.replaceChildren(
      el("span", {}, "class"),
      el("span", { class: "needle-ends" }, ...ends),
      el("span", {}, "ratio"),
      el("span", {}, "accuracy"),
    );
  }

  /* Only the table counts, not the steps. */
  key() {
    const told = this.record && tableOf(this.record, "classes");
    return `${this.record?.id} ${told?.version} ${this.pair} ${this.asked} ${this.find.value}`;
  }

  paint() {
    if (!this.record || !this.pair) {
      return this._without("Two modalities are needed; the runs shown have one.");
    }
    const told = tableOf(this.record, "classes");
    told.look(() => this.view.alive, () => this.again());
    if (!told.frames.length) {
      return this._without(
        "The first validation brings the first picture. Runs of an earlier version have none.",
      );
    }
    this.lacks();
    this.epoch.parentElement.hidden = told.frames.length < 2;
    this.find.hidden = told.rows.length < 12;
    const at = told.frames.findIndex(({ epoch }) => String(epoch) === this.asked);
    const place = at < 0 ? told.frames.length - 1 : at;
    this.epoch.max = String(told.frames.length - 1);
    if (document.activeElement !== this.epoch || at < 0) this.epoch.value = String(place);
    const frame = told.frames[place];
    say(this.when, `epoch ${frame.epoch}`);
    this.epoch.setAttribute("aria-valuetext", `epoch ${frame.epoch}`);
    this._show(leaning(told, frame, this.pair));
    return undefined;
  }

  _without(text) {
    this.epoch.parentElement.hidden = this.find.hidden = true;
    return this.lacks(text);
  }

  _show(rows) {
    const most = needleMost(rows.map(({ ratio }) => ratio));
    const wanted = this.find.value.trim().toLowerCase();
    const shown = rows.filter(({ name }) => name.toLowerCase().includes(wanted));
    const made = shown.map((row) => this._row(row, most));
    if (!shown.length) made.push(el("li", { class: "muted" }, "No class has this in its name."));
    if (made.length !== this.list.children.length || made.some((row, i) => row !== this.list.children[i])) {
      this.list.replaceChildren(...made);
    }
  }

  /* A class's row: made once, then only what changed. */
  _row({ name, ratio, accuracy, a, b }, most) {
    if (!this.made.has(name)) this.made.set(name, fresh(name));
    const row = this.made.get(name);
    const [one, other] = this.pair;
    const ahead = ratio >= 1 ? one : other;
    const at = 100 * needleAt(1 / ratio, most);
    const times = Math.max(ratio, 1 / ratio);
    const title = `${one} ${number(a)}, ${other} ${number(b)}`;
    const style = `left:${Math.min(50, at).toFixed(2)}%;width:${
      Math.max(0.6, Math.abs(at - 50)).toFixed(2)
    }%;background:${this.colors.modality(ahead)}`;
    const text = `${title} ${accuracy} ${style}`;
    if (row.text === text) return row.element;
    row.text = text;
    row.bar.setAttribute("style", style);
    row.element.title = title;
    row.track.setAttribute("aria-label", `${ahead} ${times.toFixed(1)} times ahead; ${title}`);
    say(row.times, times >= 1000 ? "≥ 1000×" : `${times.toFixed(times < 10 ? 1 : 0)}×`);
    say(row.accuracy, percent(accuracy));
    return row.element;
  }

  /* The newest epoch is followed; an earlier one stays, and stands in the address. */
  _turn() {
    const { frames } = tableOf(this.record, "classes");
    const place = Number(this.epoch.value);
    this.asked = place === frames.length - 1 ? "" : String(frames[place].epoch);
    address.set({ epoch: this.asked });
    this.again();
  }

  _find() {
    address.set({ class: this.find.value });
    this.again();
  }
}

function fresh(name) {
  const bar = el("span", { class: "classes-bar" });
  const track = el("span", { class: "classes-track", role: "img" }, bar);
  const [times, accuracy] = [
    el("span", { class: "classes-number" }),
    el("span", { class: "classes-number" }),
  ];
  return {
    bar,
    track,
    times,
    accuracy,
    text: "",
    element: el(
      "li",
      { class: "classes-row" },
      el("span", { class: "classes-name", title: name }, name),
      track,
      times,
      accuracy,
    ),
  };
}

export const classes = {
  name: "classes",
  title: "Balance by class",
  fits: (runs) => runs.some((run) => run.modalities.length > 1),
  make: (view) => new Classes(view),
};
