/* How the cards of the watch page are arranged: in which order, how large, which first, which not at all.
   Remembered in this browser, and written into the address as short words: "rho~wtp" is wide, tall and pinned. */
import { el, icon, say } from "../lib/element.js";
import { menuButton } from "../lib/menu.js";
import { address } from "../shell/address.js";

const KEY = "rhoscope-board";
const LETTERS = {
  w: ["width", "wide"],
  f: ["width", "full"],
  s: ["height", "short"],
  t: ["height", "tall"],
  p: ["pinned", true],
  x: ["hidden", true],
};
const WIDTHS = [["", "Normal width"], ["wide", "Wide"], ["full", "Full width"]];
const HEIGHTS = [["short", "Low"], ["", "Normal height"], ["tall", "Tall"]];
const PLAIN = { width: "", height: "", pinned: false, hidden: false };

/* {sizes: {name: {width, height, pinned, hidden}}, order: [name]} as text and back; what is as usual is left out. */
export function boardWritten({ sizes, order }) {
  const flags = (size) =>
    Object.entries(LETTERS).filter(([, [what, value]]) => size?.[what] === value).map(([letter]) => letter)
      .join("");
  const names = order.length ? order : Object.keys(sizes);
  const others = Object.keys(sizes).filter((name) => !names.includes(name));
  const words = [...names, ...others].map((name) => [name, flags(sizes[name])]).filter(([, letters]) =>
    order.length || letters
  );
  return (order.length ? "order," : "") +
    words.map(([name, letters]) => (letters ? `${name}~${letters}` : name)).join(",");
}

export function boardRead(text) {
  const words = text.split(",").filter(Boolean);
  const ordered = words[0] === "order";
  const sizes = {};
  const order = [];
  for (const word of ordered ? words.slice(1) : words) {
    const [name, letters = ""] = word.split("~");
    if (ordered) order.push(name);
    const known = [...letters].map((letter) => LETTERS[letter]).filter(Boolean);
    if (known.length) sizes[name] = { ...PLAIN, ...Object.fromEntries(known) };
  }
  return { sizes, order };
}

export class Board {
  /* `holder` and `more` take the cards; `changed(name)` is called when a card is shown again or has another size. */
  constructor(holder, more, changed) {
    Object.assign(this, { holder, more, changed });
    this.cards = new Map(); /* name -> {card, title, late, button} in the order in which they came */
    this.live = el("div", { class: "visually-hidden", role: "status" });
    holder.after(this.live);
    this.load();
  }

  /* From the address, or else as it was left. */
  load() {
    const given = address.get("board");
    const text = given || stored();
    Object.assign(this, boardRead(text === "usual" ? "" : text));
    if (!given && text) this._tell();
  }

  get text() {
    return boardWritten(this);
  }

  /* Take a card; it comes where it belongs. */
  add(name, card, late) {
    const title = card.element.querySelector("h3")?.textContent || name;
    const button = menuButton(
      { class: "icon-button card-menu", "aria-label": `More of ${title}`, title: "Size, place and files" },
      [icon("more")],
      () => this._items(name),
    );
    const head = card.element.querySelector("header") ?? card.element;
    head.append(button);
    button.addEventListener("keydown", (event) => this._keys(name, event));
    this.cards.set(name, { card, title, late, button });
    this._draggable(name, head);
    this.arrange();
  }

  /* As usual the cards stand in this order, whichever came first. */
  usual(names) {
    const place = (name) => (names.includes(name) ? names.indexOf(name) : names.length);
    const cards = [...this.cards].toSorted(([a], [b]) => place(a) - place(b));
    if (cards.every(([name], i) => name === [...this.cards.keys()][i])) return;
    this.cards = new Map(cards);
    this.arrange();
  }

  hidden(name) {
    return this._size(name).hidden;
  }

  _size(name) {
    return this.sizes[name] ?? PLAIN;
  }

  /* The names in the order in which they stand: pinned ones, then the others, then those that come later. */
  names() {
    const place = (name) => (this.order.includes(name) ? this.order.indexOf(name) : Infinity);
    const rank = (name) => (this._size(name).pinned ? 0 : this.cards.get(name).late ? 2 : 1);
    const came = [...this.cards.keys()];
    return came.toSorted((a, b) =>
      rank(a) - rank(b) || (place(a) === place(b) ? came.indexOf(a) - came.indexOf(b) : place(a) - place(b))
    );
  }

  /* Put each card where it belongs; the order on the page is the one that is read aloud. */
  arrange() {
    const holders = new Map([[this.holder, []], [this.more, []]]);
    for (const name of this.names()) {
      const { card, late } = this.cards.get(name);
      const { width, height, pinned, hidden } = this._size(name);
      Object.assign(card.element.dataset, { width, height });
      card.element.classList.toggle("pinned", pinned);
      card.element.hidden = hidden;
      holders.get(late && !pinned ? this.more : this.holder).push(card.element);
    }
    for (const [holder, elements] of holders) {
      elements.forEach((element, i) =>
        holder.children[i] !== element && holder.insertBefore(element, holder.children[i] ?? null)
      );
    }
    const fold = this.more.closest("details");
    if (fold) fold.hidden = ![...this.more.children].some((element) => !element.hidden);
  }

