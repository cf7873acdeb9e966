import assert from "node:assert/strict";
import { Bins } from "../../../dashboard/page/data/bins.js";
import { between, close, dice } from "../close.js";

Deno.test("a one-step spike survives any number of foldings", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = dice(seed);
    const n = between(random, 100, 5000);
    const spike = 50 + 10 * random();
    const at = between(random, 0, n - 1);
    const bins = new Bins(64);
    for (let i = 0; i < n; i++) bins.add(i, i === at ? spike : Math.sin(i));
    const top = bins.at(at);
    close(top.high, spike);
    assert.ok(top.from <= at && at <= top.to);
    assert.equal(bins.count.reduce((sum, c) => sum + c, 0), n);
    assert.ok(bins.used <= 64);
  }
});

Deno.test("room for a stored curve is made at once", () => {
  const steps = Array.from({ length: 200 }, (_, i) => 5000 * i);
  const [grown, expected] = [new Bins(64), new Bins(64)];
  expected.expect(steps.at(-1));
  const { width } = expected;
  for (const step of steps) for (const bins of [grown, expected]) bins.add(step, Math.cos(step));
  const all = (b) => [b.width, b.used, ...b.low.slice(0, b.used), ...b.high.slice(0, b.used)];
  assert.equal(width, expected.width);
  assert.deepEqual(all(grown), all(expected));
});

Deno.test("marks of values that are not finite survive foldings and cuts", () => {
  const bins = new Bins(64);
  for (let i = 0; i < 5000; i++) bins.add(i, i % 1000 === 7 ? NaN : 1);
  assert.deepEqual(bins.odd.map((one) => one.step), [7, 1007, 2007, 3007, 4007]);
  bins.cut(2500);
  assert.deepEqual(bins.odd.map((one) => one.step), [7, 1007, 2007]);
  assert.ok(bins.used <= 64);
});

Deno.test("a run from beyond 32 bits is exact, and so is one that begins again before it", () => {
  const late = 3 * 2 ** 31;
  const bins = new Bins(64, undefined, 1, true);
  for (let i = 0; i < 40; i++) bins.add(late + i, 1e300 + i);
  assert.deepEqual(bins.at(late + 7), {
    from: late + 7,
    to: late + 7,
    low: 1e300 + 7,
    high: 1e300 + 7,
    mean: 1e300 + 7,
  });
  bins.add(late - 5, 2 ** 40 + 1);
  assert.equal(bins.at(late - 5).low, 2 ** 40 + 1);
  assert.equal(bins.at(late + 39).high, 1e300);
  assert.ok(bins.used <= 64);
  bins.add(0, NaN);
  assert.deepEqual(bins.odd, [{ step: 0 }]);
  assert.equal(bins.last().high, 1e300);
});
