/* The heads of the columns. */
import { el } from "../../lib/element.js";
import { runColumns } from "./columns.js";

/** @import { Selection } from "./selection.js" */
/** @typedef {{ name: string, title: string, sort?: string, about?: string, right?: boolean }} Head */
/**
 * What the heads use of the page.
 * @typedef {object} HeadsPage
 * @property {Selection} selection
 * @property {{ sort: string }} view
 * @property {() => string[]} index ids of all runs that the filter keeps
 * @property {(name: string) => void} sortBy
 */

/** @param {string} text for those who hear the table */
const hidden = (text) => el("span", { class: "visually-hidden" }, text);

/* A row of heads: a click sorts by one, another reverses the order, a third forgets it. */
export class RunHeads {
  /** @param {HeadsPage} page */
  constructor(page) {
    this.page = page;
    this.all = el("input", {
      type: "checkbox",
      class: "check",
      "aria-label": "Select all runs that match the filter",
    });
    this.all.addEventListener("change", () => page.selection.set(page.index(), this.all.checked));
    this.element = el("div", { class: "run-heads", role: "row", "aria-rowindex": "1" });
    /** @type {[HTMLElement, string][]} heads and the fields by which they sort */
    this.sorting = [];
  }

  /** @param {string[]} columns */
  show(columns) {
    this.sorting = [];
    this.element.replaceChildren(
      el("div", { class: "cell c-check", role: "columnheader" }, this.all, hidden("Selected")),
      this._head({ name: "run", title: "Run", sort: "name" }),
      ...columns.map((name) => {
        const { title = name, sort, about, right } = runColumns.column(name) ?? {};
        return this._head({ name: "col", title, sort, about, right });
      }),
      el("div", { class: "cell c-act", role: "columnheader" }, hidden("Stop")),
    );
    this.mark(this.page.view.sort);
  }

  /** @param {Head} head */
  _head({ name, title, sort, about, right }) {
    const place = el("div", {
      class: `cell c-${name}${right ? " c-right" : ""}`,
      role: "columnheader",
      title: about,
    });
    if (sort) this.sorting.push([place, sort]);
    const act = () => sort && this.page.sortBy(sort);
    place.append(
      sort
        ? el("button", { type: "button", class: "head-button", onclick: act }, title)
        : el("span", {}, title),
    );
    return place;
  }

  /**
   * Mark the column that the table is sorted by.
   * @param {string} sort
   */
  mark(sort) {
    for (const [place, name] of this.sorting) {
      const turned = sort === `-${name}` ? "descending" : "none";
      place.setAttribute("aria-sort", sort === name ? "ascending" : turned);
    }
  }

  /* The selection has changed. */
  selected() {
    this.page.selection.mark(this.all, this.page.index());
  }
}
