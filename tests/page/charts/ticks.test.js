import assert from "node:assert/strict";
import { decades, stepWords, ticks } from "../../../dashboard/page/charts/ticks.js";

Deno.test("steps on an axis never read alike", () => {
  assert.deepEqual(stepWords([0, 200000, 400000]), ["0", "200k", "400k"]);
  assert.deepEqual(stepWords([303252, 303253]), ["303,252", "303,253"]);
});

Deno.test("ticks are round, within the range, and no more than asked for", () => {
  for (const [low, high] of [[0, 1], [0.93, 0.97], [-5, 12], [1e-7, 3e-7], [0, 1e6]]) {
    const at = ticks(low, high, 6);
    assert.ok(at.length >= 2 && at.length <= 7, `${at}`);
    for (const tick of at) {
      assert.ok(tick >= low - 1e-9 * (high - low) && tick <= high * (1 + 1e-8), `${tick}`);
    }
  }
});

Deno.test("a logarithmic axis has at least three ticks, also within one decade", () => {
  for (const [low, high] of [[0.001, 1000], [0.94, 1.1], [2, 3]]) assert.ok(decades(low, high).length >= 3);
});

Deno.test("labels of a logarithmic axis over many decades do not collide", () => {
  for (const [low, high] of [[1e-12, 1e7], [1e-300, 1e300], [3e-5, 2e4], [1, 1e9]]) {
    const at = decades(low, high);
    assert.ok(at.length >= 3 && at.length <= 9, `${at}`);
    const gaps = at.slice(1).map((place, i) => Math.round(Math.log10(place / at[i])));
    assert.equal(new Set(gaps).size, 1, `${gaps}`);
  }
});
