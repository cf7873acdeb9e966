/* A series in bounded memory: bins of w steps that keep their smallest and largest value with its step.
   w is 1 until the capacity is full, then doubles; so a short run is exact and no spike is ever lost.
   Steps go up to 2^53 - 1: a float64 holds each of them. */

/** @import { Run } from "../api/schema.d.ts" */

const FIRST = 256;

/**
 * What a series says at a step: the steps that share the value, its range and its mean.
 * @typedef {{ from: number, to: number, low: number, high: number, mean: number }} Reading
 */

export class Bins {
  /**
   * @param {number} [capacity] bins at most
   * @param {number} [origin] the first bin's first step; without one it is where the values begin
   * @param {number} [width] steps per bin at first
   * @param {boolean} [exact] whether values are kept with the digits of a float64
   */
  constructor(capacity = 4096, origin = undefined, width = 1, exact = false) {
    const Values = exact ? Float64Array : Float32Array;
    this.capacity = capacity;
    this.floating = origin === undefined;
    this.origin = origin ?? 0;
    this.width = width;
    this.used = 0; /* bins up to the last one that holds anything */
    this.version = 0; /* another one whenever something changed */
    this.strange = false; /* whether any value was not finite */
    this.low = new Values(0);
    this.high = new Values(0);
    this.lowStep = new Float64Array(0);
    this.highStep = new Float64Array(0);
    this.mean = new Values(0);
    this.count = new Uint32Array(0);
    this.oddStep = new Float64Array(0); /* 1 more than the first step that is not finite; 0: none */
  }

  /** @param {number} size */
  _grow(size) {
    this.low = grown(this.low, size);
    this.high = grown(this.high, size);
    this.lowStep = grown(this.lowStep, size);
    this.highStep = grown(this.highStep, size);
    this.mean = grown(this.mean, size);
    this.count = grown(this.count, size);
    this.oddStep = grown(this.oddStep, size);
  }

  /**
   * Values up to a step are about to come: room for them is made at once, not by folding again and again.
   * @param {number} step
   * @param {number} [first] the first step of these values
   */
  expect(step, first = 0) {
    if (this.used > 0) return;
    this._begin(first);
    while ((step - this.origin) / this.width >= this.capacity) this.width *= 2;
    this._bin(step);
  }

  /**
   * Add one value, in any order.
   * @param {number} step
   * @param {number} value
   */
  add(step, value) {
    const bin = this._bin(step);
    if (bin < 0) return;
    this.version++;
    if (bin >= this.used) this.used = bin + 1;
    if (!Number.isFinite(value)) {
      this._addOdd(bin, step);
      return;
    }
    const n = this.count[bin];
    if (n === 0 || value < this.low[bin]) {
      this.low[bin] = value;
      this.lowStep[bin] = step;
    }
    if (n === 0 || value > this.high[bin]) {
      this.high[bin] = value;
      this.highStep[bin] = step;
    }
    this.mean[bin] += (value - this.mean[bin]) / (n + 1);
    this.count[bin] = n + 1;
  }

  /**
   * @param {number} bin
   * @param {number} step whose value is not finite
   */
  _addOdd(bin, step) {
    if (!this.oddStep[bin] || step < this.oddStep[bin] - 1) this.oddStep[bin] = step + 1;
    this.strange = true;
  }

  /**
   * Bins begin where the values do, or else those of a run that begins late would all be in one.
   * @param {number} step the first one
   */
  _begin(step) {
    if (this.floating) this.origin = originOf(step, this.capacity);
  }

  /**
   * Move everything along, so that the bins begin at this step or before it.
   * @param {number} step
   */
  _back(step) {
    let by = 0;
    while ((by = Math.ceil((this.origin - step) / this.width)) + this.used > this.capacity) this._fold();
    const size = Math.min(this.capacity, 2 ** Math.ceil(Math.log2(by + this.used + 1)));
    if (size > this.count.length) this._grow(size);
    const columns = [this.low, this.high, this.lowStep, this.highStep, this.mean, this.count, this.oddStep];
    for (const column of columns) column.copyWithin(by, 0, this.used).fill(0, 0, by);
    this.used += by;
    this.origin -= by * this.width;
  }

  /**
   * Where a step belongs, with room made for it; negative: before all bins.
   * @param {number} step
   */
  _bin(step) {
    if (this.used === 0) this._begin(step);
    else if (step < this.origin && this.floating) this._back(step);
    let bin = Math.floor((step - this.origin) / this.width);
    while (bin >= this.capacity) {
      this._fold();
      bin = Math.floor((step - this.origin) / this.width);
    }
    if (bin >= this.count.length) {
      this._grow(Math.min(this.capacity, Math.max(FIRST, 2 ** Math.ceil(Math.log2(bin + 1)))));
    }
    return bin;
  }

