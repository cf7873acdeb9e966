/* Single examples of a validation: what two modalities know about each. Pure. */

/** @import { Samples } from "../api/schema.d.ts" */

/** An example is known where the right class gets more than all others together. */
export const KNOWN = 0.5;

/**
 * An example; null where there is no probability, as of a modality that it lacks.
 * @typedef {object} Sample
 * @property {string} name
 * @property {string} label
 * @property {number | null} together
 * @property {Record<string, number | null>} alone by modality
 * @property {number | null} gap of the first of the pair over the second
 */
/** @typedef {"both" | "first" | "second" | "neither"} Quadrant */
/** @typedef {{ key: string, down: boolean }} Order by name, label, together, gap, or `alone.MODALITY` */

/** @type {readonly Quadrant[]} */
export const QUADRANTS = ["both", "first", "second", "neither"];

/**
 * @param {Samples} samples
 * @param {string[]} pair two modalities, or none
 * @returns {Sample[]}
 */
export function samplesOf({ names, labels, together, alone }, pair) {
  return names.map((name, i) => {
    const each = Object.fromEntries(Object.entries(alone).map(([m, column]) => [m, column[i]]));
    const [a, b] = pair.map((m) => each[m] ?? null);
    const gap = pair.length === 2 && a !== null && b !== null ? a - b : null;
    return { name, label: labels[i], together: together[i], alone: each, gap };
  });
}

/**
 * Which of two modalities know an example; null where one of them says nothing.
 * @param {Sample} sample
 * @param {string[]} pair
 * @returns {Quadrant | null}
 */
export function quadrantOf({ alone, gap }, [one, other]) {
  if (gap === null) return null;
  const [a, b] = [one, other].map((m) => (alone[m] ?? 0) > KNOWN);
  if (a && b) return "both";
  if (a) return "first";
  return b ? "second" : "neither";
}

/**
 * The quadrants in words.
 * @param {string[]} pair
 * @returns {Record<Quadrant, string>}
 */
export const wordsOf = ([one, other]) => ({
  both: "both know",
  first: `only ${one} knows`,
  second: `only ${other} knows`,
  neither: "neither knows",
});

/**
 * How many examples of each quadrant there are, and how many of those the whole network does not know.
 * @param {Sample[]} samples
 * @param {string[]} pair
 */
export function countsOf(samples, pair) {
  const counts = { both: [0, 0], first: [0, 0], second: [0, 0], neither: [0, 0] };
  for (const sample of samples) {
    const quadrant = quadrantOf(sample, pair);
    if (!quadrant) continue;
    counts[quadrant][0]++;
    if (sample.together !== null && sample.together <= KNOWN) counts[quadrant][1]++;
  }
  return counts;
}

/**
 * In an order; those without a value come last, and equal ones by name.
 * @param {Sample[]} samples
 * @param {Order} order
 */
export function ordered(samples, { key, down }) {
  const value = (/** @type {Sample} */ sample) => {
    if (key.startsWith("alone.")) return sample.alone[key.slice(6)] ?? null;
    return sample[/** @type {"name" | "label" | "together" | "gap"} */ (key)];
  };
  return samples.toSorted((s, t) => {
    const [a, b] = [value(s), value(t)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || compared(s.name, t.name);
    return (down ? -1 : 1) * compared(a, b) || compared(s.name, t.name);
  });
}

/**
 * @param {string | number} a
 * @param {string | number} b
 */
function compared(a, b) {
  if (typeof a === "string") return a.localeCompare(String(b), "en", { numeric: true });
  return a - Number(b);
}

/**
 * The differences of each class, the class that leans most to the second modality first.
 * @param {Sample[]} samples
 * @returns {{ label: string, samples: Sample[], median: number }[]}
 */
export function gapsByClass(samples) {
  /** @type {Map<string, Sample[]>} */
  const classes = new Map();
  for (const sample of samples) {
    if (sample.gap !== null) classes.set(sample.label, [...(classes.get(sample.label) ?? []), sample]);
  }
  const rows = [...classes].map(([label, some]) => ({
    label,
    samples: some,
    median: median(some.map(({ gap }) => gap ?? 0)),
  }));
  return rows.sort((a, b) => a.median - b.median || compared(a.label, b.label));
}

/** @param {number[]} values at least one */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
