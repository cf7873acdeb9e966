import assert from "node:assert/strict";
import { reachOf } from "../../../dashboard/page/runs/reach.js";
import { steerOrder } from "../../../dashboard/page/runs/steer.js";

const LR = { type: "number", default: 0.05, exclusiveMinimum: 0, maximum: 100 };

Deno.test("a learning rate is changed by factors, and each place of its slider is a value of it", () => {
  const { places, valueOf, placeOf } = reachOf(LR, 0.05);
  assert.deepEqual([valueOf(0), valueOf(places / 2), valueOf(places)], [0.0005, 0.05, 5]);
  assert.deepEqual([placeOf(0.0005), placeOf(0.05), placeOf(0)], [0, places / 2, 0]);
});

Deno.test("other sliders are to scale and reach twice the usual value, or the limit", () => {
  const alpha = reachOf({ type: "number", default: 1.5, minimum: 0, maximum: 100 }, 0.8);
  assert.deepEqual([alpha.valueOf(0), alpha.valueOf(alpha.places), alpha.placeOf(1.5)], [0, 3, 100]);
  const rate = reachOf({ type: "number", default: 0.5, minimum: 0, maximum: 1 }, 0.5);
  assert.equal(rate.valueOf(rate.places), 1);
  const whole = reachOf({ type: "integer", default: 8, minimum: 1 }, 8);
  assert.deepEqual([whole.places, whole.valueOf(7), whole.placeOf(8)], [15, 8, 7]);
});

Deno.test("alpha, strategy and learning rate come first, housekeeping is folded", () => {
  const names = ["strategy", "noise", "alpha", "log_every", "keep_best", "lr"];
  assert.deepEqual(steerOrder(names), [["alpha", "strategy", "lr", "noise"], ["log_every", "keep_best"]]);
});
