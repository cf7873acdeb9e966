import assert from "node:assert/strict";
import { strokesOf, trace } from "../../../dashboard/page/charts/painting.js";
import { dice } from "../close.js";

/** The places of a path, in order. */
function places(x, values, broken = false, shift = 0) {
  const path = [];
  const to = (kind) => (...place) => path.push([kind, ...place]);
  trace({ moveTo: to("move"), lineTo: to("line") }, x, (value) => value, values, broken, shift);
  return path;
}

Deno.test("a missing value is passed over, or interrupts a line that is broken there", () => {
  const values = [1, null, 3, 4];
  assert.deepEqual(places([0, 1, 2, 3], values), [["move", 0, 1], ["line", 2, 3], ["line", 3, 4]]);
  const apart = [["move", 0, 1], ["move", 2, 3], ["line", 3, 4]];
  assert.deepEqual(places([0, 1, 2, 3], values, true), apart);
});

Deno.test("values in one column of pixels are one upright stroke that leaves where the last one is", () => {
  const path = places([5, 5, 5, 5, 6], [3, 9, 1, 4, 4], false, 0.5);
  const upright = [["move", 5.5, 3.5], ["line", 5.5, 1.5], ["line", 5.5, 9.5], ["line", 5.5, 4.5]];
  assert.deepEqual(path, [...upright, ["line", 6.5, 4.5]]);
});

Deno.test("no extreme of any column is lost, and every column begins and ends at its own values", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = dice(seed);
    const x = Array.from({ length: 300 }, (_, i) => Math.floor(i * (0.2 + random() * 0.01)));
    const values = x.map(() => (random() < 0.2 ? null : Math.round(100 * random())));
    const path = places(x, values);
    for (const column of new Set(x)) {
      const own = values.filter((value, i) => value !== null && x[i] === column);
      const drawn = path.filter(([, at]) => at === column).map(([, , y]) => y);
      if (!own.length) assert.deepEqual(drawn, []);
      else {
        const ends = (list) => [Math.min(...list), Math.max(...list), list[0], list.at(-1)];
        assert.deepEqual(ends(drawn), ends(own), `seed ${seed}, column ${column}`);
      }
    }
  }
});

Deno.test("what is behind smoothed lines comes first, never dashed; of many lines outliers alone", () => {
  const plain = { faint: false, sparse: false, dash: [6, 4], record: {} };
  const line = (name, more = {}) => ({ ...plain, name, ...more });
  const lines = [line("a"), line("b", { faint: true }), line("c", { sparse: true, record: { many: true } })];
  const curves = lines.map(({ name }, i) => ({ soft: i < 2, faint: [`${name} behind`], solid: [name] }));
  const look = ({ values, dash, share, broken }) => [values[0], dash.length, share, broken];
  assert.deepEqual(strokesOf(lines, curves, false).map(look), [
    ["a behind", 0, 0.24, false],
    ["b behind", 0, 0.12, false],
    ["a", 2, 1, false],
    ["b", 2, 0.65, false],
    ["c", 0, 1, false],
  ]);
  assert.deepEqual(strokesOf(lines, curves, true).slice(0, 2).map(look), [
    ["a behind", 0, 0.8, true],
    ["b behind", 0, 0.8, true],
  ]);
});
