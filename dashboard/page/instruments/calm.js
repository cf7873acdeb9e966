/* An instrument is an overview: while a run grows, four pictures of it a second are enough. Charts, whose new
   steps are painted over what is there, are drawn far more often. */
const CALM_MS = 250;

export class Calm {
  /** @param {() => void} again called once it is time for the next picture */
  constructor(again) {
    this.again = again;
    this.last = -Infinity;
    this.timer = 0;
  }

  /** Whether it is too early for another picture; where it is not, there is one now. */
  early() {
    const left = this.last + CALM_MS - performance.now();
    if (left > 0) {
      this.timer ||= setTimeout(() => this._due(), left);
      return true;
    }
    this.last = performance.now();
    return false;
  }

  _due() {
    this.timer = 0;
    this.again();
  }
}
