/* A sparse series: few values, each kept. */

/** @import { Reading } from "./bins.js" */

export class Points {
  /** @param {number} [most] values at most */
  constructor(most = 20000) {
    this.most = most;
    this.version = 0;
    /** @type {number[]} */
    this.steps = [];
    /** @type {number[]} */
    this.values = [];
    /** Values that are not finite. @type {{ step: number, value: number }[]} */
    this.odd = [];
  }

  /**
   * Add one value, in any order. A step given twice keeps the later value.
   * @param {number} step
   * @param {number} value
   */
  add(step, value) {
    this.version++;
    let i = this.steps.length;
    while (i > 0 && this.steps[i - 1] >= step) i--;
    const same = this.steps[i] === step ? 1 : 0;
    this.steps.splice(i, same, step);
    this.values.splice(i, same, value);
    if (!Number.isFinite(value)) this.odd.push({ step, value });
    if (this.steps.length > this.most) this._thin();
  }

  /** Half the values: the smallest and the largest of every four, and the newest. */
  _thin() {
    const kept = new Set([this.steps.length - 1]);
    for (let i = 0; i < this.steps.length; i += 4) {
      let [low, high] = [i, i];
      for (let j = i; j < Math.min(i + 4, this.steps.length); j++) {
        if (this.values[j] < this.values[low] || Number.isNaN(this.values[low])) low = j;
        if (this.values[j] > this.values[high] || Number.isNaN(this.values[high])) high = j;
      }
      kept.add(low).add(high);
    }
    this.values = this.values.filter((_, i) => kept.has(i));
    this.steps = this.steps.filter((_, i) => kept.has(i));
  }

  /**
   * Forget every step after `step`; what was measured before that step was taken stays, as in the store.
   * @param {number} step
   */
  cut(step) {
    this.version++;
    const kept = this.steps.findIndex((s) => s > step);
    if (kept >= 0) [this.steps.length, this.values.length] = [kept, kept];
    this.odd = this.odd.filter((o) => o.step <= step);
    return step;
  }

  /**
   * The value at or before a step, in the form that bins answer.
   * @param {number} step
   * @returns {Reading | null}
   */
  at(step) {
    let [i, after] = [-1, this.steps.length];
    while (after - i > 1) {
      const middle = (i + after) >> 1;
      if (this.steps[middle] > step) after = middle;
      else i = middle;
    }
    if (i < 0) return null;
    const [from, value] = [this.steps[i], this.values[i]];
    return { from, to: from, low: value, high: value, mean: value };
  }

  last() {
    return this.at(Infinity);
  }
}

/**
 * How many sparse values there are: they arrive without a row.
 * @param {{ points: () => Points[] }} series
 */
export const pointsIn = (series) => series.points().reduce((sum, { steps }) => sum + steps.length, 0);
