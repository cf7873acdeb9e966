import assert from "node:assert/strict";
import { comparison } from "../../../../dashboard/page/pages/compare/rows.js";

Deno.test("names lose what all have, and long ones their middle", () => {
  const { short } = comparison;
  assert.deepEqual(short(["ogm-ge epochs=3 alpha=0.1", "ogm-ge epochs=3 alpha=1.5"]), [
    "alpha=0.1",
    "alpha=1.5",
  ]);
  assert.deepEqual(short(["a", "a"]), ["a", "a"]);
  assert.deepEqual(short(["x".repeat(60)]), [`${"x".repeat(16)} … ${"x".repeat(21)}`]);
});
