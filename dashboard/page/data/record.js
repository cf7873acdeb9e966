/* What the page holds of one run: its series, how far it got, and what happened to it.
   A row is taken once; a later attempt's rows replace earlier ones from its first step on. */
import { binsFor } from "./bins.js";
import { Columns, take } from "./columns.js";
import { breaksOf, withMark } from "./marks.js";
import { ALONE } from "./past.js";
import { Points } from "./points.js";
import { tableOf } from "./tables.js";
import { parsed } from "../lib/numbers.js";
import { stats } from "../lib/stats.js";
import { plain } from "../lib/values.js";

/** @import { Block } from "../api/block.js" */
/** @import { Event, Run, Series, SeriesData } from "../api/schema.d.ts" */
/** @import { RunStats } from "../lib/stats.js" */
/** @import { Bins } from "./bins.js" */
/** @import { Mark } from "./marks.js" */
/** @import { Ancestor } from "./past.js" */
/** @import { Table } from "./tables.js" */

/** @typedef {[block: Block, first: number]} Heard a live block, and its first row that was new */

/**
 * Exact values of a range, read for a zoom: one bin per `width` steps.
 * @typedef {{ start: number, end: number, width: number, series: Map<string, Bins> }} Detail
 */

/**
 * What an event of kind `setting` carries.
 * @typedef {{ setting: string, old: unknown, new: unknown }} SettingData
 */

export class Record {
  /**
   * @param {string} id
   * @param {(start: number, end: number) => void} fetch reads lost steps again
   * @param {number} [capacity] bins per series
   */
  constructor(id, fetch, capacity = 4096) {
    this.id = id;
    this.fetch = fetch;
    this.capacity = capacity;
    /** @type {Run | null} */
    this.run = null;
    this.attempt = 0;
    this.last = -1;
    this.fresh = true; /* the next rows may leave a hole that only the store can fill */
    this.paused = false; /* whether the last attempt ended by pausing */
    this.partial = false; /* whether some of its series are still to be read */
    this.many = false; /* whether other runs are on the same charts */
    this.label = ""; /* its name among the runs that are shown; "": its whole name */
    this.shape = ""; /* its series and modalities, as one text */
    this.series = new Columns();
    this.changed = -Infinity; /* the first step that is not drawn as it is now */
    /** @type {Detail | null} */
    this.zoomed = null;
    /** By name. @type {Map<string, Table>} */
    this.tables = new Map();
    /** Declarations of the runs a fork descends from: its own come with its first step. @type {Series[]} */
    this.inherited = [];
    /** Itself, and the runs it descends from. @type {Ancestor[]} */
    this.line = [{ run: id, until: Infinity }];
    this.past = ALONE; /* what of it others on the page have as well */
    /** Rows that arrive while detail is read. @type {Heard[] | null} */
    this.heard = null;
    /** @type {Mark[]} */
    this.marks = [];
    /** Called with each event that changed a setting. @type {((event: Event) => void) | null} */
    this.steered = null;
    /** @type {RunStats} */
    this.stats = { rows: 0, duplicates: 0, missing: 0, gaps: 0, thinned: 0, last: -1, drawn: -1 };
    stats.runs[id] = this.stats;
  }

  /** The last step of which anything is known: a validation comes after the last step was taken. */
  get end() {
    return Math.max(this.last, ...this.series.points().map(({ steps }) => steps.at(-1) ?? -1));
  }

  /** The steps where the training changed, across which nothing is smoothed. */
  get breaks() {
    return breaksOf(this.marks);
  }

  /**
   * @param {string} name
   * @param {boolean} sparse
   */
  column(name, sparse) {
    const column = this.series.get(name) ?? (sparse ? new Points() : binsFor(this.run, this.capacity));
    this.series.set(name, column);
    return column;
  }

  /**
   * The series with the most detail there is of [x0, x1].
   * @param {string} name
   * @param {number} x0
   * @param {number} x1
   */
  best(name, x0, x1) {
    const fine = this.zoomed;
    const covers = fine && fine.start <= Math.max(0, x0) && fine.end >= Math.min(x1, this.last);
    return (covers && fine.series.get(name)) || this.series.get(name);
  }

  /** The names of all sparse series. */
  get sparse() {
    const declared = [...(this.run?.series ?? []), ...this.inherited];
    return new Set(declared.filter((series) => series.sparse).map((series) => series.name));
  }

