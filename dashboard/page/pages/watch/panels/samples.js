/* Single validation examples: which of them one modality dominates, and the example itself. */
import { ask } from "../../../api/ask.js";
import { huesOf } from "../../../charts/hues.js";
import { ordered, quadrantOf, samplesOf } from "../../../data/samples.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { reason } from "../../../lib/reason.js";
import { tableMenu } from "../../../lib/table-menu.js";
import { offer, Quadrants } from "../samples/choices.js";
import { classGaps, courseOfGaps } from "../samples/gaps.js";
import { scatter } from "../samples/scatter.js";
import { table, tabular } from "../samples/table.js";
import { Viewer } from "../samples/viewer.js";

/** @import { Event, SamplesAnswer } from "../../../api/schema.d.ts" */
/** @import { Order } from "../../../data/samples.js" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

const CALM_MS = 300;
const NONE = "No examples yet: they come with each validation. A program of your own sends them with " +
  "balance.examples(...) or run.examples(...).";
const ABOUT =
  "A modality knows an example if it alone gives the right class more than half of the probability. " +
  "Filled dots: the network as a whole knows it; hollow ones: it does not.";

class Samples {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    this.record = record;
    this.root = root;
    this.alive = alive;
    this.timer = 0;
    /** @type {SamplesAnswer | null} */
    this.answer = null;
    this.follows = true; /* the newest validation, until the reader moves the slider */
    /** @type {string[]} */
    this.pair = [];
    this.label = "";
    /** @type {Order} */
    this.order = { key: "gap", down: false };
    this.viewer = new Viewer(record.id, alive, (m) => this._color(m));
    this.slider = el("input", {
      type: "range",
      min: "0",
      "aria-label": "Validation",
      oninput: () => this._moved(),
    });
    this.place = el("output", { class: "muted" });
    this.first = this._choice("Modality to the right", 0);
    this.second = this._choice("Modality upward", 1);
    this.classes = el("select", {
      "aria-label": "Class",
      onchange: () => this._filtered(() => (this.label = this.classes.value)),
    });
    this.quadrants = new Quadrants((quadrant) => this._filtered(() => (this.quadrants.chosen = quadrant)));
    this.head = el(
      "div",
      { class: "fold-head samples-head", hidden: true },
      el("label", { class: "samples-slider" }, "Validation ", this.slider, this.place),
      this.first,
      this.second,
      this.classes,
      tableMenu(() => this._tabular(), "of examples"),
    );
    this.plot = el("div", { class: "samples-plot" });
    this.gaps = el("div", { class: "samples-gaps" });
    /* The viewer stays where it is: a sound that plays goes on. */
    this.charts = el("div", { class: "samples-charts" }, this.plot, this.gaps, this.viewer.element);
    this.rows = el("div", {});
    this.body = el(
      "div",
      { class: "samples-body", hidden: true },
      this.quadrants.element,
      this.charts,
      this.rows,
    );
    this.about = el("p", { class: "muted", hidden: true }, ABOUT);
    this.note = el("p", { class: "muted", role: "status" }, "Loading …");
  }

  /**
   * @param {string} label
   * @param {number} i which of the pair it chooses
   */
  _choice(label, i) {
    const select = el("select", {
      "aria-label": label,
      hidden: true,
      onchange: () => {
        const before = this.pair[i];
        this.pair = this.pair.map((m, at) => (at === i ? select.value : m === select.value ? before : m));
        this._read();
      },
    });
    return select;
  }

  /** @param {boolean} open */
  async opened(open) {
    if (!open) return;
    if (!this.note.isConnected) this.root.replaceChildren(this.head, this.about, this.body, this.note);
    await this._read();
  }

  update() {}

  /** @param {Event} event */
  add(event) {
    if (event.kind !== "samples" || !this.root.closest("details")?.open) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.alive() && this._read(), CALM_MS);
  }

  /** @param {string} modality */
  _color(modality) {
    const names = Object.keys(this.answer?.samples?.alone ?? {});
    return `var(--modality-${huesOf(names.length ? names : [modality]).get(modality) ?? 0})`;
  }

  _moved() {
    const steps = this.answer?.steps ?? [];
    const place = Number(this.slider.value);
    this.follows = place >= steps.length - 1;
    say(this.place, `step ${whole(steps[place] ?? 0)}`);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.alive() && this._read(steps[place]), CALM_MS / 3);
  }

  /** @param {number | undefined} [step] the newest, or the one looked at, unless given */
  async _read(step = this.follows ? undefined : this.answer?.step ?? undefined) {
    const query = new URLSearchParams({ between: this.pair.join(",") });
    if (step !== undefined) query.set("step", String(step));
    try {
      /** @type {SamplesAnswer} */
      const answer = await ask(`/runs/${encodeURIComponent(this.record.id)}/samples?${query}`);
      if (this.alive()) this._take(answer);
    } catch (error) {
      say(this.note, reason(error));
      this.note.hidden = false;
    }
  }

  /** @param {SamplesAnswer} answer */
  _take(answer) {
    this.answer = answer;
    this.pair = answer.between;
    const { samples, steps, step } = answer;
    this.head.hidden = this.body.hidden = this.about.hidden = !samples;
    this.note.hidden = Boolean(samples);
    if (!samples) return say(this.note, NONE);
    if (!this.pair.length && this.order.key === "gap") this.order = { key: "together", down: false };
    this.slider.max = String(Math.max(0, steps.length - 1));
    this.slider.hidden = steps.length < 2;
    const place = steps.findLastIndex((one) => one <= (step ?? 0));
    if (document.activeElement !== this.slider || this.follows) {
      this.slider.value = String(Math.max(0, place));
    }
    const words = `step ${whole(step ?? 0)}${
      typeof samples.epoch === "number" ? `, epoch ${whole(samples.epoch)}` : ""
    }`;
    say(this.place, words);
    this.slider.setAttribute("aria-valuetext", words);
    this._options(Object.keys(samples.alone), samples.labels);
    this._show();
  }

  /**
   * @param {string[]} modalities
   * @param {string[]} labels
   */
  _options(modalities, labels) {
    for (const [i, select] of [this.first, this.second].entries()) {
      select.hidden = modalities.length < 3;
      offer(select, modalities.map((m) => [m, m]), this.pair[i] ?? "");
    }
    const classes = [...new Set(labels)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    if (!classes.includes(this.label)) this.label = "";
    offer(this.classes, [["", "all classes"], ...classes.map((name) => [name, name])], this.label);
  }

  /** @param {() => void} change */
  _filtered(change) {
    change();
    this._show();
  }

  /** The examples of the class that is looked at. */
  _ofClass() {
    const samples = this.answer?.samples;
    const all = samples ? samplesOf(samples, this.pair) : [];
    return this.label ? all.filter(({ label }) => label === this.label) : all;
  }

  /** The rows of the table. */
  _rows() {
    const { chosen } = this.quadrants;
    const some = this._ofClass().filter((one) => !chosen || quadrantOf(one, this.pair) === chosen);
    return ordered(some, this.order);
  }

  /** @returns {string[]} the pair first */
  _modalities() {
    return [...new Set([...this.pair, ...Object.keys(this.answer?.samples?.alone ?? {})])];
  }

  _tabular() {
    const caption = `Probability of the right class at step ${this.answer?.step ?? 0}`;
    return tabular(this._rows(), this._modalities(), this.pair, caption);
  }

  _show() {
    const { pair, viewer } = this;
    const view = {
      selected: viewer.name,
      choose: (/** @type {string} */ name) => this._choose(name),
      order: this.order,
      sort: (/** @type {string} */ key) => this._sort(key),
    };
    this._charts(view);
    const scrolled = this.rows.firstElementChild?.scrollTop ?? 0;
    this._refocused(() => this.rows.replaceChildren(table(this._rows(), this._modalities(), pair, view)));
    this.rows.firstElementChild?.scrollTo({ top: scrolled });
    if (viewer.name) viewer.show(viewer.name, this.answer?.total ?? 0);
  }

  /** @param {{ selected: string, choose: (name: string) => void }} view */
  _charts(view) {
    const { pair, answer } = this;
    this.quadrants.element.hidden = this.plot.hidden = this.gaps.hidden = pair.length < 2;
    if (pair.length < 2) return;
    const some = this._ofClass();
    this.quadrants.fill(some, pair);
    const course = courseOfGaps(answer?.gaps ?? [], pair, answer?.step ?? null);
    this.gaps.replaceChildren(course ?? "", classGaps(some, pair, (m) => this._color(m)));
    this.plot.replaceChildren(scatter(some, pair, view));
  }

  /**
   * The button that has the focus keeps it when the table is made anew.
   * @param {() => void} act
   */
  _refocused(act) {
    const text = this.rows.contains(document.activeElement) ? document.activeElement?.textContent : null;
    act();
    const same = [...this.rows.querySelectorAll("button")].find((button) =>
      bare(button.textContent) === bare(text ?? "")
    );
    if (text) same?.focus({ preventScroll: true });
  }

  /** @param {string} key */
  _sort(key) {
    this.order = { key, down: this.order.key === key && !this.order.down };
    this._show();
  }

  /** @param {string} name */
  _choose(name) {
    this.viewer.show(name, this.answer?.total ?? 0);
    this._show();
  }
}

/**
 * A head of the table without its arrow.
 * @param {string} text
 */
const bare = (text) => text.replace(/ [↑↓]$/, "");

/** @type {Panel} */
export const samplesPanel = {
  name: "samples",
  title: "Examples",
  open: (record, root, alive) => new Samples(record, root, alive),
};
