import assert from "node:assert/strict";
import { csvRows, quoted } from "../../../dashboard/page/lib/csv.js";

Deno.test("values of several runs are joined at their steps", () => {
  const text = csvRows([{ steps: [0, 2, 3], values: [0.1, "NaN", 3] }, {
    steps: [1, 2],
    values: [5, "Infinity"],
  }]);
  assert.equal(text, "0,0.1,\n1,,5\n2,NaN,Infinity\n3,3,\n");
});

Deno.test("a text is quoted where it needs it, and is no formula", () => {
  assert.equal(quoted("rho.audio"), "rho.audio");
  assert.equal(quoted('a,"b"'), '"a,""b"""');
  assert.equal(quoted("a\rb"), '"a\rb"');
  for (const text of ["=1+1", "+1", "-x", "@x", "\tx"]) assert.equal(quoted(text), `'${text}`);
  assert.equal(quoted("=a,b"), '"\'=a,b"');
});
