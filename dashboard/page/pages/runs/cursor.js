/* The row that the keyboard is at. */

/** @import { Item, RunItem } from "./order.js" */
/**
 * What the cursor uses of the list of rows.
 * @typedef {object} Rows
 * @property {Item[]} items
 * @property {(index: number) => unknown} reveal scrolls to an item; its row, when there is one
 */

/* A place among the rows of runs; the heads of groups are passed over. */
export class Cursor {
  /** @param {Rows} rows */
  constructor(rows) {
    this.rows = rows;
    this.key = ""; /* of its row; none at first */
    /** @type {number[]} indices of the rows of runs */
    this.places = [];
  }

  /* The rows are other ones: the cursor stays at its run while that is among them. */
  renew() {
    const { items } = this.rows;
    this.places = [];
    for (let i = 0; i < items.length; i++) if (items[i].kind === "run") this.places.push(i);
    if (this.key && !items.some((item) => item.key === this.key)) this.key = "";
  }

  /**
   * To a later row or, with a negative number, an earlier one. What `reveal` gives for it.
   * @param {number} by
   */
  move(by) {
    const { items } = this.rows;
    if (!this.places.length) return null;
    const now = this.places.findIndex((i) => items[i].key === this.key);
    const next = now < 0 ? 0 : Math.max(0, Math.min(this.places.length - 1, now + by));
    this.key = items[this.places[next]].key;
    return this.rows.reveal(this.places[next]);
  }

  /** @returns {RunItem | null} */
  get item() {
    const item = this.rows.items.find(({ key }) => key === this.key);
    return item?.kind === "run" ? item : null;
  }
}
