import { short, whole } from "../lib/numbers.js";

/* 1, 2, 5 of each decade, and more of them where that is too few. */
export function decades(low, high) {
  for (const digits of [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const found = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
      for (const d of digits) {
        if (d * 10 ** e >= low && d * 10 ** e <= high) found.push(Number((d * 10 ** e).toPrecision(3)));
      }
    }
    if (found.length >= 3) return found;
  }
  const middle = Math.sqrt(low * high);
  return [low * 1.02, middle, high * 0.98].map((v) => Number(v.toPrecision(2)));
}

/* Round numbers in [low, high], at most `most` of them. */
export function ticks(low, high, most) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, most);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((d) => d * size).find((s) => s >= rough);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) {
    found.push(Number((i * step).toPrecision(10)));
  }
  return found;
}

/* Steps as an axis shows them: short, unless two of them would read alike. */
export function stepWords(at) {
  const brief = at.map(short);
  return new Set(brief).size === brief.length ? brief : at.map(whole);
}
