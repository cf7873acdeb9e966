import assert from "node:assert/strict";
import { binWidth, fill, slots } from "../../../dashboard/page/charts/grid.js";
import { outliers } from "../../../dashboard/page/charts/outliers.js";
import { smooth } from "../../../dashboard/page/charts/smoothing.js";
import { Bins } from "../../../dashboard/page/data/bins.js";
import { between, close, dice } from "../close.js";

Deno.test("smoothing does not lag and does not reach across a change", () => {
  const [ramp, jump] = [new Bins(), new Bins()];
  for (let i = 0; i <= 200; i++) {
    ramp.add(i, i);
    jump.add(i, i < 100 ? 0 : 1);
  }
  const grid = slots(0, 200, 1);
  const soft = (bins, breaks) => [...smooth(bins, grid, 10, false, breaks)];
  close(soft(ramp, [])[100], 100);
  const sharp = soft(jump, [100]);
  for (let i = 95; i < 105; i++) close(sharp[i], i < 100 ? 0 : 1);
});

Deno.test("what is drawn keeps the least and the greatest value of every bin", () => {
  const bins = new Bins(4096);
  for (let i = 0; i < 4000; i++) bins.add(i, i === 1234 ? 99 : i === 2345 ? -99 : 0);
  const width = binWidth(0, 3999, 500, bins.width);
  assert.equal(width, 8);
  const y = fill(bins, slots(0, 3999, width), false).filter((value) => value !== null);
  assert.deepEqual([Math.max(...y), Math.min(...y)], [99, -99]);
  assert.ok(y.length <= 2 * 500 + 4);
});

Deno.test("no spike is lost at any width and zoom: bins, grid, smooth line and outliers", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = dice(seed);
    const n = between(random, 50, 60_000);
    const at = between(random, 0, n - 1);
    const pixels = [65, 97, 333, 501, 777, 1919][between(random, 0, 5)];
    const [x0, x1] = [between(random, 0, at), between(random, at, n)];
    const bins = new Bins(1024);
    for (let i = 0; i < n; i++) bins.add(i, i === at ? 40 : 1 + 0.2 * Math.sin(i * 12.9898));
    bins.add(at, NaN);
    const grid = slots(x0, x1, binWidth(x0, x1, pixels, bins.width));
    const y = fill(bins, grid, false);
    const soft = smooth(bins, grid, 5 * grid.w, false, []);
    const far = outliers(y, soft, false);
    const say = JSON.stringify({ seed, n, at, pixels, x0, x1 });
    assert.equal(Math.max(...y), 40, say);
    assert.equal(Math.max(...far), 40, say);
    assert.ok(Math.abs(grid.x[y.indexOf(40)] - at) <= grid.w, say);
    assert.ok(bins.odd.some(({ step }) => step === at), say);
  }
});
