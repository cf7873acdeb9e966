import assert from "node:assert/strict";
import {
  gapWords,
  lead,
  leaning,
  logShare,
  meanNow,
  needleAt,
  needleMost,
  recent,
  shade,
} from "../../../dashboard/page/data/balance.js";
import { Bins } from "../../../dashboard/page/data/bins.js";
import { close } from "../close.js";

Deno.test("the needle is in the middle when even, and leans as far to either side", () => {
  const at = [1, 10, 0.1, 2, 0.5, 1e9, 0, NaN].map((ratio) => needleAt(ratio, 10));
  assert.deepEqual(at.slice(0, 3), [0.5, 1, 0]);
  close(at[3] - 0.5, 0.5 - at[4]);
  close(at[3], 0.5 + Math.log10(2) / 2);
  assert.deepEqual(at.slice(5), [1, 0, 0.5]);
});

Deno.test("the scale holds every ratio and stays calm", () => {
  const given = [[1, 3], [0.05], [], [NaN, 5000], [0.5, 99]];
  assert.deepEqual(given.map(needleMost), [10, 100, 10, 1000, 100]);
});

Deno.test("the needle shows the last twenty steps and the spread of the last hundred", () => {
  const bins = new Bins();
  for (let i = 0; i < 300; i++) bins.add(i, i < 280 ? (i % 2 ? 1 : 4) : 2);
  const now = recent(bins, null);
  assert.deepEqual([now.step, now.low, now.high], [299, 1, 4]);
  close(now.mean, 2);
  assert.deepEqual(recent(bins, 100), { step: 100, mean: 4, low: 1, high: 4 });
  assert.equal(recent(new Bins(), null), null);
  assert.deepEqual([meanNow(bins), meanNow(new Bins()), meanNow(undefined)], [now.mean, null, null]);
});

Deno.test("who leads is put into words", () => {
  const words = ([audio, visual]) =>
    lead([{ name: "audio", ratio: audio }, { name: "visual", ratio: visual }]).words;
  assert.deepEqual([[3.21, 0.31], [1.04, 0.96], [0.07, 14.2]].map(words), [
    "audio 3.2× ahead",
    "balanced",
    "visual 14× ahead",
  ]);
  assert.equal(lead([]).words, "balanced");
});

Deno.test("a modality whose ratio is NaN leads nobody", () => {
  const bins = new Bins();
  bins.add(0, NaN);
  bins.add(1, NaN);
  const at = recent(bins, null);
  assert.equal(at.step, 1);
  assert.ok(Number.isNaN(at.mean));
  const leader = lead([{ name: "audio", ratio: at.mean }, { name: "visual", ratio: 2 }]);
  assert.deepEqual([leader.name, leader.words], ["", "rho of audio is NaN"]);
});

Deno.test("shades grow lighter all the way, also for those who see no colors", () => {
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = Array.from({ length: 41 }, (_, i) => {
    const [r, g, b] = shade(i / 40).match(/\d+/g).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  for (let i = 1; i < light.length; i++) assert.ok(light[i - 1] < light[i], `shade ${i}`);
  assert.ok(light.at(-1) - light[0] > 0.6);
});

Deno.test("a shade is a place on a logarithmic scale, and what has no logarithm has none", () => {
  const at = [0.01, 0.1, 1, 5, 0, -1, NaN].map((value) => logShare(value, 0.01, 1));
  close(at[1], 0.5);
  assert.deepEqual([at[0], ...at.slice(2)], [0, 1, 1, null, null, null]);
});

Deno.test("classes are sorted by who is ahead, and those without examples are left out", () => {
  const columns = ["examples", "accuracy", "score.a", "accuracy.a", "score.b", "accuracy.b"];
  const none = [0, NaN, NaN, NaN, NaN, NaN];
  const values = [[5, 0.5, 0.1, 0, 0.4, 1], [5, 1, 0.9, 1, 0.1, 0], none, [5, 0, 0.2, 0, 0.2, 0]];
  const table = { rows: ["cat", "dog", "none", "ape"], columns };
  const rows = leaning(table, { values }, ["a", "b"]);
  assert.deepEqual(rows.map((row) => row.name), ["dog", "ape", "cat"]);
  [9, 1, 0.25].forEach((ratio, i) => close(rows[i].ratio, ratio));
  assert.deepEqual(rows.map((row) => row.accuracy), [1, 0, 0.5]);
  const others = leaning(table, { values }, ["b", "a"]);
  assert.deepEqual(others.map((row) => row.name), ["cat", "ape", "dog"]);
});

Deno.test("a gap is put into points", () => {
  assert.equal(gapWords("visual", 0.612, 0.85), "visual: 61.2 %, alone 85.0 %: 23.8 points behind");
  assert.equal(gapWords("audio", 0.75, 0.73), "audio: 75.0 %, alone 73.0 %: 2.0 points ahead");
  assert.equal(gapWords("audio", 0.5, 0.5), "audio: 50.0 %, alone 50.0 %: level");
  assert.equal(gapWords("audio", 0.5, null), "audio: 50.0 %");
});
