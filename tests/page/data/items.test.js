import assert from "node:assert/strict";
import { seenAt, stepsOf } from "../../../dashboard/page/data/items.js";

const ITEMS = [
  { name: "map", step: 0, digest: "a" },
  { name: "words", step: 5, digest: "b" },
  { name: "map", step: 5, digest: "c" },
  { name: "map", step: 9, digest: "d" },
];

Deno.test("at a step one sees of each name the newest item up to it", () => {
  assert.deepEqual(stepsOf(ITEMS), [0, 5, 9]);
  const seen = (step) => seenAt(ITEMS, step).map(({ digest }) => digest).join("");
  assert.deepEqual([0, 4, 5, 8, 9].map(seen), ["a", "a", "cb", "cb", "db"]);
  assert.deepEqual(seenAt(ITEMS, -1), []);
});
