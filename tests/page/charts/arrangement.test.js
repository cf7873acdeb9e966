import assert from "node:assert/strict";
import { boardRead, boardWritten } from "../../../dashboard/page/charts/arrangement.js";

for (const text of ["", "rho~wtp", "loss~f,k~x", "order,k,rho~p,loss", "order,b~sx,a", "val.accuracy~w"]) {
  Deno.test(`the arrangement "${text}" reads back as it was written`, () => {
    assert.equal(boardWritten(boardRead(text)), text);
  });
}

Deno.test("an arrangement that nobody wrote does no harm", () => {
  const read = boardRead("~~,rho~q9w,,order");
  assert.deepEqual(read.order, []);
  assert.equal(read.sizes.rho.width, "wide");
});
