/* The first visit: two runs side by side, and a few sentences on what their charts say, one at a time. */
import { el, say } from "../../lib/element.js";
import { address } from "../../shell/address.js";

/** @import { CardLike } from "../../charts/card.js" */

/**
 * What the tour uses of the Watch page.
 * @typedef {object} TourView
 * @property {HTMLElement} root
 * @property {Map<string, CardLike>} cards
 */

const KEY = "tour"; /* in the address: the stop, from 1 */

/** The chart that a stop is about, or "", and what is said of it. @type {[chart: string, words: string][]} */
const STOPS = [
  [
    "",
    "Two runs of one network on the same data, in the same order: joint training, and OGM-GE. " +
    "A run has one color on all charts. With a single worker they train one after the other.",
  ],
  [
    "rho",
    "The discrepancy ratio rho compares how well each modality scores the right class. Above 1, " +
    "a modality leads; the further apart its two lines are, the less the other one learns.",
  ],
  [
    "k",
    "The coefficient k is the share of its gradient that the leader keeps; joint training leaves it at 1.",
  ],
  ["accuracy", "Accuracy says what it brings. Dots are validation, measured after each epoch."],
  [
    "",
    "Open one run by its name: a verdict says in sentences what its curves mean, and What would help? " +
    "tries remedies. While a run trains, alpha can be changed, and any checkpoint can be forked.",
  ],
];

/** @param {number} at */
const isLast = (at) => at >= STOPS.length;

class Tour {
  /** @param {TourView} view */
  constructor(view) {
    this.view = view;
    this.words = el("p", { role: "status" });
    this.count = el("span", { class: "muted small" });
    const [next, end] = [() => this._next(), () => this._end()];
    this.next = el("button", { type: "button", class: "button button-strong", onclick: next });
    this.element = el(
      "section",
      { class: "tour card", "aria-label": "Tour" },
      this.words,
      el(
        "div",
        { class: "tour-foot" },
        this.count,
        el("span", { class: "spacer" }),
        el(
          "button",
          { type: "button", class: "button button-quiet", onclick: end },
          "End the tour",
        ),
        this.next,
      ),
    );
    view.root.append(this.element);
    this.hung = new MutationObserver(() => this._mark()); /* cards come after a reader who is quick */
    const charts = view.root.querySelector("#watch-charts");
    if (charts) this.hung.observe(charts, { childList: true });
    this._show();
  }

  get at() {
    return Math.max(1, Math.min(STOPS.length, Math.floor(Number(address.get(KEY))) || 1));
  }

  _next() {
    if (isLast(this.at)) return this._end();
    address.set({ [KEY]: this.at + 1 });
    this._show();
    const { card } = this;
    const fold = card?.closest("details");
    if (fold) fold.open = true;
    card?.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  get card() {
    return this.view.cards.get(STOPS[this.at - 1][0])?.element;
  }

  _show() {
    say(this.words, STOPS[this.at - 1][1]);
    say(this.count, `${this.at} of ${STOPS.length}`);
    say(this.next, isLast(this.at) ? "Done" : "Next");
    this._mark();
  }

  _mark() {
    if (!this.element.isConnected) return this.hung.disconnect();
    for (const { element } of this.view.cards.values()) {
      element.classList.toggle("tour-card", element === this.card);
    }
  }

  _end() {
    this.hung.disconnect();
    address.set({ [KEY]: "" });
    for (const { element } of this.view.cards.values()) element.classList.remove("tour-card");
    this.element.remove();
  }
}

/**
 * Show the tour where the address asks for it; one of other runs ends.
 * @param {TourView} view
 */
export const tour = (view) => {
  view.root.querySelector(".tour")?.remove();
  if (address.get(KEY)) new Tour(view);
};
