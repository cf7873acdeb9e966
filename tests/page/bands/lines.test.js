import assert from "node:assert/strict";
import { bandExtent, bandLines, nearest } from "../../../dashboard/page/bands/lines.js";
import { close } from "../close.js";

Deno.test("smoothing keeps a constant, mixes nothing across a hole and leaves the extremes", () => {
  const band = {
    steps: [0, 1, 2, 3],
    x: [],
    mean: [2, 2, "NaN", 8],
    deviation: [1, 0, 0, 0],
    low: [1, 2, 2, 8],
    high: [9, 2, 2, 8],
    runs: [2, 2, 2, 2],
  };
  const alone = bandLines(band, { alone: true, log: false, tau: 5 });
  const group = bandLines(band, { alone: false, log: false, tau: 0 });
  [2, 2, null, 8].forEach((
    value,
    i,
  ) => (value === null ? assert.equal(alone.solid[i], null) : close(alone.solid[i], value)));
  assert.deepEqual(alone.odd, [2]);
  assert.deepEqual(alone.high, [9, 2, 2, 8]);
  assert.deepEqual(group.low, [1, 2, null, 8]);
  assert.deepEqual(group.high, [3, 2, null, 8]);
  assert.deepEqual(bandExtent([alone], 0, 1), [1, 9]);
});

Deno.test("the nearest place of an ascending list", () => {
  assert.deepEqual([0.4, 0.6, 9].map((x) => nearest([0, 1, 3], x)), [0, 1, 2]);
});
