import assert from "node:assert/strict";
import { Bins } from "../../../dashboard/page/data/bins.js";
import { joined } from "../../../dashboard/page/data/history.js";
import { Points } from "../../../dashboard/page/data/points.js";
import { Record } from "../../../dashboard/page/data/record.js";
import { block } from "../blocks.js";

/** A record that took these blocks, and the ranges it asked the store for. */
function taken(...blocks) {
  const fetched = [];
  const record = new Record("r", (from, to) => fetched.push([from, to]), 64);
  for (const one of blocks) record.rows(one);
  return { record, fetched };
}
const mean = (record, step) => record.series.get("loss").at(step)?.mean ?? null;

Deno.test("a step that comes twice counts once", () => {
  const { record: { stats } } = taken(block(1, [0, 1, 2]), block(1, [1, 2, 3]), block(1, [0, 1]));
  assert.deepEqual([stats.rows, stats.duplicates, stats.missing, stats.last], [4, 4, 0, 3]);
});

Deno.test("a later attempt replaces what an earlier one wrote, from its first step on", () => {
  const { record } = taken(block(1, [0, 1, 2, 3], [1, 1, 1, 1]), block(2, [2, 3, 4], [9, 9, 9]));
  assert.deepEqual([0, 1, 2, 3, 4].map((step) => mean(record, step)), [1, 1, 9, 9, 9]);
});

Deno.test("an attempt that was given up no longer writes", () => {
  assert.equal(taken(block(1, [0, 1]), block(2, [1, 2]), block(1, [2, 3, 4])).record.last, 2);
});

Deno.test("a hole after a new connection is read from the store", () => {
  assert.deepEqual(taken(block(1, [7, 8])).fetched, [[0, 6]]);
});

Deno.test("a hole in the middle is counted as missing", () => {
  assert.equal(taken(block(1, [0, 1]), block(1, [4, 5, 7])).record.stats.missing, 3);
});

Deno.test("values that are not finite are kept apart and never drawn", () => {
  const series = taken(block(1, [0, 1, 2], [1, NaN, Infinity])).record.series.get("loss");
  assert.deepEqual(series.odd.map((one) => one.step), [1, 2]);
  assert.equal(series.at(0).high, 1);
  assert.ok(!Number.isFinite(series.last().mean), "the newest value is what it is, not the last good one");
});

Deno.test("between logged steps the last logged value holds, and after the newest nothing is known", () => {
  const { record } = taken(block(1, [0, 10, 20], [1, 2, 3]));
  assert.deepEqual([0, 5, 10, 19, 20, 21].map((step) => mean(record, step)), [1, 1, 2, 2, 3, null]);
});

Deno.test("what was measured before the step of a new attempt stays, as in the store", () => {
  const { record } = taken();
  const measured = (attempt, step) =>
    record.event({ kind: "values", attempt, step, data: { values: { "val.loss": step } } });
  record.event({ kind: "started", attempt: 1, step: 0, data: { start_step: 0 } });
  for (const step of [10, 20, 30]) measured(1, step);
  record.event({ kind: "started", attempt: 2, step: 20, data: { start_step: 20 } });
  assert.deepEqual([...record.series.get("val.loss").steps], [10, 20]);
});

Deno.test("a fork that waits knows which of its ancestors' series are sparse", () => {
  /* Otherwise its first row, at the very step of the fork, would count as one that came twice. */
  const { record } = taken();
  record.run = { series: [] };
  record.inherited = [{ name: "val.loss", sparse: true }, { name: "loss", sparse: false }];
  const loss = { name: "loss", steps: [0, 1], values: [1, 2] };
  record.history([loss, { name: "val.loss", steps: [2], values: [3] }], true);
  assert.equal(record.last, 1);
  assert.ok(record.series.get("val.loss") instanceof Points);
});

Deno.test("rows that come while detail is read are in it", () => {
  const { record } = taken(block(1, [0, 1, 2]));
  record.heard = [];
  record.rows(block(1, [2, 3, 4], [2, 77, 4]));
  const detail = { start: 0, end: 3, width: 1, series: new Map([["loss", new Bins(8)]]) };
  joined(detail, record.heard);
  const bins = detail.series.get("loss");
  assert.deepEqual([record.heard.length, bins.at(3)?.mean ?? null, bins.at(4)?.mean ?? null], [1, 77, null]);
});

Deno.test("an alert is a mark on the charts, once", () => {
  const { record } = taken();
  const alert = { kind: "alert", attempt: 1, step: 7, data: { words: "rho.audio above 5" } };
  record.event({ kind: "started", attempt: 1, step: 0, data: {} });
  record.event(alert);
  record.event(alert);
  assert.deepEqual(record.marks, [{ step: 7, text: "rho.audio above 5", calm: true }]);
});

Deno.test("an alert breaks no curve, a changed setting and a lost attempt do", () => {
  const { record } = taken();
  const event = (kind, step, attempt, data) => record.event({ kind, step, attempt, data });
  event("started", 0, 1, {});
  event("alert", 7, 1, { words: "rho.audio above 5" });
  event("setting", 9, 1, { setting: "alpha", old: 0.1, new: 0.8 });
  assert.deepEqual(record.breaks, [9]);
  event("started", 12, 2, { start_step: 12 });
  assert.deepEqual(record.breaks, [9, 12]);
  assert.equal(record.marks.at(-1).text, "resumed");
});

Deno.test("a run ends with its last validation or test, which come after its last step", () => {
  const { record } = taken(block(1, [0, 1, 2]));
  assert.equal(record.end, 2);
  record.run = { series: [{ name: "test.accuracy", sparse: true }] };
  record.event({ kind: "values", attempt: 1, step: 3, data: { values: { "test.accuracy": 0.5 } } });
  assert.deepEqual([record.last, record.end], [2, 3]);
});
