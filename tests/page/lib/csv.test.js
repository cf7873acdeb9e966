import assert from "node:assert/strict";
import { csvRows } from "../../../dashboard/page/lib/csv.js";

Deno.test("values of several runs are joined at their steps", () => {
  const text = csvRows([{ steps: [0, 2, 3], values: [0.1, "NaN", 3] }, {
    steps: [1, 2],
    values: [5, "Infinity"],
  }]);
  assert.equal(text, "0,0.1,\n1,,5\n2,NaN,Infinity\n3,3,\n");
});
