/* What the page holds of one run: its series, how far it got, and what happened to it.
   A row is taken once; a later attempt's rows replace earlier ones from its first step on. */
import { Bins } from "./bins.js";
import { Points } from "./points.js";
import { tableOf } from "./tables.js";
import { parsed } from "../lib/numbers.js";
import { stats } from "../lib/stats.js";
import { plain } from "../lib/values.js";

export class Record {
  /* `fetch(start, end)` is asked for steps that were lost and must be read again. */
  constructor(id, fetch, capacity = 4096) {
    this.id = id;
    this.fetch = fetch;
    this.capacity = capacity;
    this.run = null;
    this.attempt = 0;
    this.last = -1;
    this.fresh = true; /* the next rows may leave a hole that only the store can fill */
    this.series = new Map();
    this.changed = -Infinity; /* the first step that is not drawn as it is now */
    this.zoomed = null; /* {start, end, series}: exact detail of a range */
    this.tables = new Map(); /* by name: what its tables say over time */
    this.inherited =
      []; /* declarations of the runs that a fork goes on from: its own come with its first step */
    this.heard = null; /* rows that came while detail is read: [block, first new row] */
    this.marks = []; /* {step, text}: settings that were changed */
    this.steered = null; /* called with each event that changed a setting */
    this.stats = { rows: 0, duplicates: 0, missing: 0, gaps: 0, thinned: 0, last: -1, drawn: -1 };
    stats.runs[id] = this.stats;
  }

  column(name, sparse) {
    let found = this.series.get(name);
    if (!found) this.series.set(name, found = sparse ? new Points() : new Bins(this.capacity));
    return found;
  }

  /* The series as it is best known over [x0, x1]. */
  best(name, x0, x1) {
    const fine = this.zoomed;
    const covers = fine && fine.start <= Math.max(0, x0) && fine.end >= Math.min(x1, this.last);
    return (covers && fine.series.get(name)) || this.series.get(name);
  }

  isSparse(name) {
    return [...(this.run?.series ?? []), ...this.inherited].some((s) => s.name === name && s.sparse);
  }

  /* Rows of a block that are new. */
  rows(block) {
    const { steps, attempt } = block;
    if (attempt < this.attempt) {
      this.stats.duplicates += steps.length;
      return;
    }
    if (attempt > this.attempt) this.begin(attempt, steps[0]);
    let first = 0;
    while (first < steps.length && steps[first] <= this.last) first++;
    this.stats.duplicates += first;
    if (first === steps.length) return;
    this._hole(steps[first]);
    block.names.forEach((name, c) => {
      const column = this.column(name, false);
      const detail = this.zoomed?.series.get(name);
      for (let i = first; i < steps.length; i++) {
        column.add(steps[i], block.columns[c][i]);
        if (detail && steps[i] <= this.zoomed.end) detail.add(steps[i], block.columns[c][i]);
      }
    });
    this.heard?.push([block, first]);
    this.changed = Math.min(this.changed, steps[first]);
    this._count(steps, first);
    if (block.thinned) this.stats.thinned++;
    this._reach(steps[steps.length - 1]);
  }

  _count(steps, first) {
    this.stats.rows += steps.length - first;
    for (let i = first + 1; i < steps.length; i++) this.stats.missing += steps[i] - steps[i - 1] - 1;
  }

  _hole(step) {
    if (step > this.last + 1) {
      if (this.fresh) this.lost(this.last + 1, step - 1);
      else this.stats.missing += step - this.last - 1;
    }
    this.fresh = false;
  }

  _reach(step) {
    this.last = Math.max(this.last, step);
    this.stats.last = this.last;
  }

  /* An attempt starts at `step`: what an earlier one wrote from there on no longer counts. */
  begin(attempt, step) {
    if (attempt <= this.attempt) return;
    const before = this.attempt;
    this.attempt = attempt;
    this.fresh = true;
    if (before === 0) return;
    this.changed = -Infinity;
    this.marks = this.marks.filter((mark) => mark.step < step);
    for (const column of this.series.values()) if (column instanceof Points) column.cut(step);
    if (step > this.last) return;
    let lost = step;
    for (const column of this.series.values()) {
      if (column instanceof Bins) lost = Math.min(lost, column.cut(step));
    }
    for (const told of this.tables.values()) told.cut(step);
    this.zoomed = null;
    this.last = step - 1;
    this.stats.last = this.last;
    if (lost < step) this.lost(lost, step - 1);
  }

  /* Read a range from the store again. */
  lost(start, end) {
    this.stats.gaps++;
    this.fetch(start, end);
  }

  /* Values from the store: [{name, steps, values}]; they may lie anywhere. `follow`: they are all there is. */
  history(answer, follow) {
    let longest = 0;
    this.changed = -Infinity;
    for (const { name, steps, values } of answer) {
      const column = this.column(name, this.isSparse(name));
      if (steps.length) column.expect?.(steps[steps.length - 1]);
      for (let i = 0; i < steps.length; i++) column.add(steps[i], parsed(values[i]));
      longest = Math.max(longest, steps.length);
      if (follow && steps.length && !this.isSparse(name)) this._reach(steps[steps.length - 1]);
    }
    this.stats.rows += longest;
  }

  /* A fork took over at `step`, from a run with these events. */
  forked(step, events) {
    for (const event of events) if (event.kind === "setting" && event.step < step) this._mark(event);
    this.marks.push({ step, text: "forked" });
  }

  event(event) {
    if (event.attempt < this.attempt) return;
    if (event.kind === "started") this._started(event);
    if (event.kind === "values" || event.kind === "setting") this.changed = -Infinity;
    if (event.kind === "values") {
      for (const [name, value] of Object.entries(event.data.values)) {
        this.column(name, true).add(event.step, parsed(value));
      }
    }
    if (event.kind === "table") tableOf(this, event.data.name).take(event);
    if (event.kind === "alert") this._write(event.step, event.data.words);
    if (event.kind === "finished") this.paused = event.data.state === "paused";
    if (event.kind === "setting") {
      this.steered?.(event);
      this._mark(event);
    }
  }

  /* A later attempt after the loss of one before it is marked, so that a bend in a curve has its reason. */
  _started(event) {
    const step = event.data.start_step ?? event.step;
    const lost = event.attempt > this.attempt && this.attempt > 0 && !this.paused;
    this.begin(event.attempt, step);
    if (lost) this.marks.push({ step, text: `attempt ${event.attempt}` });
    this.paused = false;
  }

  _mark(event) {
    const { setting, old, new: now } = event.data;
    this._write(event.step, `${setting} ${plain(old)} → ${plain(now)}`);
  }

  _write(step, text) {
    if (!this.marks.some((m) => m.step === step && m.text === text)) this.marks.push({ step, text });
  }
}