  _fold() {
    const pairs = Math.ceil(this.used / 2);
    for (let to = 0; to < pairs; to++) {
      if (2 * to + 1 < this.used) this._join(to, 2 * to, 2 * to + 1);
      else this._copy(to, 2 * to);
    }
    this._clear(pairs);
    this.width *= 2;
  }

  /**
   * Two neighbors as one bin. The place written to is never behind the places read.
   * @param {number} to
   * @param {number} a
   * @param {number} b
   */
  _join(to, a, b) {
    const [n, m] = [this.count[a], this.count[b]];
    const odd = [this.oddStep[a], this.oddStep[b]].filter(Boolean);
    if (m === 0) this._copy(to, a);
    else if (n === 0) this._copy(to, b);
    else {
      const low = this.low[b] < this.low[a] ? b : a;
      const high = this.high[b] > this.high[a] ? b : a;
      const mean = (this.mean[a] * n + this.mean[b] * m) / (n + m);
      const kept = [this.low[low], this.lowStep[low], this.high[high], this.highStep[high]];
      [this.low[to], this.lowStep[to], this.high[to], this.highStep[to]] = kept;
      this.mean[to] = mean;
      this.count[to] = n + m;
    }
    this.oddStep[to] = odd.length ? Math.min(...odd) : 0;
  }

  /**
   * @param {number} to
   * @param {number} from
   */
  _copy(to, from) {
    [this.low[to], this.lowStep[to]] = [this.low[from], this.lowStep[from]];
    [this.high[to], this.highStep[to]] = [this.high[from], this.highStep[from]];
    [this.mean[to], this.count[to]] = [this.mean[from], this.count[from]];
    this.oddStep[to] = this.oddStep[from];
  }

  /** @param {number} from the first bin to clear */
  _clear(from) {
    for (const array of [this.count, this.mean, this.oddStep]) array.fill(0, from);
    this.used = Math.min(this.used, from);
    while (this.used > 0 && this._empty(this.used - 1)) this.used--;
  }

  /** @param {number} bin */
  _empty(bin) {
    return this.count[bin] === 0 && !this.oddStep[bin];
  }

  /** Each bin's first value that is not finite, as {step}. */
  get odd() {
    if (!this.strange) return [];
    return [...this.oddStep.subarray(0, this.used)].filter(Boolean).map((step) => ({ step: step - 1 }));
  }

  /**
   * Forget every step from `step` on.
   * @param {number} step
   * @returns {number} the first step lost with them, at most `step`
   */
  cut(step) {
    this.version++;
    const bin = Math.max(0, Math.floor((step - this.origin) / this.width));
    const start = this.origin + bin * this.width;
    this._clear(bin);
    return Math.min(start, step);
  }

  /**
   * The bin that holds a step, or the last one before it that holds anything; all NaN where no value was
   * finite.
   * @param {number} step
   * @returns {Reading | null} null before the first bin and after the last
   */
  at(step) {
    let bin = Math.floor((step - this.origin) / this.width);
    if (bin < 0 || bin >= this.used) return null;
    while (bin >= 0 && this._empty(bin)) bin--;
    return bin < 0 ? null : this._reading(bin);
  }

  /**
   * @param {number} bin
   * @returns {Reading}
   */
  _reading(bin) {
    const from = this.origin + bin * this.width;
    if (!this.count[bin]) return { from, to: from + this.width - 1, low: NaN, high: NaN, mean: NaN };
    const exact = this.count[bin] === 1;
    return {
      from: exact ? this.lowStep[bin] : from,
      to: exact ? this.lowStep[bin] : from + this.width - 1,
      low: this.low[bin],
      high: this.high[bin],
      mean: this.mean[bin],
    };
  }

  /** The newest value's bin, or null. */
  last() {
    return this.used ? this.at(this.origin + (this.used - 1) * this.width) : null;
  }
}

/**
 * Where bins begin whose first value is of this step: otherwise all of a run that begins late were in one.
 * @param {number} step
 * @param {number} capacity bins at most
 */
export const originOf = (step, capacity) => step < capacity ? 0 : step;

/**
 * @template {Float32Array | Float64Array | Uint32Array} T
 * @param {T} old
 * @param {number} size
 * @returns {T} a larger array with the old one's values
 */
function grown(old, size) {
  const fresh = new /** @type {new (size: number) => T} */ (old.constructor)(size);
  fresh.set(old);
  return fresh;
}

/**
 * Empty bins for a run: numbers of other programs come with all their digits.
 * @param {Run | null} run
 * @param {number} capacity
 * @param {number} [origin]
 * @param {number} [width]
 */
export const binsFor = (run, capacity, origin, width) =>
  new Bins(capacity, origin, width, Boolean(run?.spec?.guest));
