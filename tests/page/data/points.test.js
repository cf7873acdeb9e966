import assert from "node:assert/strict";
import { binWidth, fill, slots } from "../../../dashboard/page/charts/grid.js";
import { Points } from "../../../dashboard/page/data/points.js";

const NOISY = Array.from({ length: 4000 }, (_, i) => (i === 1234 ? 50 : i === 3210 ? -50 : Math.sin(i)));

for (const width of [64, 300]) {
  Deno.test(`sparse series keep their spikes when they are drawn ${width} pixels wide`, () => {
    const points = new Points();
    NOISY.forEach((value, i) => points.add(i, value));
    const grid = slots(0, 3999, binWidth(0, 3999, width, 1));
    const y = fill(points, grid, false).filter((value) => value !== null);
    assert.deepEqual([Math.max(...y), Math.min(...y)], [50, -50]);
    assert.ok(y.length <= grid.x.length);
  });
}

Deno.test("a sparse series that grows for ever keeps its extremes and the newest value", () => {
  const points = new Points(100);
  NOISY.forEach((value, i) => points.add(i, value));
  assert.ok(points.steps.length <= 100);
  assert.deepEqual([Math.max(...points.values), Math.min(...points.values)], [50, -50]);
  assert.equal(points.last().to, 3999);
});
