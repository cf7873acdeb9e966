/* When to draw: only what is dirty and on the screen, at most 24 times a second, less often when drawing is
   expensive. */
import { stats } from "../lib/stats.js";

const FASTEST_MS = 42; /* frames come each 17: every second and every third in turn */
const SLOWEST_MS = 1000;
const SHARE = 2.5; /* frames take two fifths of the time at most */
const FRAME_MS = 8; /* half of one: waiting for the next frame takes the rest */
const WORTH_MS = 4; /* a shorter wait is not worth a timer */

export class Loop {
  /** @param {() => void} draw draws everything dirty; called in an animation frame */
  constructor(draw) {
    this.draw = draw;
    this.cost = 0;
    this.last = -Infinity;
    this.due = false;
    this._timer = 0;
    this._late = 0;
    this._request = 0;
  }

  /**
   * Something changed.
   * @param {boolean} [now] the user did it and should not wait
   */
  ask(now = false) {
    if (now) this.last = -Infinity;
    if (this.due && !(now && this._timer)) return;
    clearTimeout(this._timer);
    this._timer = 0;
    this.due = true;
    const left = this.last + this._pause - performance.now() - FRAME_MS;
    if (left > WORTH_MS) this._timer = setTimeout(() => this._frame(), left);
    else this._frame();
  }

  /**
   * Something changed that may wait.
   * @param {number} ms until it is drawn
   */
  later(ms) {
    clearTimeout(this._late);
    this._late = setTimeout(() => this.ask(true), ms);
  }

  /** Draw now: what is not seen before it is drawn waits for no frame. */
  flush() {
    clearTimeout(this._timer);
    cancelAnimationFrame(this._request);
    this._run();
  }

  /* Between two drawings. */
  get _pause() {
    return Math.min(SLOWEST_MS, Math.max(FASTEST_MS, SHARE * this.cost));
  }

  _frame() {
    this._timer = 0;
    this._request = requestAnimationFrame(() => this._run());
  }

  _run() {
    this._timer = 0;
    this.due = false;
    const began = performance.now();
    this.draw();
    const took = performance.now() - began;
    const due = this.last + this._pause;
    this.last = began - due < 2 * FRAME_MS ? due : began; /* what one frame was late the next one is early */
    this._painted(() => (this.cost = 0.8 * this.cost + 0.2 * (performance.now() - began)));
    stats.draws++;
    stats.lastDrawMs = took;
    stats.drawMs += took;
    const { onDrawn } = stats;
    const at = performance.timeOrigin + began + took;
    if (onDrawn) requestAnimationFrame(() => onDrawn(performance.timeOrigin + performance.now(), at));
  }

  /**
   * After the browser has put the frame on the screen, which may cost more than making it.
   * @param {() => void} then
   */
  _painted(then) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      then();
    };
    port2.postMessage(null);
  }

  stop() {
    this.due = true; /* requests of answers that are still on their way have no effect */
    clearTimeout(this._timer);
    clearTimeout(this._late);
    cancelAnimationFrame(this._request);
  }
}
