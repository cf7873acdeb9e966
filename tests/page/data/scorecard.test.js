import assert from "node:assert/strict";
import { printedScores, scores } from "../../../dashboard/page/data/scorecard.js";

Deno.test("a row for each modality: branch, probe, alone, test; what was not measured is open", () => {
  const known = {
    "val.accuracy": 0.7,
    "val.accuracy.audio": 0.6,
    "alone.audio": 0.65,
    "test.accuracy": 0.71,
  };
  const rows = scores(["audio", "visual"], (name) => known[name] ?? null);
  assert.deepEqual(rows.map(({ name }) => name), ["fused", "audio", "visual"]);
  assert.deepEqual(rows[1].values, [0.6, null, 0.65, null]);
  const { heads, rows: printed } = printedScores("a run", rows);
  assert.deepEqual(heads, ["Modality", "Branch", "Probe", "Alone", "Test"]);
  assert.deepEqual(printed[0], ["fused", "70.0 %", "–", "–", "71.0 %"]);
});
