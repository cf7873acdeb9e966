/* The cards of the Watch page, arranged as the reader likes. Kept in this browser and in the address. */
import { el, icon, say } from "../lib/element.js";
import { menuButton } from "../lib/menu.js";
import { store, stored } from "../lib/storage.js";
import { address } from "../shell/address.js";
import { boardRead, boardWritten, PLAIN } from "./arrangement.js";
import { placeItems } from "./board-menu.js";
import { Drag } from "./drag.js";

/** @import { Size } from "./arrangement.js" */
/** @import { CardLike } from "./card.js" */

/**
 * A card of the board. `late`: it comes after the others, in a fold.
 * @typedef {{ card: CardLike, title: string, late: boolean, button: HTMLButtonElement }} Placed
 */

const KEY = "rhoscope-board";
const USUAL = "usual"; /* in the address: nothing differs from the usual */

/** @type {{ [key: string]: number }} */
const MOVES = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export class Board {
  /** @type {{ [name: string]: Size }} */
  sizes = {};
  /** @type {string[]} */
  order = [];

  /**
   * @param {HTMLElement} holder takes the cards
   * @param {HTMLElement} more takes the late ones
   * @param {() => void} changed called when a card is shown again or has another size
   */
  constructor(holder, more, changed) {
    this.holder = holder;
    this.more = more;
    this.changed = changed;
    /** By name, in the usual order. @type {Map<string, Placed>} */
    this.cards = new Map();
    this.drag = new Drag(this);
    this.live = el("div", { class: "visually-hidden", role: "status" });
    holder.after(this.live);
    this.load();
  }

  /** From the address, or else as it was left. */
  load() {
    const given = address.get("board");
    const text = given || stored(KEY);
    const { sizes, order } = boardRead(text === USUAL ? "" : text);
    [this.sizes, this.order] = [sizes, order];
    if (!given && text) this._write();
  }

  get text() {
    return boardWritten(this);
  }

  /**
   * Take a card and put it in its place.
   * @param {string} name
   * @param {CardLike} card
   * @param {boolean} late
   */
  add(name, card, late) {
    const title = card.element.querySelector("h3")?.textContent || name;
    const button = menuButton(
      { class: "icon-button card-menu", "aria-label": `More of ${title}`, title: "Size, place and files" },
      [icon("more")],
      () => [...(card.actions?.() ?? []), ...placeItems(this, name)],
    );
    const head = card.element.querySelector("header") ?? card.element;
    head.append(button);
    button.addEventListener("keydown", (event) => this._key(name, event));
    this.cards.set(name, { card, title, late, button });
    this.drag.attach(name, head, card.element);
    this.arrange();
  }

  /** @param {string[]} names the usual order, in whichever order the cards came */
  usual(names) {
    const place = (/** @type {string} */ name) => (names.includes(name) ? names.indexOf(name) : names.length);
    const before = [...this.cards.keys()];
    const cards = [...this.cards].toSorted(([a], [b]) => place(a) - place(b));
    if (cards.every(([name], i) => name === before[i])) return;
    this.cards = new Map(cards);
    this.arrange();
  }

  /** @param {string} name */
  hidden(name) {
    return this.size(name).hidden;
  }

  /** @param {string} name */
  size(name) {
    return this.sizes[name] ?? PLAIN;
  }

  /** @param {string} name */
  placed(name) {
    const placed = this.cards.get(name);
    if (!placed) throw new Error(`There is no card ${name}.`);
    return placed;
  }

  /** The names in the order of their cards: pinned ones, then the others, then the late ones. */
  names() {
    const usual = [...this.cards.keys()];
    /** @param {string} name */
    const rank = (name) => (this.size(name).pinned ? 0 : this.placed(name).late ? 2 : 1);
    /** @param {string} name */
    const place = (name) => (this.order.includes(name) ? this.order.indexOf(name) : this.order.length);
    return usual.toSorted((a, b) =>
      rank(a) - rank(b) || place(a) - place(b) || usual.indexOf(a) - usual.indexOf(b)
    );
  }

  /** Put each card in its place; the order on the page is the one that is read aloud. */
  arrange() {
    const names = this.names();
    for (const name of names) {
      const { element } = this.placed(name).card;
      const { width, height, pinned, hidden } = this.size(name);
      Object.assign(element.dataset, { width, height });
      element.classList.toggle("pinned", pinned);
      element.hidden = hidden;
    }
    const [first, later] = [
      names.filter((name) => !this._folded(name)),
      names.filter((name) => this._folded(name)),
    ];
    this._fill(this.holder, first);
    this._fill(this.more, later);
    const fold = this.more.closest("details");
    if (fold) fold.hidden = later.every((name) => this.hidden(name));
  }

  /** @param {string} name */
  _folded(name) {
    return this.placed(name).late && !this.size(name).pinned;
  }

  /**
   * @param {HTMLElement} holder
   * @param {string[]} names
   */
  _fill(holder, names) {
    names.forEach((name, i) => {
      const { element } = this.placed(name).card;
      if (holder.children[i] !== element) holder.insertBefore(element, holder.children[i] ?? null);
    });
  }

  /**
   * @param {string} name
   * @param {Partial<Size>} changes
   */
  set(name, changes) {
    this.sizes[name] = { ...this.size(name), ...changes };
    this._done();
    if ("hidden" in changes) {
      say(this.live, `${this.placed(name).title} is ${changes.hidden ? "hidden" : "shown"}.`);
    }
  }

  /**
   * Earlier (-1) or later (+1) among the visible cards of its group.
   * @param {string} name
   * @param {number} by
   */
  move(name, by) {
    const peers = this.peers(name);
    const other = peers[peers.indexOf(name) + by];
    if (other) this.put(name, other, by > 0);
  }

  /**
   * Before or behind another one.
   * @param {string} name
   * @param {string} other
   * @param {boolean} behind
   */
  put(name, other, behind) {
    const order = this.names().filter((each) => each !== name);
    order.splice(order.indexOf(other) + (behind ? 1 : 0), 0, name);
    this.order = order;
    this._done();
    const peers = this.peers(name);
    say(this.live, `${this.placed(name).title} is now ${peers.indexOf(name) + 1} of ${peers.length}.`);
  }

  /**
   * The visible cards of its group: pinned, late, or neither.
   * @param {string} name
   */
  peers(name) {
    const group = (/** @type {string} */ each) => {
      const { pinned } = this.size(each);
      return pinned ? "pinned" : this.placed(each).late;
    };
    return this.names().filter((each) => group(each) === group(name) && !this.hidden(each));
  }

  reset() {
    [this.sizes, this.order] = [{}, []];
    this._done();
    say(this.live, "The usual arrangement of charts is restored.");
  }

  /** The hidden cards. */
  away() {
    return this.names().filter((name) => this.hidden(name)).map((name) => ({
      name,
      title: this.placed(name).title,
    }));
  }

  /**
   * Hide a card; the focus goes to its neighbor's button.
   * @param {string} name
   */
  hide(name) {
    const peers = this.peers(name);
    const at = peers.indexOf(name);
    const next = peers[at + 1] ?? peers[at - 1];
    this.set(name, { hidden: true });
    const button = next ? this.placed(next).button : document.querySelector(".view-menu");
    if (button instanceof HTMLElement) button.focus({ preventScroll: true });
  }

  _done() {
    this.arrange();
    store(KEY, this.text);
    this._write();
    this.changed();
  }

  _write() {
    address.set({ board: this.text });
  }

  /**
   * @param {string} name
   * @param {KeyboardEvent} event
   */
  _key(name, event) {
    const by = MOVES[event.key];
    if (!event.altKey || !by) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(name, by);
    this.placed(name).button.focus();
  }
}
