import assert from "node:assert/strict";
import { Calm } from "../../../dashboard/page/instruments/calm.js";

let now = 0;
performance.now = () => now;
Object.assign(globalThis, { setTimeout: () => 1 });

Deno.test("of seven instruments of a growing run no more than three are painted in one drawing", () => {
  const all = Array.from({ length: 7 }, () => new Calm(() => {}));
  /** @type {number[]} how many were painted in each drawing, and when each was */
  const together = [];
  const painted = all.map(() => /** @type {number[]} */ ([]));
  for (now = 0; now < 4000; now += 42) {
    const ready = all.flatMap((calm, i) => (calm.early() ? [] : [i]));
    together.push(ready.length);
    for (const i of ready) painted[i].push(now);
  }
  assert.equal(together[0], 7, "what was never painted waits for nothing");
  assert.ok(Math.max(...together.slice(1)) <= 3, together.join());
  for (const times of painted) {
    const gaps = times.slice(2).map((time, i) => time - times[i + 1]);
    assert.ok(Math.min(...gaps) >= 250 && Math.max(...gaps) <= 250 + 42, gaps.join());
  }
});
