import assert from "node:assert/strict";
import { Record } from "../../../dashboard/page/data/record.js";
import { complete, lacking } from "../../../dashboard/page/data/rest.js";

/* A record of a run with three dense series and a sparse one, of which two were read. */
function begun() {
  const record = new Record("a", () => {});
  const declared = ["loss", "rho.audio", "lr"].map((name) => ({ name, sparse: false }));
  record.run = { series: [...declared, { name: "val.loss", sparse: true }], modalities: ["audio"] };
  record.partial = true;
  record.history([
    { name: "loss", steps: [0, 1, 2], values: [5, 6, 7] },
    { name: "val.loss", steps: [2], values: [3] },
  ], true);
  return record;
}

Deno.test("a run lacks the dense series that were not read", () => {
  assert.deepEqual(lacking(begun()), ["rho.audio", "lr"]);
});

Deno.test("what is read later ends where the others do, and counts no row again", () => {
  const record = begun();
  complete(record, [
    { name: "loss", steps: [0, 1], values: [9, 9] },
    { name: "rho.audio", steps: [0, 1, 2, 3], values: [1, 2, 3, 4] },
    { name: "lr", steps: [3], values: [1] },
    { name: "val.loss", steps: [2], values: [8] },
  ]);
  assert.equal(record.stats.rows, 3);
  assert.equal(record.last, 2);
  assert.equal(record.partial, false);
  assert.equal(record.series.get("loss").at(0).mean, 5);
  assert.equal(record.series.get("rho.audio").last().from, 2);
  assert.equal(record.series.get("lr"), undefined);
  assert.equal(record.series.get("val.loss").last().mean, 3);
  record.column("rho.audio", false).add(3, 4);
  assert.equal(record.series.get("rho.audio").last().mean, 4);
});
