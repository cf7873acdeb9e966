import assert from "node:assert/strict";
import { pieces, tone } from "../../../dashboard/page/charts/tones.js";

const GRAY = "#777777";
globalThis.devicePixelRatio = 1;

/** A plot of steps [0, 100] on 100 pixels, and the stops of the gradient that it is drawn with. */
function plot() {
  const stops = [];
  const gradient = { addColorStop: (at, color) => stops.push([at, color]) };
  const u = {
    bbox: { left: 10, width: 100 },
    scales: { x: { min: 0, max: 100 } },
    ctx: { createLinearGradient: () => gradient },
  };
  return { u, stops, gradient };
}

Deno.test("a line that shares nothing in view has its own color", () => {
  const { u } = plot();
  assert.equal(tone(u, { begin: 0, own: 0 }, "#ff0000", GRAY), "#ff0000");
  u.scales.x.min = 60;
  assert.equal(tone(u, { begin: 50, own: 50 }, "#ff0000", GRAY, 0.5), "#ff000080");
});

Deno.test("a shared past is gray where this line draws it, and clear where another one does", () => {
  const first = plot();
  assert.equal(tone(first.u, { begin: 0, own: 50 }, "#ff0000", GRAY), first.gradient);
  assert.deepEqual(first.stops, [[0, GRAY], [0.5, GRAY], [0.5, "#ff0000"], [1, "#ff0000"]]);
  const second = plot();
  tone(second.u, { begin: 30, own: 50 }, "#ff0000", GRAY);
  assert.deepEqual(second.stops.slice(0, 3), [[0, "#00000000"], [0.3, "#00000000"], [0.3, GRAY]]);
});

Deno.test("in a file a curve is cut where its own part begins, and both parts meet", () => {
  const curve = { line: { color: "#ff0000" }, raw: null, solid: [1, 2, 3, 4] };
  const x = [0, 10, 20, 30];
  const [past, own] = pieces(curve, x, { begin: 0, own: 20 }, GRAY);
  assert.deepEqual([past.line.color, past.solid], [GRAY, [1, 2, 3, null]]);
  assert.deepEqual([own.line.color, own.solid], ["#ff0000", [null, null, 3, 4]]);
  assert.deepEqual(pieces(curve, x, { begin: 20, own: 20 }, GRAY).map(({ solid }) => solid), [
    [null, null, 3, 4],
  ]);
  assert.equal(pieces(curve, x, { begin: 0, own: 0 }, GRAY)[0], curve);
});
