/* Assertions that the unit tests of the page share. */
import assert from "node:assert/strict";

/** Numbers that are alike within a relative tolerance. */
export function close(value, expected, tolerance = 1e-6) {
  const apart = Math.abs(value - expected);
  assert.ok(apart <= tolerance * Math.max(1, Math.abs(expected)), `${value} is not close to ${expected}`);
}

/** A repeatable source of random numbers in [0, 1). */
export function dice(seed) {
  let state = seed + 0x6d2b79f5;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** An integer in [low, high]. */
export const between = (random, low, high) => low + Math.floor(random() * (high - low + 1));
