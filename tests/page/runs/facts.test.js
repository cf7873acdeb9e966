import assert from "node:assert/strict";
import { elapsed, fieldOf, isText, runCount, stateCounts } from "../../../dashboard/page/runs/facts.js";

Deno.test("a name that is no field is a setting", () => {
  assert.equal(fieldOf("best"), "best");
  assert.equal(fieldOf("alpha"), "settings.alpha");
  assert.equal(fieldOf("settings.alpha"), "settings.alpha");
  assert.deepEqual(["name", "best", "settings.alpha"].map(isText), [true, false, false]);
});

Deno.test("states are counted, those that ended first", () => {
  assert.equal(
    stateCounts([{ state: "queued" }, { state: "running" }, { state: "completed" }, { state: "queued" }]),
    "1 completed, 1 running, 2 queued",
  );
  assert.equal(stateCounts([]), "");
});

Deno.test("a run that was not started has taken no time", () => {
  assert.equal(elapsed({ started: null, finished: null }), null);
  assert.equal(elapsed({ started: 10, finished: 14 }), 4);
});

Deno.test("one run is singular", () => {
  assert.deepEqual([1, 2, 3000].map(runCount), ["1 run", "2 runs", "3,000 runs"]);
});
