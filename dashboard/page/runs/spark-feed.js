import { ask } from "../api/ask.js";

/** @import { Run, RunState, Spark } from "../api/schema.d.ts" */
/** @typedef {{ at: number, step: number, state: RunState, data: Spark | null }} Known */

const TOGETHER = 100; /* curves in one request */
const MOST = 2000; /* curves kept */

/* Small curves of the runs on the screen, requested together; those of growing runs are requested again. */
export class SparkFeed {
  static EVERY_MS = 1900;

  /** @param {(id: string) => void} changed called for each run whose curves arrived */
  constructor(changed) {
    this.changed = changed;
    /** @type {Map<string, Known>} */
    this.known = new Map();
    this.asking = false;
  }

  /**
   * @param {string} id
   * @returns {Spark | null}
   */
  get(id) {
    return this.known.get(id)?.data ?? null;
  }

  /** @param {Run[]} runs those on the screen */
  async want(runs) {
    const now = performance.now();
    const due = runs.filter((run) => run.step > 0 && this._old(run, now)).slice(0, TOGETHER);
    if (this.asking || !due.length) return;
    this.asking = true;
    try {
      this._take(due, await ask(`/runs/sparks?runs=${due.map((run) => run.id).join(",")}`), now);
    } catch {
      /* the connection's banner reports it; the next round tries again */
    }
    this.asking = false;
  }

  /**
   * @param {Run[]} due
   * @param {Spark[]} answer
   * @param {number} now
   */
  _take(due, answer, now) {
    for (const run of due) {
      this.known.set(run.id, { at: now, step: run.step, state: run.state, data: null });
    }
    for (const data of answer) {
      const known = this.known.get(data.run);
      if (!known) continue;
      Object.assign(known, { data, step: Math.max(known.step, data.step) });
      this.changed(data.run);
    }
    for (const id of [...this.known.keys()].slice(0, Math.max(0, this.known.size - MOST))) {
      this.known.delete(id);
    }
  }

  /**
   * @param {Run} run
   * @param {number} now
   */
  _old(run, now) {
    const known = this.known.get(run.id);
    if (!known) return true;
    return now - known.at > SparkFeed.EVERY_MS && (known.step < run.step || known.state !== run.state);
  }
}
