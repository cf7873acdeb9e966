/* When to draw: only what is dirty and on the screen, at most 20 times a second, and seldomer when drawing is dear. */
import { stats } from "../lib/stats.js";

const FASTEST_MS = 50;
const SLOWEST_MS = 1000;
const SHARE = 2.5; /* frames take two fifths of the time at most */

export class Loop {
  /* `draw()` draws everything dirty and returns nothing; it is called inside an animation frame. */
  constructor(draw) {
    this.draw = draw;
    this.cost = 0;
    this.last = -Infinity;
    this.asked = false;
  }

  /* Something changed. `now`: the user did it and should not wait. */
  ask(now = false) {
    if (now) this.last = -Infinity;
    if (this.asked) return;
    this.asked = true;
    const pause = Math.min(SLOWEST_MS, Math.max(FASTEST_MS, SHARE * this.cost));
    const left = this.last + pause - performance.now() - 8;
    if (left > 4) this._timer = setTimeout(() => this._frame(), left);
    else this._frame();
  }

  _frame() {
    this._request = requestAnimationFrame(() => {
      this.asked = false;
      const began = performance.now();
      this.draw();
      const took = performance.now() - began;
      this.last = began;
      this._painted(() => (this.cost = 0.8 * this.cost + 0.2 * (performance.now() - began)));
      stats.draws++;
      stats.lastDrawMs = took;
      stats.drawMs += took;
      if (stats.onDrawn) {
        requestAnimationFrame(() => stats.onDrawn(performance.timeOrigin + performance.now()));
      }
    });
  }

  /* After the browser has put the frame on the screen, which may cost more than making it. */
  _painted(then) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      then();
    };
    port2.postMessage(null);
  }

  stop() {
    this.asked = true; /* whatever still asks, as an answer that is on its way, asks in vain */
    clearTimeout(this._timer);
    cancelAnimationFrame(this._request);
  }
}
