import assert from "node:assert/strict";
import { results } from "../../../../dashboard/page/pages/compare/results.js";

/** @import { Difference, Spread } from "../../../../dashboard/page/api/schema.d.ts" */

const TESTED = { method: "paired t", detectable: 0.041 };

/**
 * A column without runs.
 * @param {number[]} accuracy of each of them
 * @param {{ difference?: Difference, base?: boolean }} [more]
 */
function column(accuracy, { difference, base = false } = {}) {
  /** @type {Spread} */
  const spread = { mean: 0, deviation: 0, values: Object.fromEntries(accuracy.entries()) };
  /** @type {{ [name: string]: Difference }} */
  const differences = difference ? { "test.accuracy": difference } : {};
  return { members: [], final: { "test.accuracy": spread }, whole: {}, differences, base };
}

/**
 * @param {ReturnType<typeof column>[]} columns
 * @param {string} key
 */
const cells = (columns, key) => results(columns, []).find((row) => row.key === key)?.cells;

Deno.test("the best accuracy is strong, and several runs have a deviation", () => {
  assert.deepEqual(cells([column([0.5]), column([0.7, 0.9])], "test.accuracy"), [
    { text: "50.0 %", strong: false },
    { text: "80.0 ± 14.1 %", strong: true },
  ]);
});

Deno.test("a row without a value is left out", () => {
  assert.equal(cells([column([])], "test.accuracy"), undefined);
});

Deno.test("a difference is strong where it survives the correction, and else says what can't be seen", () => {
  const columns = [
    column([0.5], { base: true }),
    column([0.6], { difference: { ...TESTED, pairs: 3, mean: 0.1, low: 0.02, high: 0.18, p_holm: 0.03 } }),
    column([0.5], { difference: { ...TESTED, pairs: 3, mean: 0.02, low: 0.01, high: 0.03, p_holm: 0.06 } }),
    column([0.5], { difference: { ...TESTED, pairs: 1, mean: 0.1, low: null, high: null } }),
    column([0.5], { difference: { ...TESTED, pairs: 0 } }),
  ];
  assert.deepEqual(cells(columns, "test.accuracy difference"), [
    { text: "baseline" },
    { text: "+10.0 points", note: "95 %: +2.0 … +18.0, 3 seeds, paired t", strong: true },
    {
      text: "+2.0 points",
      note: "95 %: +1.0 … +3.0, 3 seeds, paired t; under 4.1 points can't be seen",
      strong: false,
    },
    { text: "+10.0 points", note: "1 common seed; an interval needs 3" },
    { text: "no common seed" },
  ]);
});
