import assert from "node:assert/strict";
import { fineness, spanOf } from "../../../dashboard/page/data/history.js";

Deno.test("each column of pixels has a bucket of its own, and no chart asks for much more", () => {
  for (let width = 100; width <= 1536; width++) {
    const { points } = fineness(width, 1);
    const buckets = points / 2 /
      1.5; /* in view: two values each, and a quarter of the window on both sides */
    assert.ok(buckets >= width, `${width} pixels, ${points} points`);
    assert.ok(points <= Math.max(1024, 4 * width + 512));
  }
  assert.equal(fineness(5000, 1).points, 6144, "at most");
});

Deno.test("before any chart has a width, and where runs are many, it is the most", () => {
  assert.equal(fineness(0, 1).points, 6144);
  assert.deepEqual(fineness(0, 50), { points: 2048, whole: 2048 });
  assert.equal(fineness(590, 50).points, 2048);
  assert.equal(fineness(590, 4).points, 2560);
});

Deno.test("a bin holds a power of two of steps, and a short range is read whole", () => {
  const fine = fineness(590, 1);
  assert.deepEqual(spanOf([1000, 3000], fine), { start: 500, end: 3500, points: 4096, width: 1 });
  assert.deepEqual(spanOf([0, 4000], fine), { start: 0, end: 5000, points: 2560, width: 2 });
  for (const span of [10, 4096, 1e4, 1e6, 1e9]) {
    const { start, end, points, width } = spanOf([5 * span, 6 * span], fine);
    assert.ok((end - start + 1) / width <= points);
    assert.ok(span / width >= 590 || width === 1, "each column of pixels has a bin");
  }
});
