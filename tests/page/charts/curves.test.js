import assert from "node:assert/strict";
import { curvesOf } from "../../../dashboard/page/charts/curves.js";
import { slots } from "../../../dashboard/page/charts/grid.js";
import { Bins } from "../../../dashboard/page/data/bins.js";

const grid = slots(0, 63, 1);
const line = (more = {}) => ({ sparse: false, exact: false, record: { breaks: [] }, ...more });
const smoothing = (more = {}) => ({ smoothed: true, tau: 5, log: false, sparing: false, ...more });

function column() {
  const bins = new Bins(64);
  for (let i = 0; i < 64; i++) bins.add(i, 1 + Math.sin(i));
  return bins;
}

Deno.test("a curve is computed again only where something changed, whichever lines are beside it", () => {
  const [a, b, kept] = [column(), column(), new WeakMap()];
  const [first] = curvesOf([line()], [a], grid, smoothing(), kept);
  const [other, again] = curvesOf([line(), line()], [b, a], grid, smoothing(), kept);
  assert.equal(again, first);
  assert.notEqual(other, first);
  a.add(3, 9);
  const [changed] = curvesOf([line()], [a], grid, smoothing(), kept);
  assert.equal(changed.raw[3], 9);
});

Deno.test("another axis, another smoothing, and fewer unsmoothed values are other curves", () => {
  const [bins, kept] = [column(), new WeakMap()];
  const of = (more, one = line()) => curvesOf([one], [bins], grid, smoothing(more), kept)[0];
  const plain = of({});
  for (const more of [{ log: true }, { tau: 6 }, { smoothed: false }, { sparing: true }]) {
    assert.notEqual(of(more), plain, JSON.stringify(more));
  }
  assert.notEqual(of({ sparing: true }).faint, of({}).faint);
  assert.equal(of({}, line({ exact: true })).soft, false);
});

Deno.test("a line without a column has no values, and keeps none", () => {
  const [curve] = curvesOf([line()], [undefined], grid, smoothing(), new WeakMap());
  assert.deepEqual([...new Set([...curve.raw, ...curve.solid])], [null]);
});
