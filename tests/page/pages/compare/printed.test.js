import assert from "node:assert/strict";
import { printed } from "../../../../dashboard/page/pages/compare/printed.js";

const rows = [
  { key: "state", head: "State", cells: [{ text: "completed" }, { text: "completed" }] },
  {
    key: "test.accuracy",
    head: "Test accuracy",
    cells: [{ text: "61.2 ± 0.8 %" }, { text: "64.9 ± 0.4 %", strong: true }],
  },
  {
    key: "test.accuracy difference",
    head: "… difference, seed by seed",
    cells: [
      { text: "baseline" },
      { text: "+3.7 points", note: "95 %: +1.2 … +6.2, 3 seeds, paired t", strong: true },
    ],
  },
  { key: "setting strategy", head: "strategy", cells: [{ text: "joint" }, { text: "ogm-ge" }] },
];
const group = (label) => ({ label, alone: false, runs: ["a", "b", "c"] });
const run = (label) => ({ label, alone: true, runs: ["a"] });

Deno.test("groups are printed a row each, with the interval of their difference", () => {
  const { heads, rows: lines } = printed([group("joint"), group("ogm-ge")], rows);
  assert.deepEqual(heads, ["Group", "Runs", "Test accuracy", "Difference (points) [95 % interval]"]);
  assert.deepEqual(lines[1], [
    "ogm-ge",
    "3",
    { text: "64.9 ± 0.4 %", strong: true },
    { text: "+3.7 [+1.2, +6.2]", strong: true },
  ]);
});

Deno.test("runs are printed with the settings that they differ in", () => {
  const { heads } = printed([run("one"), run("two")], rows);
  assert.deepEqual([heads[0], heads.at(-1)], ["Run", "strategy"]);
});
