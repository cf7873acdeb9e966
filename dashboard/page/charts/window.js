/* Which steps are in view: all, up to the newest, or a window that is dragged, moved and scaled. Pure. */

/** @typedef {[first: number, last: number]} Steps */

const LEAST = 4; /* steps in a window */

export class Window {
  constructor() {
    /** Whole steps, or null: all. @type {Steps | null} */
    this.at = null;
    /** The same before rounding, so that small moves add up. @type {Steps | null} */
    this.exact = null;
  }

  /**
   * Other edges.
   * @param {number} x0
   * @param {number} x1
   * @param {number} last the newest step
   */
  to(x0, x1, last) {
    const span = Math.max(LEAST, x1 - x0);
    const from = Math.max(0, Math.min(x0, Math.max(last, span) - span));
    this.exact = [from, from + span];
    this.at = [Math.round(from), Math.round(from + span)];
    return this.at;
  }

  all() {
    [this.at, this.exact] = [null, null];
  }

  /**
   * Move by a share of what is in view.
   * @param {number} share
   * @param {number} last
   * @returns {boolean} whether that changed anything
   */
  pan(share, last) {
    const [x0, x1] = this.exact ?? [0, last];
    const by = share * (x1 - x0);
    const room = by < 0 ? x0 > 0 : x1 < last;
    if (!by || !room) return false;
    this.to(x0 + by, x1 + by, last);
    return true;
  }

  /**
   * Wider (> 1) or narrower around the place at `share`; everything when there are not more steps.
   * @param {number} factor
   * @param {number} share
   * @param {number} last
   */
  scale(factor, share, last) {
    const [x0, x1] = this.exact ?? [0, last];
    const span = Math.max(LEAST, factor * (x1 - x0));
    if (span >= last) {
      this.all();
      return;
    }
    const pivot = x0 + share * (x1 - x0);
    this.to(pivot - share * span, pivot + (1 - share) * span, last);
  }

  get text() {
    return this.at ? this.at.join("-") : "";
  }

  /**
   * The steps that `text` says, or null.
   * @param {string} text
   * @returns {Steps | null}
   */
  static read(text) {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
    return Number(last) > Number(first) ? [Number(first), Number(last)] : null;
  }
}
