/* Thousands of rows of which only those on the screen exist: the cost of a list is that of one screen. */

/** @typedef {{ key: string, kind: string, height: number }} VirtualItem */

/**
 * @template T
 * @typedef {{ element: HTMLElement, fill: (item: T) => void }} VirtualRow of one kind of item, used for many
 */

const BEYOND_PX = 300; /* rows are made this far before they come into sight */
const FIRST = 8; /* rows that exist even while the list is far below, for screen readers */
const SPARE = 40; /* rows of a kind kept for later */

/** @template {VirtualItem} T */
export class Virtual {
  /**
   * @param {HTMLElement} frame scrolls, or else the window does
   * @param {HTMLElement} body holds the rows
   * @param {(kind: T["kind"]) => VirtualRow<T>} make
   * @param {(shown: T[]) => void} seen called after each drawing with the items on the screen
   */
  constructor(frame, body, make, seen) {
    this.frame = frame;
    this.body = body;
    this.make = make;
    this.seen = seen;
    /** @type {T[]} */
    this.items = [];
    this.tops = [0]; /* where each item begins, and the last one ends */
    /** By key. @type {Map<string, { kind: string, row: VirtualRow<T> }>} */
    this.rows = new Map();
    /** By kind. @type {Map<string, VirtualRow<T>[]>} */
    this.spare = new Map();
    this._request = 0;
    this._moved = () => this.soon();
    globalThis.addEventListener("scroll", this._moved, { capture: true, passive: true });
    this._sized = new ResizeObserver(this._moved);
    this._sized.observe(frame);
  }

  /**
   * Other items. The item at the top keeps its place on the screen, unless it is the first.
   * @param {T[]} items
   */
  show(items) {
    const anchor = this.frame.scrollTop > 0 ? this._at(this.frame.scrollTop) : 0;
    const key = anchor > 0 ? this.items[anchor]?.key : undefined;
    const offset = this.frame.scrollTop - this.tops[anchor];
    this.items = items;
    this.tops = [0];
    let end = 0;
    for (const item of items) this.tops.push(end += item.height);
    this.body.style.height = `${end}px`;
    const place = anchor > 0 ? items.findIndex((item) => item.key === key) : -1;
    if (place >= 0) this.frame.scrollTop = this.tops[place] + offset;
    this.draw();
  }

  /** Draw with the next frame. */
  soon() {
    if (this._request) return;
    this._request = requestAnimationFrame(() => this.draw());
  }

  /**
   * The index of the item at a distance from the top of all.
   * @param {number} y
   */
  _at(y) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** First and last+1 item on the screen, with some beyond. */
  _range() {
    const frame = this.frame.getBoundingClientRect();
    const top = this.body.getBoundingClientRect().top;
    const from = Math.max(frame.top, 0) - top - BEYOND_PX;
    const to = Math.min(frame.bottom, innerHeight) - top + BEYOND_PX;
    if (to < 0) return [0, Math.min(this.items.length, FIRST)];
    return [this._at(from), Math.min(this.items.length, this._at(to) + 1)];
  }

  draw() {
    cancelAnimationFrame(this._request);
    this._request = 0;
    const [first, last] = this._range();
    const shown = this.items.slice(first, last);
    const kept = new Set(shown.map((item) => item.key));
    for (const key of [...this.rows.keys()]) if (!kept.has(key)) this._put(key);
    shown.forEach((item, i) => {
      const row = this.rows.get(item.key)?.row ?? this._take(item);
      row.element.style.transform = `translateY(${this.tops[first + i]}px)`;
      row.element.setAttribute("aria-rowindex", String(first + i + 2));
      row.fill(item);
      if (this.body.children[i] !== row.element) {
        this.body.insertBefore(row.element, this.body.children[i] ?? null);
      }
    });
    this.seen(shown);
  }

  /**
   * Put a row away for later.
   * @param {string} key
   */
  _put(key) {
    const entry = this.rows.get(key);
    if (!entry) return;
    this.rows.delete(key);
    entry.row.element.remove();
    this.spare.set(entry.kind, [...(this.spare.get(entry.kind) ?? []), entry.row].slice(-SPARE));
  }

  /** @param {T} item */
  _take({ key, kind }) {
    const row = this.spare.get(kind)?.pop() ?? this.make(kind);
    this.rows.set(key, { kind, row });
    return row;
  }

  /**
   * Scroll so that an item is entirely on the screen.
   * @param {number} index
   * @returns {VirtualRow<T> | null} its row
   */
  reveal(index) {
    const inner = this.frame.scrollHeight > this.frame.clientHeight + 1;
    if (inner) this._scrollTo(this.tops[index], this.tops[index + 1]);
    this.draw();
    const row = this.rows.get(this.items[index]?.key)?.row;
    row?.element.scrollIntoView({ block: "nearest" });
    return row ?? null;
  }

  /**
   * @param {number} top
   * @param {number} bottom
   */
  _scrollTo(top, bottom) {
    const head = this.body.offsetTop;
    const height = this.frame.clientHeight;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    else if (bottom + head > this.frame.scrollTop + height) this.frame.scrollTop = bottom + head - height;
  }

  /** Drop all rows, as when there are other columns. */
  forget() {
    for (const { row } of this.rows.values()) row.element.remove();
    this.rows.clear();
    this.spare.clear();
  }

  leave() {
    cancelAnimationFrame(this._request);
    globalThis.removeEventListener("scroll", this._moved, { capture: true });
    this._sized.disconnect();
  }
}
