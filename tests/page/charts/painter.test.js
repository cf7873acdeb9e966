import assert from "node:assert/strict";
import { Painter } from "../../../dashboard/page/charts/painter.js";

Deno.test("a frame draws what fits, and the next one goes on with the rest", () => {
  const painter = new Painter();
  const drawn = [];
  const cards = [..."abcdef"].map((name) => ({ name, visible: name !== "f", ready: true, forget() {} }));
  const slow = (card, since) => {
    if (since === Infinity) return;
    drawn.push(card.name);
    for (const t = performance.now(); performance.now() - t < 12;);
  };
  const lasts = (n) => new Map([["r", n]]);
  const first = painter.paint(cards, 10, lasts(10), slow);
  painter.paint(cards, 11, lasts(11), slow);
  while (!painter.paint(cards, Infinity, lasts(11), slow));
  assert.deepEqual(drawn.slice(0, 3), ["a", "b", "c"]);
  assert.deepEqual(drawn.slice(3, 5), ["d", "e"], "those that waited come first");
  assert.equal(first, false);
  assert.equal(painter.reached(cards, "r", 11), 11);
});
