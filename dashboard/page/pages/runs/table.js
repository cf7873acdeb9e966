/* The frame around the rows: it scrolls; where there are no rows, a text is in its place. */
import { el } from "../../lib/element.js";
import { runColumns } from "./columns.js";
import { firstVisit } from "./first.js";

/* The table of runs, without its rows. */
export class RunsTable {
  /**
   * @param {HTMLElement} heads the row of column heads
   * @param {() => void} showAll clears the filter
   */
  constructor(heads, showAll) {
    this.body = el("div", { class: "runs-body", role: "rowgroup" });
    this.grid = el(
      "div",
      { class: "runs-grid", role: "table", "aria-label": "Runs" },
      el("div", { role: "rowgroup", class: "runs-head" }, heads),
      this.body,
    );
    this.frame = el("div", { class: "runs-frame", hidden: true }, this.grid);
    this.empty = firstVisit();
    this.nothing = el(
      "div",
      { class: "empty", hidden: true },
      el("h3", {}, "No runs match this filter"),
      el("p", {}, "Words are matched against names. Try fewer words or another state."),
      el("button", { type: "button", class: "button", onclick: showAll }, "Show all runs"),
    );
    this.element = el("div", { class: "card table-card" }, this.frame, this.empty, this.nothing);
  }

  /**
   * @param {boolean} any whether there are rows
   * @param {boolean} filtered
   */
  show(any, filtered) {
    this.frame.hidden = !any;
    this.empty.hidden = any || filtered;
    this.nothing.hidden = any || !filtered;
  }

  /* Whether the table is on the screen, so that it can be measured. */
  get measurable() {
    return !this.frame.hidden && this.frame.clientWidth > 0;
  }

  /* The heights of the rows, which the style sheet decides by the width of the window. */
  get heights() {
    const style = getComputedStyle(this.frame);
    const height = (/** @type {string} */ name) => Number.parseFloat(style.getPropertyValue(name));
    return { run: height("--row-height"), bunch: height("--bunch-height") };
  }

  /**
   * The columns on the screen: on a phone those of a card, else those preferred, or those that fit.
   * @param {string[]} preferred
   */
  columns(preferred) {
    if (matchMedia("(max-width: 640px)").matches) return runColumns.card;
    return preferred.length ? preferred : runColumns.fitting(this.frame.clientWidth);
  }

  /** @param {string[]} columns */
  shape(columns) {
    this.grid.style.setProperty("--columns", runColumns.template(columns));
    this.grid.style.setProperty("--least", `${runColumns.wide(columns)}px`);
  }
}
