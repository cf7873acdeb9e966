import assert from "node:assert/strict";
import { sparkPath, sparkShare } from "../../../dashboard/page/runs/spark.js";

Deno.test("a rho of one is drawn in the middle and a spike at its height", () => {
  const rho = { steps: [0, 50], low: [1, 0.125], high: [1, 64] };
  assert.equal(sparkPath(rho, 100, sparkShare.rho), "M0 15L50 28L50 2");
});

Deno.test("a single value is a dot", () => {
  assert.equal(sparkPath({ steps: [9], low: [1], high: [1] }, 9, sparkShare.accuracy), "M100 2h.1");
});
