import assert from "node:assert/strict";
import { Record } from "../../../dashboard/page/data/record.js";
import { tableOf } from "../../../dashboard/page/data/tables.js";

Deno.test("tables stay in order, are replaced, and are taken back by a later attempt", () => {
  const record = new Record("r", () => {});
  const table = (attempt, step, epoch, value) => {
    const data = { name: "layers", epoch, rows: ["a/0"], columns: ["rms"], values: [[value]] };
    record.event({ kind: "table", attempt, step, data });
  };
  const frames = () => tableOf(record, "layers").frames.map((f) => [f.step, f.epoch, String(f.values[0][0])]);
  record.event({ kind: "started", attempt: 1, step: 0, data: { start_step: 0 } });
  record.last = 29;
  for (const [step, epoch, value] of [[20, 1, 2], [10, 0, 1], [30, 2, "NaN"], [20, 1, 5]]) {
    table(1, step, epoch, value);
  }
  assert.deepEqual(frames(), [[10, 0, "1"], [20, 1, "5"], [30, 2, "NaN"]]);
  record.event({ kind: "started", attempt: 2, step: 20, data: { start_step: 20 } });
  table(1, 30, 2, 9);
  assert.deepEqual(frames(), [[10, 0, "1"], [20, 1, "5"]]);
});

Deno.test("however many tables come, few are held, the newest among them", () => {
  const table = tableOf(new Record("r", () => {}), "layers");
  for (let i = 0; i < 5000; i++) {
    table.take({ step: i, data: { epoch: i, rows: ["a"], columns: ["b"], values: [[i]] } });
  }
  assert.ok(table.frames.length <= 400);
  assert.equal(table.frames.at(-1).epoch, 4999);
});
