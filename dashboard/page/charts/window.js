/* Which steps are seen: all, following the newest, or a window that is dragged, moved and scaled. Pure. */

const LEAST = 4; /* steps in a window */

export class Window {
  constructor() {
    this.at = null; /* [first, last] as whole steps, or null: all */
    this.exact = null; /* the same before rounding, so that small moves add up */
  }

  /* Other edges; `last` is the newest step. */
  to(x0, x1, last) {
    const span = Math.max(LEAST, x1 - x0);
    const from = Math.max(0, Math.min(x0, Math.max(last, span) - span));
    this.exact = [from, from + span];
    this.at = this.exact.map(Math.round);
    return this.at;
  }

  all() {
    [this.at, this.exact] = [null, null];
  }

  /* Move by a share of what is seen; whether that did anything. */
  pan(share, last) {
    const [x0, x1] = this.exact ?? [0, last];
    const by = share * (x1 - x0);
    const whole = x0 <= 0 && x1 >= last;
    if (!by || whole || (x0 <= 0 && by < 0) || (x1 >= last && by > 0)) return false;
    this.to(x0 + by, x1 + by, last);
    return true;
  }

  /* Wider (> 1) or narrower around the place at `share`; null is all. */
  scale(factor, share, last) {
    const [x0, x1] = this.exact ?? [0, last];
    const span = Math.max(LEAST, factor * (x1 - x0));
    if (span >= last) return this.all();
    const pivot = x0 + share * (x1 - x0);
    this.to(pivot - share * span, pivot + (1 - share) * span, last);
  }

  get text() {
    return this.at ? this.at.join("-") : "";
  }

  /* What `text` says, or null. */
  static read(text) {
    const found = /^(\d+)-(\d+)$/.exec(text);
    return found && Number(found[2]) > Number(found[1]) ? [Number(found[1]), Number(found[2])] : null;
  }
}
