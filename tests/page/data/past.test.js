import assert from "node:assert/strict";
import { lineOf, pastsOf } from "../../../dashboard/page/data/past.js";

const RUNS = new Map([
  ["root", { id: "root" }],
  ["a", { id: "a", parent: "root", parent_step: 50 }],
  ["b", { id: "b", parent: "root", parent_step: 50 }],
  ["late", { id: "late", parent: "root", parent_step: 80 }],
  ["child", { id: "child", parent: "a", parent_step: 90 }],
  ["early", { id: "early", parent: "a", parent_step: 20 }],
  ["other", { id: "other" }],
].map(([id, run]) => [id, run]));

const line = (id) => lineOf(RUNS.get(id), RUNS);
const pasts = (...ids) => pastsOf(ids.map((id) => [line(id)])).map(({ begin, own }) => [begin, own]);

Deno.test("runs without a common past are drawn whole", () => {
  assert.deepEqual(pasts("root"), [[0, 0]]);
  assert.deepEqual(pasts("root", "other"), [[0, 0], [0, 0]]);
});

Deno.test("what forks of one run share is drawn once, by the first of them", () => {
  assert.deepEqual(pasts("a", "b", "other"), [[0, 50], [50, 50], [0, 0]]);
  assert.deepEqual(pasts("a", "b", "late"), [[0, 50], [50, 50], [50, 50]]);
});

Deno.test("a run beside its forks shares with each what it was until then", () => {
  assert.deepEqual(pasts("root", "a", "late"), [[0, 80], [50, 50], [80, 80]]);
});

Deno.test("a fork of a fork shares the past of both, but no more than it took over", () => {
  assert.deepEqual(pasts("child", "a"), [[0, 90], [90, 90]]);
  assert.deepEqual(pasts("child", "b"), [[0, 50], [50, 50]]);
  assert.deepEqual(pasts("early", "b"), [[0, 20], [20, 20]]);
});

Deno.test("means share a past where they are means of the same", () => {
  const groups = (...lists) => pastsOf(lists.map((ids) => ids.map(line))).map(({ own }) => own);
  assert.deepEqual(groups(["a", "a"], ["b", "b"]), [50, 50]);
  assert.deepEqual(groups(["a", "b"], ["b"]), [50, 50]);
  assert.deepEqual(groups(["a", "b", "late"], ["b", "late"]), [50, 50]);
  assert.deepEqual(groups(["a", "late"], ["b", "other"]), [0, 0]);
  assert.deepEqual(groups(["a", "other"], ["other", "b"]), [50, 50]);
  assert.deepEqual(groups(["a", "b", "other"], ["late", "other", "other"]), [0, 0]);
});

Deno.test("a parent that is not known ends the line, and a circle does not go on for ever", () => {
  const circle = new Map([
    ["x", { id: "x", parent: "y", parent_step: 9 }],
    ["y", { id: "y", parent: "x", parent_step: 5 }],
  ]);
  assert.deepEqual(lineOf(circle.get("x"), circle).map(({ run }) => run), ["x", "y"]);
  assert.deepEqual(lineOf(RUNS.get("a"), new Map()), [
    { run: "a", until: Infinity },
    { run: "root", until: 50 },
  ]);
});
