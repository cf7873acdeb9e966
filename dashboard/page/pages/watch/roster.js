/* Many runs as a list: lines that can be searched, shown, hidden and looked at alone. */
import { el, say } from "../../lib/element.js";

/** @import { Chart } from "../../charts/lines.js" */
/** @import { Row } from "./row.js" */

const FAVORITES = ["val.accuracy", "accuracy", "loss"];

/**
 * What the list can do to the page.
 * @typedef {object} Acts
 * @property {(ids: string[]) => void} show only the lines of these runs
 * @property {() => void} draw
 */

/**
 * The series that charts draw, by name.
 * @param {Chart[]} charts
 */
const namesOf = (charts) =>
  charts.flatMap((chart) =>
    chart.parts.flatMap(({ stem, joint, modalities }) => [
      ...(joint ? [stem] : []),
      ...modalities.map((modality) => `${stem}.${modality}`),
    ])
  );

/** The list of runs. */
export class Roster {
  /**
   * @param {Map<string, Row>} rows by the run's id
   * @param {HTMLElement} root
   * @param {Acts} acts
   */
  constructor(rows, root, acts) {
    this.rows = rows;
    this.acts = acts;
    this.known = ""; /* the series to choose from */
    this.chosen = "";
    this.search = el("input", {
      type: "search",
      class: "roster-search",
      placeholder: "Find runs",
      "aria-label": "Find runs by name, state or setting",
      oninput: () => this._find(),
    });
    this.select = el("select", {
      class: "roster-series",
      "aria-label": "Series whose newest value is listed",
      onchange: () => this._choose(this.select.value),
    });
    this.count = el("span", { class: "muted", role: "status" });
    this.list = el(
      "ul",
      { class: "roster-list", "aria-label": "Runs", tabindex: "0" },
      ...[...rows.values()].map((row) => row.element),
    );
    root.replaceChildren(
      el("section", { class: "card roster", "aria-label": "Runs" }, this._head(), this.list),
    );
    this._find();
  }

  _head() {
    const only = (/** @type {string} */ text, /** @type {() => string[]} */ ids) =>
      el(
        "button",
        { type: "button", class: "button button-quiet", onclick: () => this.acts.show(ids()) },
        text,
      );
    return el(
      "div",
      { class: "roster-head" },
      this.search,
      this.select,
      this.count,
      el("span", { class: "spacer" }),
      only("Show these", () => this._matching()),
      only("Show all", () => [...this.rows.keys()]),
      only("Hide all", () => []),
    );
  }

  _matching() {
    return [...this.rows].filter(([, row]) => !row.element.hidden).map(([id]) => id);
  }

  _find() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of this.rows.values()) row.element.hidden = !row.fits(words);
    const all = this.rows.size;
    say(this.count, words.length ? `${this._matching().length} of ${all} runs` : `${all} runs`);
  }

  /**
   * Offer the series that charts draw.
   * @param {Chart[]} charts
   */
  choices(charts) {
    const names = namesOf(charts);
    const known = names.join(" ");
    if (known === this.known) return;
    this.known = known;
    this.select.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
    const best = FAVORITES.find((name) => names.includes(name)) ?? names[0];
    this.select.value = names.includes(this.chosen) ? this.chosen : best;
    this._choose(this.select.value);
  }

  /** @param {string} name */
  _choose(name) {
    this.chosen = name;
    for (const row of this.rows.values()) row.choose(name);
    this.acts.draw();
  }
}
