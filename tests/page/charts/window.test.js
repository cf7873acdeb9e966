import assert from "node:assert/strict";
import { Window } from "../../../dashboard/page/charts/window.js";

Deno.test("small moves of the window add up and stay within the run", () => {
  const window = new Window();
  window.to(100, 110, 1000);
  for (let i = 0; i < 50; i++) window.pan(0.02, 1000);
  assert.deepEqual(window.at, [110, 120]);
  for (let i = 0; i < 500; i++) window.pan(0.9, 1000);
  assert.deepEqual(window.at, [990, 1000]);
  for (let i = 0; i < 500; i++) window.pan(-0.9, 1000);
  assert.deepEqual(window.at, [0, 10]);
});

Deno.test("what is seen whole is not moved, and follows again once all is seen", () => {
  const window = new Window();
  assert.equal(window.pan(0.3, 500), false);
  window.scale(0.5, 0.5, 500);
  assert.deepEqual(window.at, [125, 375]);
  window.scale(4, 0.5, 500);
  assert.equal(window.at, null);
});

for (const text of ["", "5", "9-3", "a-b", "-4-9", "1.5-7", "3-3"]) {
  Deno.test(`"${text}" is no zoom and is not taken`, () => assert.equal(Window.read(text), null));
}
