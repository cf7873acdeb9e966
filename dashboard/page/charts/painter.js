/* Drawing what is due within a frame's time: what does not fit comes with the next frame, oldest first.
   Cards near the screen but not on it are kept ready for scrolling, seldom. */

/** @import { CardParts, Painted } from "./card.js" */

/** @typedef {Pick<CardParts, "visible" | "ready" | "forget" | "measure"> & Painted} Paintable */

const BUDGET_MS = 28;
export const ASIDE_MS = 1000; /* a card out of sight is drawn no oftener */

/** @param {Painted} card */
const rested = ({ at }) => at === undefined || performance.now() - at >= ASIDE_MS;

export class Painter {
  constructor() {
    this.turn = 0;
    this.aside = false; /* whether a card out of sight waits for its time */
  }

  /**
   * Draw the visible cards. Each card then knows in `reached` which steps it shows. All are measured before
   * the first is drawn: a size read between two changed texts costs a layout each.
   * @template {Paintable} T
   * @param {T[]} cards
   * @param {number} from the first step that changed
   * @param {Map<string, number>} lasts how far each run got
   * @param {(card: T, from: number) => void} draw
   * @param {boolean} [unseen] whether the page is not seen before all in sight is drawn: frames say nothing
   * then, and what is near the screen comes later
   * @returns {boolean} whether all were drawn
   */
  paint(cards, from, lasts, draw, unseen) {
    const began = performance.now();
    const due = this._due(cards, from);
    this.turn++;
    for (const card of due) card.measure();
    const now = unseen ? due.filter((card) => card.seen) : due;
    const budget = unseen ? Infinity : BUDGET_MS;
    for (const [i, card] of now.entries()) {
      if (i && performance.now() - began > budget) return false;
      draw(card, card.since ?? -Infinity);
      Object.assign(card, { since: Infinity, turn: this.turn, at: began, reached: lasts });
    }
    return now.length === due.length;
  }

  /**
   * The cards to draw, those that waited longest first; others forget what they show.
   * @template {Paintable} T
   * @param {T[]} cards
   * @param {number} from
   */
  _due(cards, from) {
    const due = [];
    this.aside = false;
    for (const card of cards) {
      if (!card.visible || !card.ready) {
        card.forget();
        card.since = -Infinity;
        continue;
      }
      card.since = Math.min(card.since ?? -Infinity, from);
      if (card.seen || rested(card)) due.push(card);
      else this.aside ||= card.since < Infinity;
    }
    return due.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0) || Number(b.seen) - Number(a.seen));
  }

  /**
   * The last step of a run that every card in sight shows.
   * @param {Paintable[]} cards
   * @param {string} id
   * @param {number} last
   */
  reached(cards, id, last) {
    const shown = cards.filter((card) => card.seen && card.visible && card.ready);
    return Math.min(last, ...shown.map((card) => card.reached?.get(id) ?? -1));
  }
}
