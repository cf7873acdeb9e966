import assert from "node:assert/strict";
import { sparkPaths, sparkShare } from "../../../dashboard/page/runs/spark.js";

Deno.test("a rho of one is in the middle, noise is a band around its middle, a spike at its height", () => {
  const rho = { steps: [0, 50, 100], low: [1, 0.125, 1], high: [1, 8, 64] };
  const { line, area } = sparkPaths(rho, 100, sparkShare.rho);
  assert.equal(line, "M0 15L50 15L100 8.5");
  assert.equal(area, "M0 15L50 2L100 2L100 15L50 28L0 15Z");
});

Deno.test("a single value is a dot", () => {
  assert.equal(sparkPaths({ steps: [9], low: [1], high: [1] }, 9, sparkShare.accuracy).line, "M100 2h.1");
});
