import assert from "node:assert/strict";

/* A browser's clock, of which a test is the time: frames come every 1000 / 60 ms. */
const FRAME = 1000 / 60;
let now = 0;
/** @type {{ at: number, run: () => void }[]} */
let due = [];
const place = (/** @type {() => void} */ run, /** @type {number} */ at) => due.push({ at, run });
Object.assign(globalThis, {
  requestAnimationFrame: (/** @type {() => void} */ run) => place(run, FRAME * (Math.floor(now / FRAME) + 1)),
  cancelAnimationFrame: () => {},
  setTimeout: (/** @type {() => void} */ run, ms = 0) => place(run, now + ms),
  clearTimeout: () => {},
});
performance.now = () => now;
const { Loop } = await import("../../../dashboard/page/charts/loop.js");

/**
 * When it is drawn, if something changes this often for a second.
 * @param {number} every
 */
function drawn(every) {
  [now, due] = [0, []];
  /** @type {number[]} */
  const times = [];
  const loop = new Loop(() => times.push(now));
  for (let at = every; at < 1000; at += every) place(() => loop.ask(), at);
  while (due.length) {
    due.sort((a, b) => a.at - b.at);
    const { at, run } = /** @type {{ at: number, run: () => void }} */ (due.shift());
    now = at;
    run();
  }
  return times;
}

Deno.test("what changes all the time is drawn with every second or third frame, 24 times a second", () => {
  const times = drawn(4);
  const gaps = times.slice(1).map((time, i) => Math.round((time - times[i]) / FRAME));
  assert.deepEqual([...new Set(gaps)].sort(), [2, 3]);
  assert.ok(Math.abs(times.length - 24) <= 1, `${times.length} times`);
});

Deno.test("what changes seldom is drawn with the next frame", () => {
  const times = drawn(200);
  assert.equal(times.length, 4);
  times.forEach((time, i) => assert.ok(time - 200 * (i + 1) <= FRAME + 0.01));
});
