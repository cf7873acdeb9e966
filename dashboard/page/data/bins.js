/* A series in bounded memory: bins of w steps that keep their smallest and largest value with its step.
   w is 1 until the capacity is full, then doubles; so a short run is exact and no spike is ever lost. */

const FIRST = 256;

export class Bins {
  constructor(capacity = 4096, origin = 0, width = 1) {
    this.capacity = capacity;
    this.origin = origin;
    this.width = width;
    this.used = 0; /* bins up to the last one that holds anything */
    this.version = 0; /* another one whenever something changed */
    this.strange = false; /* whether any value was not finite */
    this._room(FIRST);
  }

  _room(size) {
    const grown = (Type, old) => {
      const fresh = new Type(size);
      if (old) fresh.set(old);
      return fresh;
    };
    this.low = grown(Float32Array, this.low);
    this.high = grown(Float32Array, this.high);
    this.lowStep = grown(Int32Array, this.lowStep);
    this.highStep = grown(Int32Array, this.highStep);
    this.mean = grown(Float32Array, this.mean);
    this.count = grown(Uint32Array, this.count);
    this.oddStep = grown(
      Int32Array,
      this.oddStep,
    ); /* 1 more than the first step that is not finite; 0: none */
  }

  /* Values up to a step are about to come: the room for them is made at once, not by folding again and again. */
  expect(step) {
    if (this.used > 0) return;
    while ((step - this.origin) / this.width >= this.capacity) this.width *= 2;
    this._bin(step);
  }

  /* Take one value; in any order. */
  add(step, value) {
    const bin = this._bin(step);
    if (bin < 0) return;
    this.version++;
    if (bin >= this.used) this.used = bin + 1;
    if (!Number.isFinite(value)) {
      if (!this.oddStep[bin] || step < this.oddStep[bin] - 1) this.oddStep[bin] = step + 1;
      this.strange = true;
      return;
    }
    const n = this.count[bin];
    if (n === 0 || value < this.low[bin]) [this.low[bin], this.lowStep[bin]] = [value, step];
    if (n === 0 || value > this.high[bin]) [this.high[bin], this.highStep[bin]] = [value, step];
    this.mean[bin] += (value - this.mean[bin]) / (n + 1);
    this.count[bin] = n + 1;
  }

  /* Where a step belongs, with room made for it; negative: before all. */
  _bin(step) {
    let bin = Math.floor((step - this.origin) / this.width);
    while (bin >= this.capacity) {
      this._fold();
      bin = Math.floor((step - this.origin) / this.width);
    }
    if (bin >= this.count.length) this._room(Math.min(this.capacity, 2 ** Math.ceil(Math.log2(bin + 1))));
    return bin;
  }

  _fold() {
    const pairs = Math.ceil(this.used / 2);
    for (let to = 0; to < pairs; to++) {
      this._join(to, 2 * to, 2 * to + 1 < this.used ? 2 * to + 1 : -1);
    }
    this._clear(pairs);
    this.width *= 2;
  }

  _join(to, a, b) {
    const both = b >= 0 && this.count[b] > 0;
    const from = this.count[a] === 0 && both ? b : a;
    const n = this.count[a];
    const m = both ? this.count[b] : 0;
    const mean = n + m ? (this.mean[a] * n + (m ? this.mean[b] * m : 0)) / (n + m) : 0;
    const low = both && n && this.low[b] < this.low[a] ? b : from;
    const high = both && n && this.high[b] > this.high[a] ? b : from;
    const kept = [this.low[low], this.lowStep[low], this.high[high], this.highStep[high]];
    [this.low[to], this.lowStep[to], this.high[to], this.highStep[to]] = kept;
    this.mean[to] = mean;
    this.count[to] = n + m;
    const odd = [this.oddStep[a], b >= 0 ? this.oddStep[b] : 0].filter(Boolean);
    this.oddStep[to] = odd.length ? Math.min(...odd) : 0;
  }

  _clear(from) {
    for (const array of [this.count, this.mean, this.oddStep]) array.fill(0, from);
    this.used = Math.min(this.used, from);
    while (this.used > 0 && this.count[this.used - 1] === 0 && !this.oddStep[this.used - 1]) this.used--;
  }

  /* Each bin's first value that is not finite, as {step}. */
  get odd() {
    if (!this.strange) return [];
    return [...this.oddStep.subarray(0, this.used)].filter(Boolean).map((step) => ({ step: step - 1 }));
  }

  /* Forget every step from `step` on; the first step that was lost with them, at most `step`. */
  cut(step) {
    this.version++;
    const bin = Math.max(0, Math.floor((step - this.origin) / this.width));
    const start = this.origin + bin * this.width;
    this._clear(bin);
    return Math.min(start, step);
  }

  /* The bin that holds a step, or the last one before it that holds anything, as {from, to, low, high, mean}: all NaN
     where no value was finite. Null before the first and behind the last. */
  at(step) {
    let bin = Math.floor((step - this.origin) / this.width);
    if (bin < 0 || bin >= this.used) return null;
    while (bin >= 0 && !this.count[bin] && !this.oddStep[bin]) bin--;
    if (bin < 0) return null;
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

  /* The newest value's bin, or null. */
  last() {
    return this.used ? this.at(this.origin + (this.used - 1) * this.width) : null;
  }
}
