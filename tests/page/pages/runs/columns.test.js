import assert from "node:assert/strict";
import { runColumns } from "../../../../dashboard/page/pages/runs/columns.js";

Deno.test("any setting is a column, and nothing else that is unknown", () => {
  assert.equal(runColumns.column("settings.momentum")?.title, "momentum");
  assert.equal(runColumns.column("nothing"), null);
  assert.equal(runColumns.column("constructor"), null);
});

Deno.test("where there is little room, the default columns that fit are shown", () => {
  for (const room of [600, 900, 1200, 2000]) {
    const names = runColumns.fitting(room);
    assert.ok(names.includes("rho"));
    assert.ok(runColumns.wide(names) <= room);
  }
  assert.ok(runColumns.fitting(900).length < runColumns.fitting(2000).length);
});

Deno.test("the grid has a track for each column, the box, the name and the button", () => {
  assert.equal(runColumns.template(["state", "nothing"]), "36px minmax(180px, 1fr) 102px 0px 48px");
});
