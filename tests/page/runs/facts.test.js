import assert from "node:assert/strict";
import {
  elapsed,
  facts,
  fieldOf,
  isText,
  powerWords,
  repeated,
  runCount,
  stateCounts,
} from "../../../dashboard/page/runs/facts.js";

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

Deno.test("a run that was not started has taken no time, and a pause takes none", () => {
  assert.equal(elapsed({ started: null, trained_s: 0, training_since: null }), null);
  assert.equal(elapsed({ started: 10, trained_s: 4, training_since: null }), 4);
  const now = Date.now() / 1000;
  assert.equal(Math.round(elapsed({ started: 10, trained_s: 4, training_since: now - 6 }) ?? 0), 10);
});

Deno.test("a run that was steered is known by all that it trained with", () => {
  const spec = { dataset: "d", fusion: "f", strategy: "joint", encoders: {} };
  const course = { strategy: "steered: ogm → joint" };
  const run = /** @type {import("../../../dashboard/page/api/schema.d.ts").Run} */ (
    /** @type {unknown} */ ({ spec, settings: { alpha: 1 }, course })
  );
  assert.deepEqual(facts(run), { dataset: "d", fusion: "f", strategy: "steered: ogm → joint", alpha: 1 });
});

Deno.test("repeats are said", () => {
  assert.deepEqual([0, 1, 2].map(repeated), ["", ", 1 repeat not counted", ", 2 repeats not counted"]);
});

Deno.test("one run is singular", () => {
  assert.deepEqual([1, 2, 3000].map(runCount), ["1 run", "2 runs", "3,000 runs"]);
});

Deno.test("what runs can't show is said of the test, else of the validation", () => {
  assert.equal(powerWords({ power: { best: "validation", "test.accuracy": "test" } }), "test");
  assert.equal(powerWords({ power: { best: "validation" } }), "validation");
  assert.equal(powerWords({ power: {} }), "");
});
