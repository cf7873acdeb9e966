/* A page that asks again and again, ever more seldom where answers take long. */
import { stats } from "../lib/stats.js";
import { connection } from "./banner.js";

const EVERY_MS = 2000;

export class Renewed {
  constructor(root) {
    this.root = root;
    this.alive = true;
  }

  /* `load()` asks and shows, unless `turn` is another one by then; `refuse(words)`, if there is one, says that there
     is no such thing; `every` in milliseconds. */
  async renew() {
    clearTimeout(this.timer);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const began = performance.now();
    try {
      await this.load();
      if (!this.alive) return;
      connection(true);
      stats.connected = true;
    } catch (error) {
      if (!this.alive || turn !== this.turn) return;
      if (error.status === 404 && this.refuse) {
        this.refuse(error.message);
        return;
      }
      connection(false, error.message);
    }
    if (turn === this.turn) {
      this.timer = setTimeout(
        () => this.renew(),
        Math.max(this.every ?? EVERY_MS, 4 * (performance.now() - began)),
      );
    }
  }

  recolor() {}

  leave() {
    this.alive = false;
    clearTimeout(this.timer);
  }
}

Renewed.EVERY_MS = EVERY_MS;
