/* An instrument is an overview: while a run grows, four pictures of it a second are enough. Charts, whose new
   steps are painted over what is there, are drawn far more often. */
const CALM_MS = 250;
const SPREAD = 0.382; /* of the time between two: what each begins later spreads any number of them evenly */

let begun = 0; /* how many instruments there were */

/* Instruments that fell due together would hold up the charts that are drawn with them. */
export class Calm {
  /** @param {() => void} again called once it is time for the next picture */
  constructor(again) {
    this.again = again;
    this.last = -Infinity;
    this.timer = 0;
    this.ahead = CALM_MS * ((begun++ * SPREAD) % 1); /* by which its second picture comes sooner */
  }

  /** Whether it is too early for another picture; where it is not, there is one now. */
  early() {
    const left = this.last + CALM_MS - performance.now();
    if (left > 0) {
      this.timer ||= setTimeout(() => this._due(), left);
      return true;
    }
    this.last = performance.now() - this.ahead;
    this.ahead = 0;
    return false;
  }

  _due() {
    this.timer = 0;
    this.again();
  }
}
