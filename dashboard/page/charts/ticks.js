/* Where an axis has its ticks, and their words. */
import { short, whole } from "../lib/numbers.js";

const MOST = 8; /* beyond that many, labels of a chart of usual height collide */

/**
 * 1, 2, 5 of each decade, and more of them where that is too few; of many decades every second, third ...
 * @param {number} low
 * @param {number} high
 */
export function decades(low, high) {
  for (const digits of [[1], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const places = digitsOf(digits, low, high);
    if (places.length > MOST) return spread(places);
    if (places.length >= 3) return places;
  }
  const middle = Math.sqrt(low * high);
  return [low * 1.02, middle, high * 0.98].map((v) => Number(v.toPrecision(2)));
}

/**
 * Every n-th decade, always the same ones while the range moves.
 * @param {number[]} places
 */
function spread(places) {
  const [low, high] = [places[0], places[places.length - 1]].map((place) =>
    Math.floor(Math.log10(place) + 1e-9)
  );
  const every = Math.ceil((high - low + 1) / MOST);
  const tens = places.filter((place) => Math.abs(Math.log10(place) - Math.round(Math.log10(place))) < 1e-9);
  return tens.filter((place) => Math.round(Math.log10(place)) % every === 0);
}

/**
 * @param {number[]} digits of each decade
 * @param {number} low
 * @param {number} high
 */
function digitsOf(digits, low, high) {
  const places = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
    for (const value of digits.map((d) => d * 10 ** e)) {
      if (value >= low && value <= high) places.push(Number(value.toPrecision(3)));
    }
  }
  return places;
}

/**
 * Round numbers in [low, high], about `most` of them at most.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
export function ticks(low, high, most) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, most);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((d) => d * size).find((s) => s >= rough) ?? 10 * size;
  const places = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) {
    places.push(Number((i * step).toPrecision(10)));
  }
  return places;
}

/**
 * Steps as an axis shows them: short, unless two of them would read alike.
 * @param {number[]} at
 */
export function stepWords(at) {
  const brief = at.map(short);
  return new Set(brief).size === brief.length ? brief : at.map(whole);
}
