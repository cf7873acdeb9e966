import assert from "node:assert/strict";
import { Bins } from "../../../dashboard/page/data/bins.js";
import { Columns, take } from "../../../dashboard/page/data/columns.js";
import { Points } from "../../../dashboard/page/data/points.js";
import { Record } from "../../../dashboard/page/data/record.js";
import { block } from "../blocks.js";

const kept = (steps, values) => ({ steps, values, run: null, capacity: 64 });

Deno.test("stored values become bins when they are looked at, the same as at once", () => {
  const columns = new Columns();
  const steps = Array.from({ length: 200 }, (_, i) => 3 * i);
  const values = steps.map((step) => (step === 30 ? "NaN" : Math.cos(step)));
  columns.keep("loss", kept(steps, values));
  assert.deepEqual([columns.has("loss"), columns.bins().length], [true, 0]);
  const now = new Bins(64);
  take(now, { steps, values });
  const { origin, coarse } = columns;
  const later = columns.get("loss");
  assert.deepEqual([later.low, later.high, later.odd], [now.low, now.high, now.odd]);
  assert.deepEqual([origin, coarse], [now.origin, now.width > 1], "both are known before it is opened");
  assert.equal(columns.get("loss"), later);
  assert.equal(columns.get("rho"), undefined);
});

Deno.test("a series that begins late is known to, and is no coarser for that", () => {
  const columns = new Columns();
  columns.keep("loss", kept([1000, 1001], [1, 2]));
  assert.deepEqual([columns.origin, columns.coarse], [1000, false]);
  columns.open();
  assert.deepEqual([columns.origin, columns.coarse], [1000, false]);
});

Deno.test("sparse series are told from dense ones, opened or not", () => {
  const columns = new Columns();
  columns.keep("loss", kept([0], [1]));
  columns.set("val.loss", new Points());
  columns.open();
  assert.deepEqual([columns.points().length, columns.bins().length], [1, 1]);
});

Deno.test("rows that arrive, a gap that is read, and a new attempt go on from what the store had", () => {
  const record = new Record("r", () => {}, 64);
  record.history([{ name: "loss", steps: [0, 1], values: [5, 6] }], true);
  record.rows(block(1, [1, 2], [60, 7]));
  record.history([{ name: "loss", steps: [3], values: [8] }], false);
  assert.deepEqual([0, 1, 2, 3].map((step) => record.series.get("loss").at(step).mean), [5, 6, 7, 8]);
  const other = new Record("s", () => {}, 64);
  other.history([{ name: "loss", steps: [0, 1, 2], values: [5, 6, 7] }], true);
  other.attempt = 1;
  other.begin(2, 1);
  assert.deepEqual([other.last, other.series.get("loss").at(2)], [0, null]);
});
