import assert from "node:assert/strict";
import { huesOf } from "../../../dashboard/page/charts/hues.js";

const hues = (...names) => Object.fromEntries(huesOf(names));

Deno.test("a well-known modality has its hue alone, beside others, and in any order", () => {
  assert.deepEqual(hues("visual"), { visual: 1 });
  assert.deepEqual(hues("audio", "visual"), { audio: 0, visual: 1 });
  assert.deepEqual(hues("text", "visual", "audio"), { audio: 0, visual: 1, text: 2 });
});

Deno.test("another modality's hue follows from its letters, and is never that of one beside it", () => {
  assert.deepEqual(hues("sensor", "audio"), { audio: 0, sensor: 2 });
  assert.deepEqual(hues("a", "b", "c"), hues("c", "a", "b"));
  for (const names of [["fast", "slow", "slow2"], ["rgb", "flow", "depth", "audio", "visual", "text"]]) {
    assert.equal(new Set(huesOf(names).values()).size, names.length);
  }
  assert.equal(huesOf(["a", "b", "c", "d", "e", "f", "g"]).size, 7);
});
