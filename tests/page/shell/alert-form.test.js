import assert from "node:assert/strict";
import { rehearsed } from "../../../dashboard/page/shell/alert-form.js";

Deno.test("an alert says in how many runs it would have fired", () => {
  assert.equal(rehearsed({ runs: 12, fired: ["a", "b", "c"] }), "Would have fired in 3 of the last 12 runs.");
  assert.equal(rehearsed({ runs: 12, fired: [] }), "Would not have fired in the last 12 runs.");
  assert.equal(rehearsed({ runs: 1, fired: ["a"] }), "Would have fired in the last run.");
  assert.equal(rehearsed({ runs: 0, fired: [] }), "");
});
