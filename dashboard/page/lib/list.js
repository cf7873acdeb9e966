/* A table with a title, whose rows are created once and filled at every answer. */
import { el, say } from "./element.js";
import { whole } from "./numbers.js";

/** @typedef {[name: string, title: string]} Head a column's class and its title, which may be empty */

/**
 * @template T
 * @typedef {{ element: HTMLElement, fill: (item: T, place: number) => void }} ListRow
 */

/** @param {Head[]} columns */
const heads = (columns) =>
  el("thead", {}, el("tr", {}, ...columns.map(([name, title]) => head(name, title))));

/**
 * @param {string} name
 * @param {string} title
 */
function head(name, title) {
  const hidden = name.startsWith("act") ? "Actions" : "Place";
  const content = title || el("span", { class: "visually-hidden" }, hidden);
  return el("th", { scope: "col", class: `c-${name}` }, content);
}

/** @template {{ key: string }} T */
export class List {
  /**
   * @param {Element} root
   * @param {string} title
   * @param {Head[]} columns
   * @param {[title: string, text: string]} empty what is in the table's place while there are no rows
   */
  constructor(root, title, columns, empty) {
    /** @type {Map<string, ListRow<T>>} */
    this.rows = new Map();
    this.body = el("tbody", {});
    this.count = el("span", { class: "muted" });
    this.table = el(
      "div",
      { class: "table-frame", hidden: true },
      el("table", { class: "runs-table plain-table" }, heads(columns), this.body),
    );
    this.empty = el("div", { class: "empty", hidden: true }, el("h3", {}, empty[0]), el("p", {}, empty[1]));
    root.replaceChildren(
      el("header", { class: "section-head" }, el("h2", {}, title), this.count),
      el("div", { class: "card table-card" }, this.table, this.empty),
    );
  }

  /**
   * @param {T[]} items in order
   * @param {(item: T) => ListRow<T>} make
   * @param {number} total how many there are, shown or not
   */
  show(items, make, total) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    items.forEach((item, place) => {
      const row = this.rows.get(item.key) ?? make(item);
      this.rows.set(item.key, row);
      row.fill(item, place);
      if (this.body.children[place] !== row.element) {
        this.body.insertBefore(row.element, this.body.children[place] ?? null);
      }
    });
    this.table.hidden = !items.length;
    this.empty.hidden = items.length > 0;
    say(this.count, items.length ? whole(total) : "");
  }
}
