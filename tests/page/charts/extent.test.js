import assert from "node:assert/strict";
import { extent } from "../../../dashboard/page/charts/extent.js";
import { Bins } from "../../../dashboard/page/data/bins.js";
import { Columns } from "../../../dashboard/page/data/columns.js";

const record = (first, count) => {
  const [series, bins] = [new Columns(), new Bins()];
  for (let i = 0; i < count; i++) bins.add(first + i, 1);
  series.set("loss", bins);
  series.set("empty", new Bins());
  return { series };
};

Deno.test("runs are seen from step 0, or from where all of them begin far behind it", () => {
  const late = 5 * 2 ** 31;
  assert.deepEqual(extent([record(3, 10)], 12, false), [0, 12]);
  assert.deepEqual(extent([record(late, 10)], late + 9, false), [late, late + 9]);
  assert.deepEqual(extent([record(late, 10)], late + 9, true), [late, late + 10]);
  assert.deepEqual(extent([record(late, 10), record(0, 5)], late + 9, false), [0, late + 9]);
  assert.deepEqual(extent([], -1, false), [0, -1]);
});
