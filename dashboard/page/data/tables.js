/* One of a run's tables over time: read from the store once somebody looks, then kept up by the live events. */
import { ask } from "../api/ask.js";
import { parsed } from "../lib/numbers.js";

const POINTS = 120; /* times that are read at most */
const MOST = 400; /* times that are held; with more of them every second one is let go */
const AGAIN_MS = 3000;

class Told {
  /* `frames`: [{step, epoch, values}] by step, values as [rows][columns]. */
  constructor(record, name) {
    Object.assign(this, { record, name, rows: [], columns: [], frames: [], version: 0, asked: false });
  }

  /* Read what is stored, once. `alive()` says whether anybody still looks; `then()` is told when it is there. */
  async look(alive, then) {
    if (this.asked) return;
    this.asked = true;
    try {
      const answer = await ask(
        `/runs/${encodeURIComponent(this.record.id)}/tables?name=${this.name}&points=${POINTS}`,
      );
      if (!alive()) return;
      this.history(answer);
      then();
    } catch {
      setTimeout(() => {
        this.asked = false;
        if (alive()) this.look(alive, then);
      }, AGAIN_MS);
    }
  }

  history(answer) {
    if (answer.steps.length) this._label(answer);
    answer.steps.forEach((step, i) =>
      this._put({ step, epoch: answer.epochs[i], values: answer.values[i].map(numbers) })
    );
  }

  take({ step, data }) {
    this._label(data);
    this._put({ step, epoch: data.epoch, values: data.values.map(numbers) });
  }

  /* A later attempt begins at `step`: what was told after it no longer counts. */
  cut(step) {
    this.frames = this.frames.filter((frame) => frame.step <= step);
    this.version++;
  }

  _label({ rows, columns }) {
    if (this.rows.join("\n") === rows.join("\n") && this.columns.join() === columns.join()) return;
    Object.assign(this, { rows, columns, frames: [] });
  }

  _put(frame) {
    let i = this.frames.length;
    while (i > 0 && this.frames[i - 1].step >= frame.step) i--;
    this.frames.splice(i, this.frames[i]?.step === frame.step ? 1 : 0, frame);
    if (this.frames.length > MOST) {
      this.frames = this.frames.filter((_, at) => at % 2 === 1 || at === this.frames.length - 1);
    }
    this.version++;
  }
}

const numbers = (row) => row.map((value) => (value === null ? NaN : parsed(value)));

/* A record's table of a name. */
export function tableOf(record, name) {
  if (!record.tables.has(name)) record.tables.set(name, new Told(record, name));
  return record.tables.get(name);
}
