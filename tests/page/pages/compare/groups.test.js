import assert from "node:assert/strict";
import { usualBase } from "../../../../dashboard/page/pages/compare/groups.js";

const run = (id, strategy, course = {}) => ({ id, spec: { strategy }, course });

Deno.test("joint training is the baseline where none was chosen, unless it was steered away from", () => {
  assert.equal(usualBase([run("a", "ogm-ge"), run("b", "joint"), run("c", "joint")]), "b");
  assert.equal(usualBase([run("a", "ogm-ge"), run("b", "joint", { strategy: "joint → ogm" })]), "a");
  assert.equal(usualBase([]), "");
});
