/* Thousands of rows of which only those on the screen exist: the cost of a list is that of one screen. */

const BEYOND_PX = 300; /* rows that are made before they come into sight */
const FIRST = 8; /* so many stand there even while the list is far below: who reads by ear finds them */

export class Virtual {
  /* `frame` scrolls, or the window does; `body` holds the rows. `make(kind)` gives {element, fill(item)}; items are
     {key, kind, height}. `seen(items)` is told what stands there after each draw. */
  constructor(frame, body, make, seen) {
    Object.assign(this, { frame, body, make, seen, items: [], tops: [0], rows: new Map(), spare: new Map() });
    this._moved = () => this.soon();
    window.addEventListener("scroll", this._moved, { capture: true, passive: true });
    this._sized = new ResizeObserver(this._moved);
    this._sized.observe(frame);
  }

  /* Other items. What stands at the top stays where it is, unless that is the first. */
  show(items) {
    const anchor = this.frame.scrollTop > 0 ? this._at(this.frame.scrollTop) : 0;
    const held = anchor > 0
      ? { key: this.items[anchor]?.key, off: this.frame.scrollTop - this.tops[anchor] }
      : null;
    this.items = items;
    this.tops = [0];
    for (const item of items) this.tops.push(this.tops.at(-1) + item.height);
    this.body.style.height = `${this.tops.at(-1)}px`;
    const now = held ? items.findIndex((item) => item.key === held.key) : -1;
    if (now >= 0) this.frame.scrollTop = this.tops[now] + held.off;
    this.draw();
  }

  soon() {
    if (this._asked) return;
    this._asked = requestAnimationFrame(() => this.draw());
  }

  /* The index of the item at a distance from the top of all. */
  _at(y) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /* First and last+1 item of what can be seen, with some beyond. */
  _range() {
    const frame = this.frame.getBoundingClientRect();
    const top = this.body.getBoundingClientRect().top;
    const from = Math.max(frame.top, 0) - top - BEYOND_PX;
    const to = Math.min(frame.bottom, window.innerHeight) - top + BEYOND_PX;
    if (to < 0) return [0, Math.min(this.items.length, FIRST)];
    return [this._at(from), Math.min(this.items.length, this._at(to) + 1)];
  }

  draw() {
    cancelAnimationFrame(this._asked);
    this._asked = 0;
    const [first, last] = this._range();
    const shown = this.items.slice(first, last);
    const kept = new Set(shown.map((item) => item.key));
    for (const [key, row] of this.rows) if (!kept.has(key)) this._put(key, row);
    shown.forEach((item, i) => {
      const row = this.rows.get(item.key) ?? this._take(item);
      row.element.style.transform = `translateY(${this.tops[first + i]}px)`;
      row.element.setAttribute("aria-rowindex", String(first + i + 2));
      row.fill(item);
      if (this.body.children[i] !== row.element) {
        this.body.insertBefore(row.element, this.body.children[i] ?? null);
      }
    });
    this.seen(shown);
  }

  _put(key, row) {
    this.rows.delete(key);
    row.element.remove();
    this.spare.set(row.kind, [...(this.spare.get(row.kind) ?? []), row].slice(-40));
  }

  _take(item) {
    const row = this.spare.get(item.kind)?.pop() ?? Object.assign(this.make(item.kind), { kind: item.kind });
    this.rows.set(item.key, row);
    return row;
  }

  /* Scroll so that an item is whole on the screen; its row, once it stands. */
  reveal(index) {
    const [top, bottom] = [this.tops[index], this.tops[index + 1]];
    const inner = this.frame.scrollHeight > this.frame.clientHeight + 1;
    if (inner) {
      const head = this.body.offsetTop;
      const height = this.frame.clientHeight;
      if (top < this.frame.scrollTop) this.frame.scrollTop = top;
      else if (bottom + head > this.frame.scrollTop + height) this.frame.scrollTop = bottom + head - height;
    }
    this.draw();
    const row = this.rows.get(this.items[index]?.key);
    row?.element.scrollIntoView({ block: "nearest" });
    return row ?? null;
  }

  /* Rows of other columns: none that exist can be kept. */
  forget() {
    for (const row of this.rows.values()) row.element.remove();
    this.rows.clear();
    this.spare.clear();
  }

  leave() {
    cancelAnimationFrame(this._asked);
    window.removeEventListener("scroll", this._moved, { capture: true });
    this._sized.disconnect();
  }
}
