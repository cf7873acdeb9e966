/* Drawing what is due within a frame's time: what does not fit comes with the next frame, oldest first. */

const BUDGET_MS = 28;

export class Painter {
  constructor() {
    this.turn = 0;
  }

  /* Draw the visible ones of `cards` with `draw(card, from)`; `from`: the first step that changed, `lasts`: how far
     each run got. Whether all were drawn. Each card then knows in `reached` which steps it shows. */
  paint(cards, from, lasts, draw) {
    const began = performance.now();
    const due = [];
    for (const card of cards) {
      if (!card.visible || !card.ready) {
        card.forget();
        card.since = -Infinity;
        continue;
      }
      card.since = Math.min(card.since ?? -Infinity, from);
      due.push(card);
    }
    due.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0));
    this.turn++;
    for (const [i, card] of due.entries()) {
      if (i && performance.now() - began > BUDGET_MS) return false;
      draw(card, card.since);
      Object.assign(card, { since: Infinity, turn: this.turn, reached: lasts });
    }
    return true;
  }

  /* The last step of a run that every visible card shows. */
  reached(cards, id, last) {
    const steps = cards.filter((card) => card.visible && card.ready).map((card) =>
      card.reached?.get(id) ?? -1
    );
    return Math.min(last, ...steps);
  }
}
