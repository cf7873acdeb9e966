import { ask } from "../api/ask.js";

/* Small curves of the runs on the screen, asked for together; those that go on are asked for again. */
export class SparkFeed {
  /* `changed(id)` is told of each that came. */
  constructor(changed) {
    this.changed = changed;
    this.known = new Map();
    this.asking = false;
  }

  get(id) {
    return this.known.get(id)?.data ?? null;
  }

  async want(runs) {
    const now = performance.now();
    const due = runs.filter((run) => run.step > 0 && this._old(run, now)).slice(0, 100);
    if (this.asking || !due.length) return;
    this.asking = true;
    try {
      const answer = await ask(`/runs/sparks?runs=${due.map((run) => run.id).join(",")}`);
      for (const run of due) {
        this.known.set(run.id, { at: now, step: run.step, state: run.state, data: null });
      }
      for (const data of answer) {
        const one = this.known.get(data.run);
        Object.assign(one, { data, step: Math.max(one.step, data.step) });
        this.changed(data.run);
      }
      for (const id of [...this.known.keys()].slice(0, Math.max(0, this.known.size - 2000))) {
        this.known.delete(id);
      }
    } catch {
      /* the connection's own banner says so; the next round asks again */
    }
    this.asking = false;
  }

  _old(run, now) {
    const one = this.known.get(run.id);
    if (!one) return true;
    return now - one.at > SparkFeed.EVERY_MS && (one.step < run.step || one.state !== run.state);
  }
}
