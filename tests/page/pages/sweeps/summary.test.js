import assert from "node:assert/strict";
import { axisOf, groupWords, share, spreadWords } from "../../../../dashboard/page/pages/sweeps/summary.js";

Deno.test("a sweep is as far as its runs are, and what has ended is done", () => {
  assert.equal(share([{ state: "failed", progress: 0.2 }, { state: "running", progress: 0.5 }]), 0.75);
  assert.equal(share([]), 0);
});

Deno.test("accuracy is drawn against the first setting whose values are numbers and differ", () => {
  const groups = [{ values: { fusion: "sum", lr: 1, alpha: 0.1 } }, {
    values: { fusion: "film", lr: 1, alpha: 0.8 },
  }];
  assert.equal(axisOf(["fusion", "lr", "alpha"], groups), "alpha");
  assert.equal(axisOf(["fusion"], groups), null);
});

Deno.test("a group is called by its settings", () => {
  assert.equal(groupWords({ batch_size: 16, alpha: 0.1 }), "batch size 16, alpha 0.1");
  assert.equal(groupWords({}), "all");
});

Deno.test("a deviation needs two runs", () => {
  assert.equal(spreadWords({ mean: 0.712, deviation: 0.008, values: { a: 0.704, b: 0.72 } }), "71.2 ± 0.8 %");
  assert.equal(spreadWords({ mean: 0.712, deviation: 0, values: { a: 0.712 } }), "71.2 %");
});
