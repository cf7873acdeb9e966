import assert from "node:assert/strict";
import { ago, duration } from "../../../dashboard/page/lib/times.js";

Deno.test("durations grow coarser with their length", () => {
  assert.deepEqual([7, 750, 11_100, 187_200].map(duration), ["0:07", "12:30", "3 h 05 min", "2 d 4 h"]);
});

Deno.test("a time that has passed is said in minutes and hours", () => {
  assert.deepEqual([59, 125, 7300].map((s) => ago(1e9 - s, 1e9)), ["just now", "2 min ago", "2 h ago"]);
});
