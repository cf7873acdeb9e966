import assert from "node:assert/strict";
import { Painter } from "../../../dashboard/page/charts/painter.js";

Deno.test("a frame draws what fits, and the next one goes on with the rest", () => {
  const painter = new Painter();
  const drawn = [];
  const cards = [..."abcdef"].map((name) => ({
    name,
    visible: name !== "f",
    seen: true,
    ready: true,
    forget() {},
    measure() {},
  }));
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

Deno.test("a card near the screen is drawn seldom, one on it with every change", () => {
  const painter = new Painter();
  const drawn = [];
  const steps = [];
  const card = (name, seen) => ({
    name,
    seen,
    visible: true,
    ready: true,
    forget() {},
    measure: () => steps.push(`measure ${name}`),
  });
  const cards = [card("on", true), card("near", false)];
  const draw = ({ name }) => {
    drawn.push(name);
    steps.push(`draw ${name}`);
  };
  for (let step = 1; step <= 5; step++) painter.paint(cards, step, new Map([["r", step]]), draw);
  assert.equal(drawn.filter((name) => name === "on").length, 5);
  assert.equal(drawn.filter((name) => name === "near").length, 1);
  assert.equal(painter.aside, true, "it waits for its time");
  assert.equal(painter.reached(cards, "r", 5), 5, "what is out of sight holds nobody up");
  assert.deepEqual(steps.slice(0, 4), ["measure on", "measure near", "draw on", "draw near"]);
  cards[1].seen = true;
  painter.paint(cards, Infinity, new Map([["r", 5]]), draw);
  assert.equal(drawn.at(-1) === "near" || drawn.at(-2) === "near", true, "at once when it comes into sight");
  assert.equal(painter.aside, false);
});

Deno.test("a page that is not seen yet draws all in sight at once, and what is near the screen later", () => {
  const painter = new Painter();
  const drawn = [];
  const card = (name, seen) => ({ name, seen, visible: true, ready: true, forget() {}, measure() {} });
  const cards = [card("near", false), ...[..."abcdef"].map((name) => card(name, true))];
  const slow = ({ name }, since) => {
    if (since === Infinity) return;
    drawn.push(name);
    for (const t = performance.now(); performance.now() - t < 12;);
  };
  const lasts = new Map([["r", 10]]);
  assert.equal(painter.paint(cards, 10, lasts, slow, true), false, "one is left");
  assert.equal(drawn.join(""), "abcdef");
  assert.equal(painter.reached(cards, "r", 10), 10);
  assert.equal(painter.paint(cards, Infinity, lasts, slow), true);
  assert.equal(drawn.at(-1), "near");
});
