import assert from "node:assert/strict";
import { shortById, shortNames as short, tailOf } from "../../../dashboard/page/runs/names.js";

Deno.test("names lose what all have, and long ones their middle", () => {
  assert.deepEqual(short(["ogm-ge epochs=3 alpha=0.1", "ogm-ge epochs=3 alpha=1.5"]), [
    "alpha=0.1",
    "alpha=1.5",
  ]);
  assert.deepEqual(short(["a", "a"]), ["a", "a"]);
  assert.deepEqual(short(["seed 0", "seed 1"]), ["seed 0", "seed 1"], "short ones stay");
  assert.deepEqual(short(["x".repeat(60)]), [`${"x".repeat(16)} … ${"x".repeat(21)}`]);
});

Deno.test("runs of one name are told apart", () => {
  const names = shortById([
    { id: "aaaa11", name: "ogm-ge epochs=24 seed=0" },
    { id: "bbbb22", name: "ogm-ge epochs=24 seed=0" },
    { id: "cccc33", name: "ogm-ge epochs=24 seed=1" },
  ]);
  assert.deepEqual([...names.values()], ["seed=0 (aaaa)", "seed=0 (bbbb)", "seed=1"]);
});

Deno.test("the end of a name that stays in sight begins at a word", () => {
  const end = (name) => name.slice(tailOf(name));
  assert.equal(end("ogm train_size=256 batch_size=16 epochs=4 seed=2"), " epochs=4 seed=2");
  assert.equal(end("joint seed=1"), "joint seed=1");
  assert.equal(end("x".repeat(50)), "x".repeat(20));
});
