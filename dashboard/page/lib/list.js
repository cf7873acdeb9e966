import { el, say } from "./element.js";
import { whole } from "./numbers.js";

const heads = (names) =>
  el(
    "thead",
    {},
    el(
      "tr",
      {},
      ...names.map(([name, text]) =>
        el(
          "th",
          { scope: "col", class: `c-${name}` },
          text || el("span", { class: "visually-hidden" }, name.startsWith("act") ? "Orders" : "Place"),
        )
      ),
    ),
  );

/* A table with a title, whose rows are made once and filled at every answer. */
export class List {
  constructor(root, title, columns, empty) {
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

  /* `items` in order, each with a `key`; `make(item)` gives {element, fill(item, place)}. */
  show(items, make, total) {
    const keys = new Set(items.map((item) => item.key));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    items.forEach((item, place) => {
      if (!this.rows.has(item.key)) this.rows.set(item.key, make(item));
      const row = this.rows.get(item.key);
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
