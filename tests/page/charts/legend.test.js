import assert from "node:assert/strict";
import { toggled } from "../../../dashboard/page/charts/card.js";
import { valueOf } from "../../../dashboard/page/charts/legend.js";
import { Record } from "../../../dashboard/page/data/record.js";
import { even } from "../../../dashboard/page/lib/numbers.js";
import { block } from "../blocks.js";

Deno.test("a click hides a line and shows it again, with Alt it is alone, then all are back", () => {
  const labels = ["a", "b", "c"];
  const click = (off, label, alone = false) => [...toggled(labels, new Set(off), label, alone)];
  assert.deepEqual(click([], "b"), ["b"]);
  assert.deepEqual(click(["b"], "b"), []);
  assert.deepEqual(click(["c"], "b", true), ["a", "c"]);
  assert.deepEqual(click(["a", "c"], "b", true), []);
});

Deno.test("a number that changes keeps its width", () => {
  const texts = [0.5, 0.4987, 0.9999, 0.1].map(even);
  assert.deepEqual(texts, ["0.500", "0.499", "1.000", "0.100"]);
  assert.deepEqual([12.5, 123.456, 1234.5, 0.012345, -0.5].map(even), [
    "12.50",
    "123.5",
    "1235",
    "0.0123",
    "−0.500",
  ]);
  assert.deepEqual([NaN, Infinity, 1e-9].map(even), ["NaN", "∞", "1.00e−9"]);
});

Deno.test("a series that ended before its run has no newest value", () => {
  const record = new Record("r", () => {}, 64);
  const steps = Array.from({ length: 30 }, (_, i) => i);
  record.rows(block(1, steps));
  const line = { record, name: "loss", sparse: false };
  assert.equal(valueOf(line, null), "29.00");
  record.rows({ ...block(1, Array.from({ length: 100 }, (_, i) => 30 + i)), names: ["other"] });
  assert.equal(valueOf(line, null), "–");
  assert.equal(valueOf(line, 12), "12.00");
  assert.equal(valueOf({ ...line, every: 5 }, null), "29.00"); /* its next value may be 200 steps away */
});
