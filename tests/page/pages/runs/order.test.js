import assert from "node:assert/strict";
import { itemsOf } from "../../../../dashboard/page/pages/runs/order.js";

/** @import { Index } from "../../../../dashboard/page/api/schema.d.ts" */

const heights = { run: 58, bunch: 44 };
/** @param {string | number | null} value */
const bunch = (value, label = "") => ({ value, label, count: 2, scored: 0, mean: null, deviation: null });
/** @type {Index} */
const GROUPED = {
  total: 4,
  states: {},
  bunches: [bunch("one"), bunch(null)],
  runs: ["a", "b", "b", "c"],
};

/**
 * @param {string} group
 * @param {string | number | null} value
 * @param {string} [label]
 */
function titleOf(group, value, label) {
  const order = { ...GROUPED, bunches: [bunch(value, label)] };
  const [head] = itemsOf(order, { group, closed: new Set(), heights });
  return head.kind === "bunch" ? head.bunch.title : "";
}

Deno.test("without groups each run is a row", () => {
  const items = itemsOf({ ...GROUPED, bunches: [] }, { group: "", closed: new Set(), heights });
  assert.deepEqual(items.map((item) => item.kind), ["run", "run", "run", "run"]);
});

Deno.test("a run of two groups has two rows with keys of their own", () => {
  const items = itemsOf(GROUPED, { group: "tag", closed: new Set(), heights });
  assert.deepEqual(items.map((item) => item.key), ["bunch one", "one:a", "one:b", "bunch ", ":b", ":c"]);
  assert.deepEqual(items.map((item) => item.height), [44, 58, 58, 44, 58, 58]);
});

Deno.test("a closed group shows its head alone and still knows its runs", () => {
  const [head, next] = itemsOf(GROUPED, { group: "tag", closed: new Set(["one"]), heights });
  assert.equal(next.key, "bunch ");
  assert.ok(head.kind === "bunch" && head.bunch.closed);
  assert.deepEqual(head.bunch.ids, ["a", "b"]);
});

Deno.test("a group is called by what its runs share", () => {
  assert.equal(titleOf("tag", null), "no tag");
  assert.equal(titleOf("strategy", "ogm-ge"), "ogm-ge");
  assert.equal(titleOf("settings.alpha", 0.1), "alpha 0.1");
  assert.equal(titleOf("sweep", "abc"), "sweep abc");
  assert.equal(titleOf("sweep", "abc", "Which alpha?"), "Which alpha?");
});