  set(name, changes) {
    this.sizes[name] = { ...this._size(name), ...changes };
    this._done();
    if ("hidden" in changes) {
      say(this.live, `${this.cards.get(name).title} is ${changes.hidden ? "hidden" : "shown"}.`);
    }
  }

  /* Earlier (-1) or later (+1) among those that are seen in its group. */
  move(name, by) {
    const peers = this._peers(name);
    const other = peers[peers.indexOf(name) + by];
    if (other) this.put(name, other, by > 0);
  }

  /* Before or behind another one. */
  put(name, other, behind) {
    const order = this.names().filter((one) => one !== name);
    order.splice(order.indexOf(other) + (behind ? 1 : 0), 0, name);
    this.order = order;
    this._done();
    const peers = this._peers(name);
    say(this.live, `${this.cards.get(name).title} is now ${peers.indexOf(name) + 1} of ${peers.length}.`);
  }

  _peers(name) {
    const group = (one) => `${this._size(one).pinned} ${this._size(one).pinned || this.cards.get(one).late}`;
    return this.names().filter((one) => group(one) === group(name) && !this.hidden(one));
  }

  reset() {
    Object.assign(this, { sizes: {}, order: [] });
    this._done();
    say(this.live, "The charts stand as usual.");
  }

  /* Those that were put away, as {name, title}. */
  away() {
    return this.names().filter((name) => this.hidden(name)).map((name) => ({
      name,
      title: this.cards.get(name).title,
    }));
  }

  _done() {
    this.arrange();
    try {
      localStorage.setItem(KEY, this.text);
    } catch {
      /* a browser that stores nothing forgets the arrangement, no more */
    }
    this._tell();
    this.changed();
  }

  _tell() {
    address.set({ board: this.text });
  }

  _items(name) {
    const { card, title, button } = this.cards.get(name);
    const { width, height, pinned } = this._size(name);
    const peers = this._peers(name);
    const stay = (act) => () => {
      act();
      button.focus({ preventScroll: true });
    };
    const choice = (key, now, choices) =>
      choices.map(([value, text]) => ({
        text,
        group: key,
        checked: now === value,
        act: () => this.set(name, { [key]: value }),
      }));
    return [
      ...(card.actions?.() ?? []),
      { title: "Place" },
      {
        text: "Move earlier",
        hint: "Alt ←",
        disabled: peers[0] === name,
        act: stay(() => this.move(name, -1)),
      },
      {
        text: "Move later",
        hint: "Alt →",
        disabled: peers.at(-1) === name,
        act: stay(() => this.move(name, 1)),
      },
      { text: "Pin to the top", checked: pinned, act: stay(() => this.set(name, { pinned: !pinned })) },
      { text: `Hide ${title}`, act: () => this._hide(name) },
      { title: "Size" },
      ...choice("width", width, WIDTHS),
      ...choice("height", height, HEIGHTS),
    ];
  }

  /* The focus goes to its neighbour's button. */
  _hide(name) {
    const peers = this._peers(name);
    const at = peers.indexOf(name);
    const next = peers[at + 1] ?? peers[at - 1];
    this.set(name, { hidden: true });
    (next ? this.cards.get(next).button : document.querySelector(".view-menu"))?.focus({
      preventScroll: true,
    });
  }

  _keys(name, event) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !by) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(name, by);
    this.cards.get(name).button.focus();
  }

  _draggable(name, head) {
    const { card } = this.cards.get(name);
    const { element } = card;
    head.draggable = true;
    head.addEventListener("dragstart", (event) => {
      this.dragged = name;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", name);
      event.dataTransfer.setDragImage(element, 20, 20);
    });
    head.addEventListener("dragend", () => this._drop(null));
    element.addEventListener("dragover", (event) => {
      if (!this.dragged || this.dragged === name || !this._peers(name).includes(this.dragged)) return;
      event.preventDefault();
      this._mark(element, behind(event, element));
    });
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      if (this.dragged && this.dragged !== name) this.put(this.dragged, name, behind(event, element));
      this._drop(null);
    });
  }

  _mark(element, after) {
    this._drop(this.dragged);
    element.dataset.drop = after ? "after" : "before";
  }

  _drop(dragged) {
    this.dragged = dragged;
    for (const { card } of this.cards.values()) delete card.element.dataset.drop;
  }
}

function behind(event, element) {
  const box = element.getBoundingClientRect();
  return event.clientX > box.left + box.width / 2;
}

function stored() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
