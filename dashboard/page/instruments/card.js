/* The card of an instrument: title, explanation, controls and a body, drawn when it is on the screen and
   something it shows has changed. */
import { awaited } from "../charts/card.js";
import { explained } from "../charts/explained.js";
import { pointsIn } from "../data/points.js";
import { pairs } from "../data/balance.js";
import { versionsOf } from "../data/tables.js";
import { el } from "../lib/element.js";
import { address } from "../shell/address.js";
import { Calm } from "./calm.js";
import { canvasFiles } from "./file.js";
import { Surface } from "./surface.js";
import { Tip } from "./tip.js";

/** @import { Run } from "../api/schema.d.ts" */
/** @import { CardParts, Shown, View } from "../charts/card.js" */
/** @import { Colors } from "../charts/colors.js" */
/** @import { Record } from "../data/record.js" */
/** @import { Instrument } from "./index.js" */
/** @typedef {Record & { run: Run }} Known a record whose run has arrived */
/** @typedef {{ value: string, name: string }} Option */
/** @typedef {{ select: HTMLSelectElement, element: HTMLElement, text: string }} Choice */

/**
 * @param {Record} record
 * @returns {record is Known}
 */
const known = (record) => record.run !== null;

/** @implements {CardParts} */
export class InstrumentCard {
  /**
   * @param {View} view
   * @param {Instrument} instrument
   */
  constructor(view, { name, title, about }) {
    this.view = view;
    this.name = name;
    this.title = title;
    this.ready = true;
    this.visible = false;
    this.seen = false;
    this.stale = false;
    /** @type {Known[]} */
    this.records = [];
    /** @type {string[]} */
    this.modalities = [];
    /** @type {Known | null} */
    this.record = null; /* the chosen one, where an instrument shows one run */
    /** @type {[string, string] | null} */
    this.pair = null; /* the chosen modalities, where it compares two */
    /** @type {Colors} */
    this.colors = view.colors;
    /** @type {[number, number]} */
    this.range = [0, 1];
    /** Of an instrument that is a picture. @type {Surface | null} */
    this.picture = null;
    /** @type {number | null} */
    this.step = null; /* at the cursor */
    this.drawn = ""; /* the key of what was drawn */
    this.sight = ""; /* what of it a reader changes */
    this.calm = new Calm(() => view.loop.ask());
    /** @type {Map<string, Choice>} */
    this.choices = new Map();
    this.explained = explained(name, title, about);
    this.controls = el("div", { class: "legend instrument-controls" });
    this.body = el("div", { class: `plot instrument-body instrument-${name}` });
    this.empty = el("div", { class: "plot-empty instrument-empty", hidden: true });
    this.tip = new Tip(this.body);
    this.element = el(
      "article",
      { class: "card chart-card instrument", "data-chart": name, "aria-label": title },
      el(
        "header",
        { class: "chart-head" },
        el("h3", {}, title),
        el("span", { class: "spacer" }),
        this.explained.button,
      ),
      this.controls,
      el("div", { class: "plot-frame" }, this.body, this.empty, this.tip.element),
      this.explained.panel,
    );
    this.explained.closes(this.element);
  }

  actions() {
    return canvasFiles(this);
  }

  /** @param {Shown} shown */
  shape({ records, colors }) {
    this.records = records.filter(known);
    this.colors = colors;
    this.stale = true;
    this.drawn = "";
    this.modalities = [...new Set(this.records.flatMap((record) => record.run.modalities))];
    this.shaped();
  }

  /** Runs, colors or modalities are others: controls are made again where they changed. */
  shaped() {}

  /** @param {HTMLElement} holder of the picture */
  pictured(holder) {
    return this.picture = new Surface(holder, () => this.view.loop.ask());
  }

  measure() {
    this.picture?.measure();
  }

  /**
   * @param {number} x0
   * @param {number} x1
   * @param {number} _tau
   * @param {number | null} step
   */
  draw(x0, x1, _tau, step) {
    this.stale = false;
    this.range = [x0, x1];
    this.step = step;
    const key = this.key();
    const sight = `${this.view.zoom} ${this.picture?.size} ${devicePixelRatio}`;
    if (key === this.drawn || (this.drawn && sight === this.sight && this.calm.early())) return;
    [this.drawn, this.sight] = [key, sight];
    this.paint();
  }

