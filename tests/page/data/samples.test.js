import assert from "node:assert/strict";
import {
  countsOf,
  gapsByClass,
  median,
  ordered,
  quadrantOf,
  samplesOf,
  wordsOf,
} from "../../../dashboard/page/data/samples.js";

const PAIR = ["audio", "visual"];
const SAMPLES = {
  names: ["a10", "a2", "b1", "b2", "c1"],
  labels: ["a", "a", "b", "b", "c"],
  together: [0.9, 0.4, 0.2, 0.1, null],
  alone: { visual: [0.8, 0.1, 0.7, 0.2, null], audio: [0.9, 0.6, 0.1, 0.3, 0.5] },
};
const ALL = samplesOf(SAMPLES, PAIR);
const names = (samples) => samples.map(({ name }) => name).join(" ");

Deno.test("an example without one of the two modalities has no difference and no quadrant", () => {
  assert.deepEqual(ALL.map((one) => quadrantOf(one, PAIR)), ["both", "first", "second", "neither", null]);
  assert.equal(ALL[4].gap, null);
  assert.deepEqual(countsOf(ALL, PAIR), { both: [1, 0], first: [1, 1], second: [1, 1], neither: [1, 1] });
  assert.equal(wordsOf(PAIR).first, "only audio knows");
  assert.deepEqual(samplesOf(SAMPLES, []).map(({ gap }) => gap), [null, null, null, null, null]);
});

Deno.test("examples are sorted by any column, names as numbers, and those without a value come last", () => {
  assert.equal(names(ordered(ALL, { key: "name", down: false })), "a2 a10 b1 b2 c1");
  assert.equal(names(ordered(ALL, { key: "together", down: false })), "b2 b1 a2 a10 c1");
  assert.equal(names(ordered(ALL, { key: "together", down: true })), "a10 a2 b1 b2 c1");
  assert.equal(names(ordered(ALL, { key: "alone.visual", down: true })), "a10 b1 b2 a2 c1");
  assert.equal(names(ordered(ALL, { key: "gap", down: false })), "b1 a10 b2 a2 c1");
  assert.equal(names(ordered(ALL, { key: "label", down: true })), "c1 b1 b2 a2 a10");
});

Deno.test("classes come from the one that leans most to the second modality on", () => {
  const rows = gapsByClass(ALL);
  assert.deepEqual(rows.map(({ label, samples }) => [label, samples.length]), [["b", 2], ["a", 2]]);
  assert.ok(Math.abs(rows[0].median + 0.25) < 1e-9);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1]), 2.5);
});