  /**
   * Take the rows of a block that are new.
   * @param {Block} block
   */
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
    this._take(block, first);
    this.heard?.push([block, first]);
    this.changed = Math.min(this.changed, steps[first]);
    this._count(steps, first);
    if (block.thinned) this.stats.thinned++;
    this._reach(steps[steps.length - 1]);
  }

  /**
   * @param {Block} block
   * @param {number} first its first row that is new
   */
  _take({ names, steps, columns }, first) {
    const end = this.zoomed?.end ?? -1;
    names.forEach((name, c) => {
      const column = this.column(name, false);
      const detail = this.zoomed?.series.get(name);
      for (let i = first; i < steps.length; i++) {
        column.add(steps[i], columns[c][i]);
        if (steps[i] <= end) detail?.add(steps[i], columns[c][i]);
      }
    });
  }

  /**
   * @param {Block["steps"]} steps
   * @param {number} first
   */
  _count(steps, first) {
    this.stats.rows += steps.length - first;
    for (let i = first + 1; i < steps.length; i++) this.stats.missing += steps[i] - steps[i - 1] - 1;
  }

  /** @param {number} step */
  _hole(step) {
    if (step > this.last + 1) {
      if (this.fresh) this.lost(this.last + 1, step - 1);
      else this.stats.missing += step - this.last - 1;
    }
    this.fresh = false;
  }

  /** @param {number} step */
  _reach(step) {
    this.last = Math.max(this.last, step);
    this.stats.last = this.last;
  }

  /**
   * An attempt starts at `step`: what an earlier one wrote from there on no longer counts.
   * @param {number} attempt
   * @param {number} step
   */
  begin(attempt, step) {
    if (attempt <= this.attempt) return;
    const before = this.attempt;
    this.attempt = attempt;
    this.fresh = true;
    if (before === 0) return;
    this.changed = -Infinity;
    this.marks = this.marks.filter((mark) => mark.step < step);
    for (const points of this.series.points()) points.cut(step);
    if (step <= this.last) this._cut(step);
  }

  /** @param {number} step from which rows are forgotten */
  _cut(step) {
    let lost = step;
    this.series.open();
    for (const bins of this.series.bins()) lost = Math.min(lost, bins.cut(step));
    for (const table of this.tables.values()) table.cut(step);
    this.zoomed = null;
    this.last = step - 1;
    this.stats.last = this.last;
    if (lost < step) this.lost(lost, step - 1);
  }

  /**
   * Read a range from the store again.
   * @param {number} start
   * @param {number} end
   */
  lost(start, end) {
    this.stats.gaps++;
    this.fetch(start, end);
  }

  /**
   * Values from the store, at any steps.
   * @param {Pick<SeriesData, "name" | "steps" | "values">[]} answer
   * @param {boolean} follow whether they are all there is
   */
  history(answer, follow) {
    const { sparse: few } = this;
    let longest = 0;
    this.changed = -Infinity;
    for (const { name, steps, values } of answer) {
      const sparse = few.has(name);
      longest = Math.max(longest, steps.length);
      if (sparse || !steps.length || this.series.has(name)) {
        take(this.column(name, sparse), { steps, values });
      } else this.series.keep(name, { steps, values, run: this.run, capacity: this.capacity });
      if (follow && !sparse && steps.length) this._reach(steps[steps.length - 1]);
    }
    this.stats.rows += longest;
  }

  /**
   * The run is a fork that took over at `step`, from a run with these events.
   * @param {number} step
   * @param {Event[]} events
   */
  forked(step, events) {
    for (const event of events) if (event.kind === "setting" && event.step < step) this._markSetting(event);
    this.marks.push({ step, text: "forked" });
  }

  /** @param {Event} event */
  event(event) {
    if (event.attempt < this.attempt) return;
    /** @type {{ [kind in Event["kind"]]?: () => void }} */
    const acts = {
      started: () => this._started(event),
      values: () => this._values(event),
      table: () => tableOf(this, String(event.data.name)).take(event),
      alert: () => this._mark({ step: event.step, text: String(event.data.words), calm: true }),
      finished: () => (this.paused = event.data.state === "paused"),
      setting: () => this._setting(event),
    };
    acts[event.kind]?.();
  }

  /** @param {Event} event of kind `values` */
  _values(event) {
    this.changed = -Infinity;
    const values = /** @type {{ [name: string]: number }} */ (event.data.values);
    for (const [name, value] of Object.entries(values)) {
      this.column(name, true).add(event.step, parsed(value));
    }
  }

  /**
   * A later attempt after the loss of the one before it is marked, so that a bend in a curve has its reason.
   * @param {Event} event of kind `started`
   */
  _started(event) {
    const step = /** @type {number} */ (event.data.start_step ?? event.step);
    const lost = event.attempt > this.attempt && this.attempt > 0 && !this.paused;
    this.begin(event.attempt, step);
    if (lost) this.marks.push({ step, text: "resumed" });
    this.paused = false;
  }

  /** @param {Event} event of kind `setting` */
  _setting(event) {
    this.changed = -Infinity;
    this.steered?.(event);
    this._markSetting(event);
  }

  /** @param {Event} event of kind `setting` */
  _markSetting(event) {
    const { setting, old, new: now } = /** @type {SettingData} */ (event.data);
    this._mark({ step: event.step, text: `${setting} ${plain(old)} → ${plain(now)}` });
  }

  /** @param {Mark} mark */
  _mark(mark) {
    this.marks = withMark(this.marks, mark);
  }
}