  /** What the picture depends on, as a text. */
  key() {
    const records = this.records.map((r) =>
      [r.id, r.last, r.stats.rows, r.attempt, r.zoomed ? 1 : 0, versionsOf(r.tables), pointsIn(r.series)]
        .join()
    );
    return `${this.range} ${this.picture?.size} ${devicePixelRatio} ${records}`;
  }

  /** Draw the body for the steps in `range`. */
  paint() {}

  /** @param {number | null} step at the cursor */
  read(step) {
    this.step = step;
  }

  point() {}

  forget() {
    this.drawn = "";
  }

  resize() {
    this.drawn = "";
    this.picture?.forget();
  }

  destroy() {
    this.element.remove();
  }

  /** Draw once more with the next frame. */
  again() {
    this.drawn = "";
    this.stale = true;
    this.view.loop.ask(true);
  }

  /**
   * Show the body, or what is to be done to see it in its place.
   * @param {...(string | HTMLElement)} parts
   */
  lacks(...parts) {
    if (this.body.hidden !== parts.length > 0) this.picture?.forget();
    this.body.hidden = parts.length > 0;
    this.empty.hidden = !parts.length;
    const text = parts.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
    if (this.empty.textContent !== text) this.empty.replaceChildren(el("p", {}, ...parts));
  }

  /**
   * A link to the launch form with the run's settings and one more, for what was not recorded.
   * @param {string} setting
   * @param {string} value
   */
  relaunch(setting, value) {
    const id = (this.record ?? this.records[0])?.id ?? "";
    const href = `/?from=${encodeURIComponent(id)}&set=${setting}:${value}`;
    return el("a", { class: "button button-quiet again", href }, "Launch again with it");
  }

  /** Why there is no pair of modalities. */
  pairless() {
    return this.records.length ? "Two modalities are needed; the runs shown have one." : "No run is shown.";
  }

  /**
   * Why there is no value: it may still come, or never did.
   * @param {string} noun
   */
  awaiting(noun) {
    return awaited(this.records) ? `Waiting for the first ${noun}` : `No ${noun} was recorded`;
  }

  /**
   * A list among the controls, in sight where there are several options.
   * @param {string} parameter its place in the address
   * @param {string} label
   * @param {Option[]} options
   * @returns {string} the chosen value, "" where there is none
   */
  choice(parameter, label, options) {
    const choice = this.choices.get(parameter) ?? this._chooser(parameter, label);
    const text = options.map(({ value, name }) => `${value} ${name}`).join("\n");
    if (choice.text !== text) {
      choice.select.replaceChildren(...options.map(({ value, name }) => el("option", { value }, name)));
    }
    choice.text = text;
    const given = address.get(parameter);
    choice.select.value = options.some(({ value }) => value === given) ? given : (options[0]?.value ?? "");
    choice.element.hidden = options.length < 2;
    return choice.select.value;
  }

  /**
   * @param {string} parameter
   * @param {string} label
   * @returns {Choice}
   */
  _chooser(parameter, label) {
    const select = el("select", {
      onchange: () => {
        address.set({ [parameter]: select.value });
        this.view.reshape();
      },
    });
    const element = el("label", { class: "instrument-choice" }, el("span", {}, label), select);
    const choice = { select, element, text: "" };
    this.choices.set(parameter, choice);
    this.controls.append(element);
    return choice;
  }

  /** Set `record` to the run that is chosen from several. */
  chooseRun() {
    const id = this.choice(
      "of",
      "Run",
      this.records.map((record) => ({ value: record.id, name: record.run.name })),
    );
    this.record = this.records.find((record) => record.id === id) ?? null;
  }

  /** Set `pair` to the two modalities that are compared. */
  choosePair() {
    const all = pairs(this.modalities);
    const name = this.choice(
      "pair",
      "Pair",
      all.map((pair) => ({ value: pair.join(":"), name: pair.join(" against ") })),
    );
    this.pair = all.find((pair) => pair.join(":") === name) ?? null;
  }
}
