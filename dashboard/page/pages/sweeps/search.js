/* What a search found: its trials, all settings at once, which of them decide, and the objective over one and
   over two settings. */
import { ask } from "../../api/ask.js";
import { completed, trialWords } from "../../charts/search/axis.js";
import { contour, contourWords, HEIGHT as CONTOUR } from "../../charts/search/contour.js";
import { HEIGHT as HISTORY, history } from "../../charts/search/history.js";
import { heightOf, importance } from "../../charts/search/importance.js";
import { HEIGHT as PARALLEL, parallel } from "../../charts/search/parallel.js";
import { HEIGHT as SLICE, slice } from "../../charts/search/slice.js";
import { el, say } from "../../lib/element.js";
import { heading } from "../../runs/facts.js";
import { go } from "../../shell/navigate.js";

/** @import { Importance, Surface, Trials } from "../../api/schema.d.ts" */

const NARROWEST_PX = 260;
const WAITS = "No trial has completed yet.";

/** A card with a head, a drawing, and a note below; the drawing has its room before there is one. */
class Card {
  /**
   * @param {string} title
   * @param {number} height of the drawing, in pixels
   * @param {HTMLSelectElement[]} [choices]
   * @param {string} [more] a class
   */
  constructor(title, height, choices = [], more = "") {
    this.drawing = el("div", { class: "search-drawing", tabindex: "0", role: "group", "aria-label": title });
    this.note = el("p", { class: "form-note" });
    this.element = el(
      "section",
      { class: `card search-card ${more}`, hidden: true },
      el("header", {}, el("h3", {}, title), ...choices),
      this.drawing,
      this.note,
    );
    this.reserve(height);
  }

  /** @param {number} height of the drawing, in pixels */
  reserve(height) {
    this.drawing.style.minHeight = `${height}px`;
  }

  wait() {
    this.element.hidden = false;
    this.drawing.replaceChildren(el("p", { class: "muted small" }, WAITS));
  }

  /** Pixels of a drawing in it. */
  get width() {
    return Math.max(NARROWEST_PX, this.drawing.clientWidth);
  }

  /**
   * @param {(width: number) => SVGElement | null} draw
   * @param {string} note
   */
  show(draw, note) {
    this.element.hidden = false;
    const drawn = draw(this.width);
    this.drawing.replaceChildren(...(drawn ? [drawn] : []));
    say(this.note, note);
  }
}

/* The part of a sweep's page that only a search has. */
export class SearchView {
  /** @param {string} id of the sweep, as an address holds it */
  constructor(id) {
    this.id = id;
    /** @type {Trials | null} */
    this.trials = null;
    this.seen = "";
    this.counted = -1; /* completed trials that the importance is of */
    /** @type {Importance | null} */
    this.decisive = null;
    const choice = (/** @type {string} */ label) =>
      el("select", { "aria-label": label, onchange: () => this._chosen() });
    this.one = choice("Setting of the slice");
    this.x = choice("Setting across");
    this.y = choice("Setting upward");
    this.history = new Card("Trials and the best so far", HISTORY);
    this.importance = new Card("Importance", 0);
    this.parallel = new Card("All trials", PARALLEL, [], "wide");
    this.slice = new Card("Slice", SLICE, [this.one]);
    this.contour = new Card("Contour", CONTOUR, [this.x, this.y]);
    this.cards = [this.history, this.importance, this.parallel, this.slice, this.contour];
    const elements = this.cards.map((card) => card.element);
    this.element = el("div", { class: "search-view", hidden: true }, ...elements);
    this.fit = () => {
      this._draw();
      this._drawContour();
    };
    addEventListener("resize", this.fit);
  }

  leave() {
    removeEventListener("resize", this.fit);
  }

  /** Read the trials, and draw them where they are new. */
  async load() {
    /** @type {Trials} */
    const trials = await ask(`/sweeps/${this.id}/trials`);
    const seen = JSON.stringify(trials);
    if (seen === this.seen) return;
    this.seen = seen;
    this.trials = trials;
    this._offer(Object.keys(trials.search.space));
    this.element.hidden = false;
    if (!completed(trials.trials).length) return this._wait(trials);
    this._draw();
    await this._weigh(trials);
    await this._drawContour();
  }

  /**
   * Every card has its place before the first trial has completed: nothing moves then.
   * @param {Trials} trials
   */
  _wait(trials) {
    for (const card of this.cards) if (card !== this.contour || isWide(trials)) card.wait();
  }

  /**
   * The settings that can be chosen, once.
   * @param {string[]} names
   */
  _offer(names) {
    if (this.one.options.length) return;
    for (const select of [this.one, this.x, this.y]) {
      select.append(...names.map((name) => el("option", { value: name }, heading(name))));
    }
    if (names.length > 1) this.y.value = names[1];
    this.importance.reserve(heightOf(names.length));
  }

  /**
   * The importance, when another trial completed.
   * @param {Trials} trials
   */
  async _weigh(trials) {
    const count = completed(trials.trials).length;
    if (count === this.counted) return;
    this.counted = count;
    this.decisive = await ask(`/sweeps/${this.id}/importance`);
    this._drawImportance();
  }

  _chosen() {
    this._draw();
    this._drawContour();
  }

  _draw() {
    const { trials } = this;
    if (!trials || !completed(trials.trials).length || !this.element.isConnected) return;
    const best = trials.status.best;
    const words = best && best.value !== null
      ? `The best is ${trialWords({ ...best, value: Number(best.value) }, trials.search)}. `
      : "";
    const marks = "Crosses are trials that failed, bars those that were pruned.";
    this.history.show((width) => history(trials, width), words + marks);
    const open = (/** @type {{ runs?: string[] }} */ { runs = [] }) => go(`/watch?runs=${runs.join(",")}`);
    this.parallel.show(
      (width) => parallel(trials, width, open),
      "Each line is one completed trial; the stronger its color, the better. Click one to show its curves.",
    );
    this.slice.show(
      (width) => slice(trials, this.one.value, width),
      "Each dot is one completed trial, later ones stronger; the other settings differ as well.",
    );
    this._drawImportance();
  }

  _drawImportance() {
    const { decisive } = this;
    if (!decisive || this.element.hidden) return;
    const draw = (/** @type {number} */ width) =>
      decisive.settings.length ? importance(decisive, width) : null;
    this.importance.show(draw, decisive.note ?? "");
  }

  async _drawContour() {
    const { trials, x, y } = this;
    if (!trials || !isWide(trials) || !completed(trials.trials).length) return;
    if (x.value === y.value) {
      this.contour.show(() => null, "Choose two different settings.");
      return;
    }
    const query = new URLSearchParams({ x: x.value, y: y.value });
    /** @type {Surface} */
    const surface = await ask(`/sweeps/${this.id}/contour?${query}`);
    if (surface.x !== x.value || surface.y !== y.value) return;
    this.contour.show((width) => contour(trials, surface, width), contourWords(trials));
  }
}

/**
 * Whether there are two settings, which a contour is of.
 * @param {Trials} trials
 */
const isWide = ({ search }) => Object.keys(search.space).length > 1;
