/* The table of a comparison: a column for each run or group; on a phone a card for each. */
import { lineKey } from "../../bands/card.js";
import { el, say } from "../../lib/element.js";
import { Idle } from "../../lib/idle.js";

/** @import { Column } from "./entries.js" */
/** @import { Cell, Row } from "./results.js" */
/** @typedef {{ text: HTMLElement, note: HTMLElement | null }} Words the words of a cell; few have a note */

const NARROWEST = 100; /* pixels of a column; those that no screen of this width shows come later */

/* Made anew only where columns or rows are other ones; else its words change. */
export class CompareTable {
  /** @param {(key: string) => void} based called when another column becomes the baseline */
  constructor(based) {
    this.based = based;
    this.shape = "";
    /** @type {Words[][]} of each row */
    this.cells = [];
    /** @type {[Column[], Row[], string] | null} */
    this.shown = null;
    this.narrow = matchMedia("(max-width: 640px)");
    this.rest = new Idle(); /* the other columns come once nothing else is to be drawn */
    this.left = new AbortController();
    this.narrow.addEventListener("change", () => this.shown && this.show(...this.shown), {
      signal: this.left.signal,
    });
    this.frame = el("div", {
      class: "table-frame compare-frame",
      tabindex: "0",
      role: "region",
      "aria-label": "Results and settings",
    });
    this.note = el("p", { class: "form-note table-note", hidden: true });
    this.element = el("div", { class: "card table-card" }, this.frame, this.note);
  }

  /**
   * @param {Column[]} columns
   * @param {Row[]} rows
   * @param {string} power what these runs can't show
   */
  show(columns, rows, power) {
    this.shown = [columns, rows, power];
    say(this.note, power);
    this.note.hidden = !power;
    this.rest.cancel();
    const seen = Math.ceil(innerWidth / NARROWEST);
    const first = !this.shape && columns.length > seen;
    this._show(first ? columns.slice(0, seen) : columns, rows);
    if (first) this.rest.ask(() => this._show(columns, rows));
  }

  /**
   * @param {Column[]} columns
   * @param {Row[]} rows
   */
  _show(columns, rows) {
    const shape = JSON.stringify([
      this.narrow.matches,
      columns.map(({ key, label, color, base }) => [key, label, color, base]),
      rows.map((row) => [row.key, row.same]),
    ]);
    if (shape !== this.shape) this._build(columns, rows);
    this.shape = shape;
    rows.forEach(({ cells }, r) => columns.forEach((_, c) => fill(this.cells[r][c], cells[c])));
  }

  /**
   * @param {Column[]} columns
   * @param {Row[]} rows
   */
  _build(columns, rows) {
    const { activeElement } = document;
    const key = activeElement instanceof HTMLInputElement && this.frame.contains(activeElement)
      ? activeElement.value
      : "";
    this.cells = rows.map(({ cells }) =>
      columns.map((_, c) => ({ text: el("span", {}, cells[c].text), note: null }))
    );
    this.frame.replaceChildren(this.narrow.matches ? this._cards(columns, rows) : this._table(columns, rows));
    if (!key) return;
    const again = this.frame.querySelector(`input[value="${CSS.escape(key)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /**
   * The name of a column, and of several the choice of a baseline.
   * @param {Column} column
   * @param {boolean} several
   */
  _head(column, several) {
    const { key, label, title, href } = column;
    const link = el("a", { class: "run-link", href, title }, label);
    const name = el("span", { class: "column-name" }, lineKey(column), link);
    if (!several) return [name];
    const choice = el(
      "label",
      { class: "base-choice" },
      el("input", {
        type: "radio",
        name: "baseline",
        value: key,
        checked: column.base,
        onchange: () => this.based(key),
      }),
      el("span", {}, "baseline", el("span", { class: "visually-hidden" }, ` ${label}`)),
    );
    return [name, choice];
  }

  /**
   * @param {Column[]} columns
   * @param {Row[]} rows
   */
  _table(columns, rows) {
    const head = el(
      "tr",
      {},
      el("td", {}),
      ...columns.map((column) => el("th", { scope: "col" }, ...this._head(column, columns.length > 1))),
    );
    const lines = rows.map((row, r) =>
      el(
        "tr",
        { "data-row": row.key, class: row.same ? "same" : "" },
        el("th", { scope: "row" }, row.head),
        ...this.cells[r].map(({ text }) => el("td", {}, text)),
      )
    );
    return el("table", { class: "compare-table" }, el("thead", {}, head), el("tbody", {}, ...lines));
  }

  /**
   * @param {Column[]} columns
   * @param {Row[]} rows
   */
  _cards(columns, rows) {
    const line = (/** @type {Row} */ row, /** @type {Words} */ { text }) =>
      el(
        "div",
        { "data-row": row.key, class: row.same ? "same" : "" },
        el("dt", {}, row.head),
        el("dd", {}, text),
      );
    const cards = columns.map((column, c) =>
      el(
        "section",
        { class: "compare-card" },
        el("header", {}, ...this._head(column, columns.length > 1)),
        el("dl", {}, ...rows.map((row, r) => line(row, this.cells[r][c]))),
      )
    );
    return el("div", { class: "compare-cards" }, ...cards);
  }

  leave() {
    this.rest.cancel();
    this.left.abort();
  }
}

/**
 * @param {Words} words
 * @param {Cell} cell
 */
function fill(words, cell) {
  const place = words.text.parentElement;
  say(words.text, cell.text);
  if (cell.note && !words.note) {
    words.note = el("span", { class: "cell-note" });
    place?.append(words.note);
  }
  if (words.note) say(words.note, cell.note ?? "");
  const marks = marksOf(cell);
  if (place && place.className !== marks) place.className = marks;
}

/** @param {Cell} cell */
const marksOf = ({ differs, strong }) =>
  [differs ? "differs" : "", strong ? "strong" : ""].filter(Boolean).join(" ");
