import assert from "node:assert/strict";
import {
  completed,
  merit,
  objective,
  scaleOf,
  trialWords,
} from "../../../dashboard/page/charts/search/axis.js";

const trial = (number, value, state = "completed") => ({ number, value, state, values: { alpha: 0.5 } });

Deno.test("a value lies on its axis as the axis is spread", () => {
  assert.equal(scaleOf("alpha", { low: 0, high: 4 }).place(1), 0.25);
  assert.ok(Math.abs(scaleOf("lr", { low: 0.01, high: 1, log: true }).place(0.1) - 0.5) < 1e-9);
  assert.equal(scaleOf("mode", { choices: ["a", "b", "c"] }).place("b"), 0.5);
  assert.equal(scaleOf("flag", { choices: [1, true] }).place(true), 1);
  assert.equal(scaleOf("one", { choices: ["a"] }).place("a"), 0);
});

Deno.test("both ends of a range are named, and nothing so near that words would meet", () => {
  const { ticks } = scaleOf("lr", { low: 0.0009, high: 0.3, log: true });
  assert.equal(ticks[0].at, 0);
  assert.equal(ticks.at(-1)?.at, 1);
  for (const [i, tick] of ticks.slice(1).entries()) assert.ok(tick.at - ticks[i].at > 0.05);
});

Deno.test("the best is the greatest or the least, as the search has it", () => {
  assert.deepEqual([0.2, 0.6].map(merit([0.2, 0.6], true)), [0, 1]);
  assert.deepEqual([0.2, 0.6].map(merit([0.2, 0.6], false)), [1, 0]);
  assert.equal(merit([0.5], true)(0.5), 1);
});

Deno.test("only completed trials have a value", () => {
  const trials = [trial(0, 0.5), trial(1, null, "failed"), trial(2, null, "running")];
  assert.deepEqual(completed(trials).map((one) => one.number), [0]);
});

Deno.test("an accuracy is said as per cent, and equal values have an axis", () => {
  const search = { series: "val.accuracy", space: {} };
  assert.equal(trialWords(trial(7, 0.712), search), "trial 7 · 71.2 % · alpha 0.5");
  assert.equal(objective("val.loss", [2, 2]).place(2), 0.5);
});
