/* The table of a comparison: a column a run or group; on a phone a card each. Made once, its words are renewed. */
import { lineKey } from "../../bands/card.js";
import { el, say } from "../../lib/element.js";

export class CompareTable {
  /* `based(key)`: another column is the baseline. */
  constructor(based) {
    this.based = based;
    this.narrow = matchMedia("(max-width: 640px)");
    this.turned = () => this.told && this.show(...this.told);
    this.narrow.addEventListener("change", this.turned);
    this.frame = el("div", {
      class: "table-frame compare-frame",
      tabindex: "0",
      role: "region",
      "aria-label": "Results and settings",
    });
    this.element = el("div", { class: "card table-card" }, this.frame);
  }

  /* `columns`: [{key, label, color, dash, href, base}]; `rows`: [{key, head, same, cells: [{text, note, differs, strong}]}]. */
  show(columns, rows) {
    this.told = [columns, rows];
    const shape = JSON.stringify([
      this.narrow.matches,
      columns.map((c) => [c.key, c.label, c.color, c.base]),
      rows.map((row) => [row.key, row.same]),
    ]);
    if (shape !== this.shape) {
      this.shape = shape;
      const at = this.frame.contains(document.activeElement) ? document.activeElement.value : null;
      this.cells = rows.map(() =>
        columns.map(() => ({ text: el("span", {}), note: el("span", { class: "cell-note" }) }))
      );
      this.frame.replaceChildren(
        this.narrow.matches ? this._cards(columns, rows) : this._table(columns, rows),
      );
      if (at) this.frame.querySelector(`input[value="${CSS.escape(at)}"]`)?.focus();
    }
    rows.forEach((row, r) => row.cells.forEach((cell, c) => this._fill(this.cells[r][c], cell)));
  }

  _fill({ text, note }, cell) {
    say(text, cell.text);
    say(note, cell.note ?? "");
    const place = text.parentNode;
    place.classList.toggle("differs", Boolean(cell.differs));
    place.classList.toggle("strong", Boolean(cell.strong));
  }

  _head(column, several) {
    const name = el(
      column.href ? "a" : "span",
      { class: "run-link", href: column.href, title: column.title },
      column.label,
    );
    const base = el(
      "label",
      { class: "base-choice" },
      el("input", {
        type: "radio",
        name: "baseline",
        value: column.key,
        checked: column.base,
        onchange: () => this.based(column.key),
      }),
      el("span", {}, "baseline", el("span", { class: "visually-hidden" }, ` ${column.label}`)),
    );
    return [el("span", { class: "column-name" }, lineKey(column), name), several ? base : null].filter(
      Boolean,
    );
  }

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
        ...columns.map((_, c) => el("td", {}, this.cells[r][c].text, this.cells[r][c].note)),
      )
    );
    return el("table", { class: "compare-table" }, el("thead", {}, head), el("tbody", {}, ...lines));
  }

  _cards(columns, rows) {
    const card = (column, c) =>
      el(
        "section",
        { class: "compare-card" },
        el("header", {}, ...this._head(column, columns.length > 1)),
        el(
          "dl",
          {},
          ...rows.map((row, r) =>
            el(
              "div",
              { "data-row": row.key, class: row.same ? "same" : "" },
              el("dt", {}, row.head),
              el("dd", {}, this.cells[r][c].text, this.cells[r][c].note),
            )
          ),
        ),
      );
    return el("div", { class: "compare-cards" }, ...columns.map(card));
  }

  leave() {
    this.narrow.removeEventListener("change", this.turned);
  }
}
