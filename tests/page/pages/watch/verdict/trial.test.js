import assert from "node:assert/strict";
import {
  asCandidates,
  cells,
  cost,
  gained,
} from "../../../../../dashboard/page/pages/watch/verdict/trial.js";

const USUAL = {
  candidates: [{ strategy: "opm" }, { strategy: "ogm" }],
  seeds: [0, 1, 2],
  horizon: 6,
  minutes: 9,
  control: "joint",
  trainings: 9,
};

Deno.test("a line is a candidate: a strategy, settings, or both", () => {
  assert.deepEqual(asCandidates("ogm-ge, alpha=0.8\n\n opm \nlr=0.1"), [
    { name: "", strategy: "ogm-ge", settings: { alpha: "0.8" } },
    { name: "", strategy: "opm", settings: {} },
    { name: "", strategy: "", settings: { lr: "0.1" } },
  ]);
});

Deno.test("what a trial costs follows its candidates, seeds and epochs", () => {
  assert.equal(cost(USUAL, USUAL), "9 runs with the control (joint), about 9.0 minutes on one worker.");
  const less = { candidates: [{ strategy: "opm" }], seeds: [0], horizon: 3 };
  assert.equal(cost(USUAL, less), "2 runs with the control (joint), about 1.0 minutes on one worker.");
  assert.equal(cost({ ...USUAL, minutes: null }, USUAL), "9 runs with the control (joint).");
});

Deno.test("an advantage is said in points, with its interval where there is one", () => {
  assert.equal(gained({ pairs: 3, mean: 0.084, low: -0.011, high: 0.179 }), "+8.4 [−1.1, +17.9]");
  assert.equal(gained({ pairs: 2, mean: -0.02 }), "−2.0");
  assert.equal(gained({ pairs: 0 }), "");
});

Deno.test("a candidate's line says where it came to and how it stands", () => {
  const ranking = { winner: "opm", control: "joint", over: true };
  const place = { name: "opm", runs: ["a"], rung: 138, accuracy: 0.84, minutes: 1.26, goes_on: true };
  const advantage = { pairs: 3, mean: 0.1, low: 0.05, high: 0.15, p_holm: 0.0123 };
  assert.deepEqual(cells({ ...place, advantage }, ranking), [
    "138",
    "84.0 %",
    "+10.0 [+5.0, +15.0]",
    "0.012",
    "1.3",
    "winner",
  ]);
  const early = { ...place, name: "ogm", rung: null, accuracy: null, goes_on: true };
  assert.deepEqual(cells(early, { ...ranking, over: false }).slice(-1), ["in the race"]);
  assert.deepEqual(cells({ ...early, name: "joint" }, ranking), ["–", "–", "–", "–", "1.3", "control"]);
});
