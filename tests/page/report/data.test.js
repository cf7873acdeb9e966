import assert from "node:assert/strict";
import { marksOf, pastsIn, span, valueAt } from "../../../dashboard/page/report/data.js";

const CURVE = { steps: [0, 10, 20], values: [1, null, 3], odd: [10] };

Deno.test("a report reads the newest value at or before a step", () => {
  assert.deepEqual([0, 5, 10, 25, null].map((step) => valueAt(CURVE, step)), [1, 1, null, 3, 3]);
  assert.equal(valueAt(CURVE, -1), null);
  assert.equal(valueAt(undefined, 3), null);
});

Deno.test("the y axis holds every value and the reference", () => {
  const plain = { log: false, reference: null };
  assert.deepEqual(span(plain, null, null), [-0.02, 1.08]);
  const [low, high] = span({ log: true, reference: 1 }, 2, 8);
  assert.ok(low < 1 && high > 8);
  const [from, to] = span({ log: false, reference: 0.5 }, 0.9, 0.95);
  assert.ok(from < 0.5 && to > 0.95);
});

Deno.test("what several lines of a run share is marked once, in order", () => {
  const data = {
    marks: { r: [{ step: 9, text: "b" }, { step: 3, text: "a" }], s: [{ step: 3, text: "a" }] },
  };
  const lines = [{ run: "r" }, { run: "r" }, { run: "s" }];
  assert.deepEqual(marksOf(data, lines).map((mark) => mark.step), [3, 9]);
});

Deno.test("what the forks of a report share is drawn once", () => {
  const data = { ancestors: { a: [{ run: "p", until: 9 }], b: [{ run: "p", until: 9 }], c: [] } };
  const lines = ["a", "a", "b", "c"].map((run) => ({ run }));
  assert.deepEqual([...pastsIn(data, lines)], [
    ["a", { begin: 0, own: 9 }],
    ["b", { begin: 9, own: 9 }],
    ["c", { begin: 0, own: 0 }],
  ]);
});
