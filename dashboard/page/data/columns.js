/* The series of a run by name. What the store answered becomes bins when somebody looks at it: of the dozens
   that a run has, a page of many runs draws few. */
import { Bins, binsFor, originOf } from "./bins.js";
import { Points } from "./points.js";
import { parsed } from "../lib/numbers.js";

/** @import { Run, SeriesData } from "../api/schema.d.ts" */

/** @typedef {Bins | Points} Column the values of one series */
/**
 * Stored values of a run.
 * @typedef {Pick<SeriesData, "steps" | "values"> & { run: Run | null, capacity: number }} Stored
 */

export class Columns {
  constructor() {
    /** @type {Map<string, Column>} */
    this.made = new Map();
    /** Not looked at yet. @type {Map<string, Stored>} */
    this.stored = new Map();
  }

  /**
   * @param {string} name
   * @param {Column} column
   */
  set(name, column) {
    this.stored.delete(name);
    this.made.set(name, column);
  }

  /**
   * Keep a dense series as it was answered.
   * @param {string} name of none that there is
   * @param {Stored} stored with at least one value
   */
  keep(name, stored) {
    this.stored.set(name, stored);
  }

  /** @param {string} name */
  has(name) {
    return this.made.has(name) || this.stored.has(name);
  }

  /**
   * @param {string} name
   * @returns {Column | undefined}
   */
  get(name) {
    return this.made.get(name) ?? this._open(name);
  }

  /** Make bins of all that was kept. */
  open() {
    for (const name of [...this.stored.keys()]) this._open(name);
  }

  /** @param {string} name */
  _open(name) {
    const stored = this.stored.get(name);
    if (!stored) return undefined;
    const bins = binsFor(stored.run, stored.capacity);
    take(bins, stored);
    this.set(name, bins);
    return bins;
  }

  /** The sparse ones. */
  points() {
    return [...this.made.values()].filter((column) => column instanceof Points);
  }

  /** The dense ones that were looked at. */
  bins() {
    return [...this.made.values()].filter((column) => column instanceof Bins);
  }

  /** The first step of all bins; Infinity where there are no values. */
  get origin() {
    let first = Infinity;
    for (const { used, origin } of this.bins()) if (used > 0) first = Math.min(first, origin);
    for (const stored of this.stored.values()) first = Math.min(first, beginning(stored));
    return first;
  }

  /** Whether any bin has several steps. */
  get coarse() {
    const wide = (/** @type {Stored} */ stored) =>
      stored.steps[stored.steps.length - 1] - beginning(stored) >= stored.capacity;
    return [...this.stored.values()].some(wide) || this.bins().some(({ width }) => width > 1);
  }
}

/** @param {Stored} stored */
const beginning = ({ steps, capacity }) => originOf(steps[0], capacity);

/**
 * Values from the store, at any steps.
 * @param {Column} column
 * @param {Pick<SeriesData, "steps" | "values">} answer
 */
export function take(column, { steps, values }) {
  if (column instanceof Bins && steps.length) column.expect(steps[steps.length - 1], steps[0]);
  for (let i = 0; i < steps.length; i++) column.add(steps[i], parsed(values[i]));
}
