/* Which hue a modality has: by its name, so that it is the same beside other modalities, in other runs and on
   other pages. `rhoscope/palette.py` says the same. Pure. */

export const HUES = 6;
const FIXED = ["audio", "visual", "text"];

/**
 * The hues of some modalities: those of well-known names are fixed, others follow from their letters; where
 * two would be the same, the later one in alphabetical order takes the next that is free.
 * @param {readonly string[]} names
 * @returns {Map<string, number>}
 */
export function huesOf(names) {
  /** @type {Map<string, number>} */
  const hues = new Map();
  const distinct = [...new Set(names)];
  for (const name of distinct.filter((one) => FIXED.includes(one))) hues.set(name, FIXED.indexOf(name));
  for (const name of distinct.filter((one) => !FIXED.includes(one)).sort()) {
    const taken = new Set(hues.values());
    const first = lettersSum(name);
    const places = Array.from({ length: HUES }, (_, i) => (first + i) % HUES);
    hues.set(name, places.find((place) => !taken.has(place)) ?? places[0]);
  }
  return hues;
}

/**
 * A number that depends on every letter and on their order.
 * @param {string} name
 */
function lettersSum(name) {
  let sum = 0;
  for (const byte of new TextEncoder().encode(name)) sum = (31 * sum + byte) % 65521;
  return sum % HUES;
}
